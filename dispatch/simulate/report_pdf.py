"""The report on paper: A4, one PDF that looks the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF

from ..sheets.fonts import ALWAYS, find_font
from ..sheets.paper import POINT_MM, Paper, Typeface
from .plots import HEIGHT, WIDTH, Points
from .report import Report

MARGIN = 15.0
PAPER_MM = 210.0 - 2 * MARGIN
FOOT_MM = 297.0 - 16.0
UNIT_MM = PAPER_MM / WIDTH
TEXT_PT = 9.5
SMALL_PT = 7.5
SIGNS = "“”（），。：；、·％"
FIRST_COLUMN = 0.3


def report_pdf(report: Report) -> bytes:
    """The report as a PDF file; the same report gives the same bytes.

    Raises
    ------
    dispatch.sheets.fonts.NoFont
        When no font is found that can show what it says.
    """
    paper = _Paper(report)
    paper.heading(report.title, 16)
    paper.paragraph(report.intro)
    paper.heading(report.words("out"))
    paper.paragraph(report.words("out_note"), SMALL_PT)
    paper.plot(HEIGHT, report.draw_out)
    paper.heading(report.words("restored"), room_mm=report.restored_height * UNIT_MM)
    paper.paragraph(report.words("restored_note"), SMALL_PT)
    paper.plot(report.restored_height, report.draw_restored)
    if report.has_busy:
        paper.heading(report.words("busy"), room_mm=HEIGHT * UNIT_MM)
        paper.paragraph(report.words("busy_note"), SMALL_PT)
        paper.plot(HEIGHT, report.draw_busy)
    _differences(paper, report)
    paper.heading(report.words("figures"))
    paper.table(report.figures())
    for section in report.sections:
        paper.heading(section.title)
        paper.paragraph(section.note, SMALL_PT)
        paper.table(section.rows)
    paper.heading(report.words("repeat"))
    paper.paragraph(report.repeat)
    paper.lines(report.settings_in_short())
    return paper.output()


def _differences(paper: _Paper, report: Report) -> None:
    """The alternatives against the base."""
    paper.heading(report.words("differences", base=report.study.base))
    differences = report.differences()
    if differences:
        paper.paragraph(report.together, SMALL_PT)
        paper.table(differences)
    else:
        paper.paragraph(report.words("one"))


class _Document(FPDF):
    """A4 with the report's name and the page at its foot."""

    foot = ""
    pages_text = ""

    def footer(self) -> None:
        self.set_font_size(7)
        self.text(MARGIN, 297 - 9, self.foot)
        self.set_xy(210 - MARGIN - 50, 297 - 12)
        self.cell(50, 4, self.pages_text.replace("{page}", str(self.page_no())), align="R")


