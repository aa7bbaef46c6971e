"""Forms of the customer desk: read into the same models as the API's bodies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from flask import request

from dispatch.ground.errors import InputFaults
from dispatch.live import Refused

from ..day.handwork import refusal_text
from ..entrance.asker import desk
from ..entrance.bodies import Body, form_as, moment_in
from ..words.wording import shown

Form = TypeVar("Form", bound=Body)


def of_form(
    model: type[Form], *, moments: Collection[str] = (), lists: Collection[str] = (), **more: Any
) -> Form:
    """What a form says, as the model of the API's body.

    Parameters
    ----------
    moments : fields with a time by the clock of the case.
    lists : fields that hold several names, each on its own or parted by semicolons.
    more : fields that the form leaves to the page.

    Raises
    ------
    InputFaults
        With everything that is wrong.
    """
    given = {name: zoned(request.form[name]) for name in moments if request.form.get(name)}
    parted = {name: names(request.form.getlist(name)) for name in lists if name in request.form}
    return form_as(model, **given, **parted, **more)


def zoned(text: str) -> str:
    """A time of a form, with the offset of the case's zone where it has none; what is none stays as it is."""
    try:
        return moment_in(text, desk().case.settings.zone).isoformat()
    except ValueError:
        return text


def names(texts: Collection[str]) -> list[str]:
    """Names out of one field or several, each once."""
    parts = (part.strip() for text in texts for part in text.replace("；", ";").split(";"))
    return list(dict.fromkeys(part for part in parts if part))


def wrong_of(do: Callable[[], Any]) -> str | None:
    """Do what a form asks for; why that cannot be, in the reader's language."""
    try:
        do()
    except Refused as error:
        return refusal_text(error)
    except InputFaults as error:
        return "; ".join(map(shown, error.faults))
    return None
