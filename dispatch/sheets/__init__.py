"""Route sheets: what a crew carries, as HTML and as PDF."""

from __future__ import annotations

from collections.abc import Mapping

from ..ground.day import DayPlan
from .alphabet import letters_of_day
from .content import letters
from .fonts import ALWAYS, NoFont, find_font
from .html import html_page
from .paper import Typeface
from .pdf import pdf_bytes
from .sheet import Reported, Sheet, route_sheet
from .words import words_of

__all__ = ["NoFont", "Reported", "Sheet", "route_sheet", "sheet_html", "sheet_pdf", "sheet_pdfs"]


def sheet_html(
    day: DayPlan,
    crew: str,
    *,
    lang: str = "en",
    link: str | None = None,
    reported: Mapping[str, Reported] | None = None,
) -> str:
    """Return a crew's route sheet as one HTML page that needs no other file.

    Parameters
    ----------
    crew : id of a crew on shift, or of the operator's desk.
    lang : ``en`` or ``zh``.
    link : where the crew finds this route on the phone; shown as a QR code.
    reported : by job, what has become of it by now.
    """
    return html_page(route_sheet(day, crew, reported), words_of(lang), link)


def sheet_pdf(
    day: DayPlan,
    crew: str,
    *,
    lang: str = "en",
    link: str | None = None,
    reported: Mapping[str, Reported] | None = None,
) -> bytes:
    """Return a crew's route sheet as PDF; see `sheet_html`. The same plan gives the same bytes.

    Raises
    ------
    NoFont
        When the sheet has Chinese letters and no font with them is found.
    """
    return sheet_pdfs(day, {crew: link}, lang=lang, reported=reported)[crew]


def sheet_pdfs(
    day: DayPlan,
    crews: Mapping[str, str | None],
    *,
    lang: str = "en",
    reported: Mapping[str, Reported] | None = None,
) -> dict[str, bytes]:
    """Return the sheets of several crews as PDF, with a link each or None; quicker than one by one.

    Raises
    ------
    NoFont
        When a sheet has Chinese letters and no font with them is found.
    """
    words, typeface = words_of(lang), Typeface(find_font())
    sheets = {crew: route_sheet(day, crew, reported) for crew in crews}
    wanted = set(letters_of_day(day, words.lang)).union(
        ALWAYS, *(letters(sheet, words) for sheet in sheets.values())
    )
    cut = "".join(sorted(wanted))
    return {crew: pdf_bytes(sheet, words, typeface, cut, crews[crew]) for crew, sheet in sheets.items()}
