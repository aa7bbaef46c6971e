"""Paper that prints the same everywhere: one small font, widths that are known, a place to write next."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fpdf import FPDF

from .fonts import PLAIN_SIGNS, is_plain, letters_of_font, no_font, small_font
from .wrapping import wrap

POINT_MM = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Typeface:
    """The font of a document: a file that is embedded, or the reader's own where that is enough."""

    path: Path | None

    def shown(self, text: str) -> str:
        """Return a text with every letter that the font lacks spelled out; none is dropped.

        Raises
        ------
        NoFont
            Without a font file, for letters that the reader's own fonts cannot show.
        """
        text = text.replace("\r", "").replace("\t", " ")
        if self.path is None:
            text = text.translate(PLAIN_SIGNS)
            if not is_plain(text):
                raise no_font(text)
            return text
        known = letters_of_font(self.path)
        return "".join(
            letter if ord(letter) in known or letter == "\n" else f"(U+{ord(letter):04X})" for letter in text
        )


class Paper:
    """A document that is written from top to bottom; `y` is where the next thing goes, in millimetres.

    Parameters
    ----------
    letters : what the font is cut down to, sorted.
    made_at : written into the file as its date, so that the same content gives the same bytes.
    margin, bottom : where the first thing on a page begins and the last may end, in millimetres.
    """

    def __init__(
        self,
        pdf: FPDF,
        typeface: Typeface,
        letters: str,
        *,
        title: str,
        made_at: datetime,
        chinese: bool,
        margin: float,
        bottom: float,
    ) -> None:
        self.pdf, self.typeface = pdf, typeface
        self.margin, self.bottom, self.y = margin, bottom, margin
        pdf.set_creation_date(made_at)
        pdf.set_title(title)
        pdf.set_lang("zh-CN" if chinese else "en")
        pdf.set_margins(margin, margin)
        pdf.set_auto_page_break(False)
        self.family = self._family(letters)
        self._widths: dict[str, float] = {}

    def _family(self, letters: str) -> str:
        path = self.typeface.path
        if path is None:
            return "helvetica"
        with tempfile.TemporaryDirectory() as folder:
            cut = Path(folder) / "letters.otf"
            cut.write_bytes(small_font(path, letters))
            self.pdf.add_font("letters", fname=cut)
        return "letters"

    def output(self) -> bytes:
        """Return the file."""
        out = io.BytesIO()
        self.pdf.output(out)
        return out.getvalue()

    def room(self, height: float) -> bool:
        """Go to the next page when less than `height` is left on this one."""
        if self.y + height <= self.bottom:
            return False
        self.pdf.add_page()
        self.y = self.margin
        return True

    def wrapped(self, text: str, width: float, *, size_pt: float) -> list[str]:
        """Break a text into lines of a width."""
        return wrap(self.typeface.shown(text), width / size_pt, self.width_per_pt)

    def width_per_pt(self, text: str) -> float:
        """Width in millimetres of a text in letters of one point."""
        known = self._widths
        for letter in text:
            if letter not in known:
                known[letter] = self.pdf.get_string_width(letter) / self.pdf.font_size_pt
        return sum(known[letter] for letter in text)