class _Paper(Paper):
    """Writes a report."""

    def __init__(self, report: Report) -> None:
        document = _Document(unit="mm", format="A4")
        super().__init__(
            document,
            Typeface(find_font()),
            _letters(report),
            title=report.title,
            made_at=report.study.start,
            chinese=report.language == "zh",
            margin=MARGIN,
            bottom=FOOT_MM,
        )
        self.pdf.set_font(self.family, size=TEXT_PT)
        document.foot = self.typeface.shown(report.title)
        document.pages_text = self.typeface.shown(report.words("page", pages="{nb}"))
        document.add_page()

    def heading(self, text: str, size_pt: float = 12.0, room_mm: float = 30.0) -> None:
        """A line that stays with what follows."""
        self.room(room_mm + 10)
        self.y += 3 if self.y > MARGIN else 0
        with self.pdf.local_context(text_mode="FILL_STROKE", line_width=size_pt * POINT_MM * 0.03):
            for line in self.wrapped(text, PAPER_MM, size_pt=size_pt):
                self._write(MARGIN, line, size_pt)
        self.y += 1.5

    def paragraph(self, text: str, size_pt: float = TEXT_PT) -> None:
        """Text over the whole width."""
        for line in self.wrapped(text, PAPER_MM, size_pt=size_pt):
            self.room(size_pt * POINT_MM * 1.4)
            self._write(MARGIN, line, size_pt)
        self.y += 1.5

    def lines(self, text: str) -> None:
        """Settings, line by line with their indents."""
        for line in text.splitlines():
            indent = (len(line) - len(line.lstrip())) * 1.6
            for part in self.wrapped(line.strip(), PAPER_MM - indent, size_pt=6.5):
                self.room(6.5 * POINT_MM * 1.4)
                self._write(MARGIN + indent, part, 6.5)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table with its head again on each page."""
        first = PAPER_MM * FIRST_COLUMN
        others = (PAPER_MM - first) / max(1, len(rows[0]) - 1)
        widths = [first, *([others] * (len(rows[0]) - 1))]
        self._row(rows[0], widths)
        for row in rows[1:]:
            if self.room(self._row_mm(row, widths)):
                self._row(rows[0], widths)
            self._row(row, widths)
        self.y += 2

    def _row_mm(self, row: Sequence[str], widths: Sequence[float]) -> float:
        most = max(
            len(self.wrapped(text, w - 2, size_pt=SMALL_PT)) for text, w in zip(row, widths, strict=True)
        )
        return most * SMALL_PT * POINT_MM * 1.35 + 1.2

    def _row(self, row: Sequence[str], widths: Sequence[float]) -> None:
        top, x = self.y, MARGIN
        for number, (text, width) in enumerate(zip(row, widths, strict=True)):
            self.y = top
            for line in self.wrapped(text, width - 2, size_pt=SMALL_PT):
                shift = 0.0 if number == 0 else width - 1 - self._width(line, SMALL_PT)
                self._write(x + shift, line, SMALL_PT, 1.35)
            x += width
        self.y = top + self._row_mm(row, widths)
        self.pdf.set_draw_color(190)
        self.pdf.set_line_width(0.15)
        self.pdf.line(MARGIN, self.y - 0.6, MARGIN + PAPER_MM, self.y - 0.6)
        self.pdf.set_draw_color(0)

    def plot(self, height: float, draw: object) -> None:
        """A plot over the whole width."""
        self.room(height * UNIT_MM + 2)
        assert callable(draw)
        draw(_PdfInk(self, self.y))
        self.y += height * UNIT_MM + 2

    def _write(self, x: float, text: str, size_pt: float, leading: float = 1.4) -> None:
        self.pdf.set_font_size(size_pt)
        self.y += size_pt * POINT_MM * leading
        self.pdf.text(x, self.y - size_pt * POINT_MM * 0.3, text)

    def _width(self, text: str, size_pt: float) -> float:
        return self.width_per_pt(text) * size_pt


class _PdfInk:
    """Ink of a plot whose upper left corner is at the margin and at `top`."""

    def __init__(self, paper: _Paper, top: float) -> None:
        self.paper, self.pdf, self.top = paper, paper.pdf, top

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return MARGIN + x * UNIT_MM, self.top + y * UNIT_MM

    def line(self, points: Points, colour: str, width: float = 1.0, dashes: tuple[float, ...] = ()) -> None:
        """Draw through points."""
        self.pdf.set_draw_color(colour)
        self.pdf.set_line_width(width * UNIT_MM)
        if dashes:
            # The reader knows one dash and one gap only.
            self.pdf.set_dash_pattern(dash=dashes[0] * UNIT_MM, gap=dashes[1] * UNIT_MM)
        self.pdf.polyline([self._place(x, y) for x, y in points])
        self.pdf.set_dash_pattern()
        self.pdf.set_draw_color(0)

    def area(self, points: Points, colour: str) -> None:
        """Fill lightly."""
        with self.pdf.local_context(fill_opacity=0.15, fill_color=colour):
            self.pdf.polygon([self._place(x, y) for x, y in points], style="F")

    def text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Write with the foot at y."""
        shown = self.paper.typeface.shown(text)
        self.pdf.set_font_size(7.5)
        wide = self.pdf.get_string_width(shown)
        at_x, at_y = self._place(x, y)
        self.pdf.text(at_x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor], at_y, shown)


def _letters(report: Report) -> str:
    """Every letter that the report writes."""
    said = [report.title, report.intro, report.repeat, report.settings_in_short()]
    said += [
        report.words(key)
        for key in ("out", "out_note", "restored", "restored_note", "busy", "busy_note", "figures", "one")
    ]
    said += [
        report.words("differences", base=report.study.base),
        report.words("repeat"),
        report.words("page"),
    ]
    said += [report.words("hours_from"), report.together, report.words("to")]
    for section in report.sections:
        said += [section.title, section.note, *(cell for row in section.rows for cell in row)]
    for row in [*report.figures(), *report.differences()]:
        said += row
    return "".join(sorted({*ALWAYS, *SIGNS, *"".join(said)} - {"\n"}))
