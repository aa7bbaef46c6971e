"""From files to a checked case, or to the list of everything that is wrong with them."""

from __future__ import annotations

from .case import built_in_policies, load_case
from .decoding import MAX_BYTES
from .requests import read_requests

__all__ = ["MAX_BYTES", "built_in_policies", "load_case", "read_requests"]
