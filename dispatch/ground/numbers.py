"""Telephone numbers however they are written: with blanks, a country's code, or full-width digits."""

from __future__ import annotations

import re
import unicodedata

LEAST_DIGITS = 5
MOST_DIGITS = 60
# A number as it is written, and nothing else.
WRITTEN = re.compile(r"\+?[\d\s()./\-]+")
# The zero that only a caller inside the country dials.
INNER_ZERO = re.compile(r"\(\s*0\s*\)")


def plain_text(text: str) -> str:
    """A text in plain lower-case characters: full-width letters and digits become ordinary ones.

    Parameters
    ----------
    text : as somebody typed it.

    Returns
    -------
    str
        For comparing, not for showing.
    """
    return unicodedata.normalize("NFKC", text).casefold()


def digits_of(text: str) -> str:
    """The digits of a number, without the zeros in front that only a dialling person needs.

    >>> digits_of("+56 51 200-0005"), digits_of("００５６（５１）2000005"), digits_of("051 200 0005")
    ('56512000005', '56512000005', '512000005')

    Parameters
    ----------
    text : as somebody typed it.

    Returns
    -------
    str
        Digits alone; may be empty.
    """
    found = INNER_ZERO.sub("", unicodedata.normalize("NFKC", text))
    return "".join(str(unicodedata.decimal(each)) for each in found if each.isdecimal()).lstrip("0")[
        :MOST_DIGITS
    ]


def number_in(text: str) -> str:
    """The digits of a text that is a telephone number or a good part of one; empty when it is none.

    Parameters
    ----------
    text : as somebody typed it.

    Returns
    -------
    str
        Digits alone.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = digits_of(plain)
    return digits if WRITTEN.fullmatch(plain) and len(digits) >= LEAST_DIGITS else ""


def fits(asked: str, known: str) -> bool:
    """Whether what somebody asks for may be a known number, both as digits.

    Nobody knows which of them has the country's code in front, or whether all of it was typed.

    Parameters
    ----------
    asked : digits that are looked for.
    known : digits of a number.

    Returns
    -------
    bool
        True also for a part of the number.
    """
    return asked in known or (len(known) >= LEAST_DIGITS and asked.endswith(known))
