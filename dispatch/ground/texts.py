"""What is no text, though a sender may call it one."""

from __future__ import annotations

import re

# PostgreSQL takes no NUL, no encoding takes half a surrogate pair, and the other control characters are
# in no word that anybody says; tabs and line ends are.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def control_character(text: str) -> str | None:
    """The first character of a text that no text holds, as `U+0000`; None where there is none.

    Parameters
    ----------
    text : any text.

    Returns
    -------
    str or None
        The character by its number.
    """
    found = _CONTROL.search(text)
    return None if found is None else f"U+{ord(found[0]):04X}"
