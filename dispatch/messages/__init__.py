"""Telling people: what happens becomes messages, and messages are sent once."""

from .announcing import NoticeTooShort, announce
from .sending import Tally, send_due
from .telling import Teller
from .templates import Templates, load_templates

__all__ = ["NoticeTooShort", "Tally", "Teller", "Templates", "announce", "load_templates", "send_due"]
