"""Forms of the customer desk: read into the same models as the API's bodies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from dispatch.ground.errors import InputFaults
from dispatch.live import Refused

from ..day.handwork import refusal_text
from ..entrance.asker import desk
from ..words.wording import faults_of

Form = TypeVar("Form", bound=BaseModel)


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
    given: dict[str, Any] = {
        name: value for name, value in request.form.items() if name in model.model_fields and value != ""
    }
    given |= {name: zoned(given[name]) for name in moments if name in given}
    given |= {name: names(request.form.getlist(name)) for name in lists if name in request.form}
    try:
        return model.model_validate(given | more)
    except ValidationError as error:
        raise InputFaults(faults_of(error, model)) from error


def zoned(text: str) -> str:
    """A time of a form, with the offset of the case's zone where it has none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=desk().case.settings.zone)).isoformat()


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
        return str(error)
    return None
