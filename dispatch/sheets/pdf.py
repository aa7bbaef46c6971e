"""A route sheet as PDF: A4, black and white, drawn with lines only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from fpdf import FPDF
from numpy.typing import NDArray

from .content import (
    Line,
    Tick,
    header_lines,
    notice_text,
    place_uri,
    rest_text,
    signed_text,
    stop_heading,
    stop_lines,
    stop_times,
    stop_uri,
    subtitle,
    ticks,
    title,
)
from .frame import Frame
from .paper import POINT_MM, Paper, Typeface
from .qr import qr_bars
from .sheet import RestStop, Sheet, Stop
from .sketch import Sketch
from .words import Words

MARGIN = 12.0
WIDTH = 210.0 - 2 * MARGIN
BOTTOM = 297.0 - 16.0
MAP_WIDTH = 58.0
GAP = 3.0
LABEL_WIDTH = 29.0
TEXT_PT, LINE_MM = 9.0, 4.3
TICK_MM = 3.4
WRITE_MM = 23.0
CODE_MM = 16.5
HEAD_MM = 9.0
SCALE_MM = 4.6
FOOT_RIGHT_MM = 32.0
"""All lengths in millimetres, letters in points."""


def pdf_bytes(sheet: Sheet, words: Words, typeface: Typeface, letters: str, link: str | None) -> bytes:
    """Return a route sheet as a PDF file; the same sheet gives the same bytes.

    Parameters
    ----------
    letters : what the font is cut down to; the same for all sheets of a day, so that it is cut once.
    link : where the crew finds this route on the phone; shown as a QR code.

    Raises
    ------
    NoFont
        When the font cannot show what the sheet says.
    """
    paper = _Paper(sheet, words, typeface, letters)
    paper.link = link
    paper.header(link)
    for row in sheet.rows:
        if isinstance(row, Stop):
            paper.stop(row)
        else:
            paper.rest(row)
    if not sheet.rows:
        paper.text(MARGIN, paper.y + 8, words("no_visits"))
    return paper.output()


class _Document(FPDF):
    """A4 with a line at the foot of each page."""

    foot: tuple[str, ...] = ()
    page_words: Words

    def footer(self) -> None:
        self.set_font_size(6.5)
        for number, line in enumerate(self.foot):
            self.text(MARGIN, 297 - 12 + 3 * number, line)
        self.set_xy(MARGIN + WIDTH - FOOT_RIGHT_MM, 297 - 14.6)
        page = self.page_words("page", page=self.page_no(), pages="{nb}")
        self.cell(FOOT_RIGHT_MM, 4, page, align="R")


class _Paper(Paper):
    """Draws a sheet; `link` is where the crew's phone finds it."""

    link: str | None = None

    def __init__(self, sheet: Sheet, words: Words, typeface: Typeface, letters: str) -> None:
        self.sheet, self.words = sheet, words
        document = _Document(unit="mm", format="A4")
        document.set_author("gridcrew")
        document.page_words = words
        name = title(sheet, words)
        super().__init__(
            document,
            typeface,
            letters,
            title=name,
            made_at=sheet.planned_at,
            chinese=words.lang == "zh",
            margin=MARGIN,
            bottom=BOTTOM,
        )
        self.pdf.set_font(self.family, style="B" if self.family == "helvetica" else "", size=TEXT_PT)
        # The widths of bold letters serve for both: a line is never too long.
        self.width_per_pt(letters if self.family != "helvetica" else "".join(map(chr, range(32, 127))))
        self.pdf.set_font(self.family, size=TEXT_PT)
        foot = " · ".join([name, *sheet.attribution])
        document.foot = tuple(self.wrapped(foot, WIDTH - FOOT_RIGHT_MM - 3, size_pt=6.5)[:3])
        document.add_page()

    @contextmanager
    def _style(self, size_pt: float, bold: bool, white: bool = False) -> Iterator[None]:
        """Letters of a size; bold without a bold font is drawn with an outline."""
        plain = self.family == "helvetica"
        self.pdf.set_font(self.family, style="B" if bold and plain else "", size=size_pt)
        shade = 255 if white else 0
        with self.pdf.local_context(
            text_mode="FILL_STROKE" if bold and not plain else "FILL",
            line_width=size_pt * POINT_MM * 0.03,
            text_color=shade,
            draw_color=shade,
        ):
            yield
        self.pdf.set_font(self.family, size=TEXT_PT)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size_pt: float = TEXT_PT,
        bold: bool = False,
        white: bool = False,
    ) -> None:
        """Write one line with its foot at `y`."""
        with self._style(size_pt, bold, white):
            self.pdf.text(x, y, self.typeface.shown(text))

    def centred(self, x: float, y: float, text: str, *, size_pt: float, white: bool) -> None:
        """Write a short bold text around `x`, in the middle of `y`."""
        shown = self.typeface.shown(text)
        with self._style(size_pt, True, white):
            wide = self.pdf.get_string_width(shown)
            self.pdf.text(x - wide / 2, y + size_pt * POINT_MM * 0.36, shown)

    def wrapped(self, text: str, width: float, *, size_pt: float = TEXT_PT) -> list[str]:
        """Break a text into lines of a width."""
        return super().wrapped(text, width, size_pt=size_pt)

    def header(self, link: str | None) -> None:
        """Draw who goes and what to load, beside a map of all stops."""
        sheet, words = self.sheet, self.words
        self.text(MARGIN, self.y + 6, title(sheet, words), size_pt=16, bold=True)
        self.text(MARGIN, self.y + 11.5, subtitle(sheet, words))
        self.y += 14
        if sheet.synthetic:
            self._notice(notice_text(sheet, self.words))
        top = self.y
        maps = MAP_WIDTH if sheet.overview else 0.0
        code_mm = 20.0 if link else 0.0
        self.lines(header_lines(sheet, words), MARGIN, WIDTH - maps - code_mm - 2 * GAP)
        bottom = self.y
        if sheet.overview:
            self.sketch(sheet.overview, MARGIN + WIDTH - MAP_WIDTH, top, MAP_WIDTH)
            bottom = max(bottom, top + MAP_WIDTH * sheet.overview.height + SCALE_MM)
        if link:
            self.code(link, MARGIN + WIDTH - maps - code_mm - GAP, top, code_mm, words("open_link"))
            bottom = max(bottom, top + code_mm + 4)
        self.y = bottom + 1
        self.pdf.set_line_width(0.7)
        self.pdf.line(MARGIN, self.y, MARGIN + WIDTH, self.y)
        self.y += 3

    def _notice(self, text: str) -> None:
        lines = self.wrapped(text, WIDTH - 4, size_pt=8)
        self.pdf.set_line_width(0.2)
        self.pdf.set_dash_pattern(dash=1, gap=1)
        self.pdf.rect(MARGIN, self.y, WIDTH, len(lines) * 3.8 + 1.6)
        self.pdf.set_dash_pattern()
        for number, line in enumerate(lines):
            self.text(MARGIN + 2, self.y + 3.8 * (number + 1), line, size_pt=8)
        self.y += len(lines) * 3.8 + 4

    def lines(self, lines: list[Line], x: float, width: float) -> None:
        """Draw labelled lines in two columns."""
        for line in lines:
            self.line(line, x, width)

    def line(self, line: Line, x: float, width: float) -> None:
        """Draw one labelled text; an alarm goes into a box over the whole width."""
        bold = line.weight != "plain"
        if line.weight == "alarm":
            texts = self.wrapped(self.words.labelled(line.label, line.text), width - 4)
            self.pdf.set_line_width(0.7)
            self.pdf.rect(x, self.y + 0.6, width, len(texts) * LINE_MM + 1.6)
            for text in texts:
                self.text(x + 2, self.y + LINE_MM, text, bold=True)
                self.y += LINE_MM
            self.y += 3.4
            return
        self.text(x, self.y + LINE_MM - 1, line.label, size_pt=8)
        for text in self.wrapped(line.text, width - LABEL_WIDTH):
            self.text(x + LABEL_WIDTH, self.y + LINE_MM - 1, text, bold=bold)
            self.y += LINE_MM

    def _height(self, line: Line, width: float) -> float:
        if line.weight == "alarm":
            return len(self.wrapped(self.words.labelled(line.label, line.text), width - 4)) * LINE_MM + 3.4
        texts = self.wrapped(line.text, width - LABEL_WIDTH)
        return len(texts) * LINE_MM

    def rest(self, rest: RestStop) -> None:
        """Draw a break as a dashed box."""
        self.room(9)
        self.pdf.set_line_width(0.2)
        self.pdf.set_dash_pattern(dash=1, gap=1)
        self.pdf.rect(MARGIN, self.y, WIDTH, 6.4)
        self.pdf.set_dash_pattern()
        self.text(MARGIN + 2, self.y + 4.4, self.words("rest"), bold=True)
        self.text(MARGIN + LABEL_WIDTH + 2, self.y + 4.4, rest_text(self.sheet, rest, self.words))
        self.y += 9.4

    def stop(self, stop: Stop) -> None:
        """Draw a stop in a frame; it moves to the next page whole where one page can hold it."""
        lines, ended = stop_lines(self.sheet, stop, self.words), stop.reported.ended
        steps = [] if ended else ticks(stop.card.switching, self.words)
        sketch = None if ended else stop.leg.sketch
        width = WIDTH - 4 - (MAP_WIDTH + GAP if sketch else 0)
        text_mm = sum(self._height(line, width) for line in lines) + self._ticks_height(steps, width)
        map_mm = MAP_WIDTH * sketch.height + SCALE_MM if sketch else 0.0
        write_mm = 0.0 if ended else WRITE_MM
        height = HEAD_MM + max(text_mm, map_mm) + 4 + write_mm
        self.room(height if height <= BOTTOM - MARGIN else HEAD_MM + map_mm + 10)
        frame = Frame(self, WIDTH)
        self._head(stop)
        self.y += 2
        map_bottom = self.y + map_mm
        if sketch:
            self.sketch(sketch, MARGIN + WIDTH - MAP_WIDTH - 2, self.y, MAP_WIDTH)
        for line in lines:
            if frame.room(self._height(line, width)):
                map_bottom = 0.0
            self.line(line, MARGIN + 2, width)
        map_bottom = self._ticks(steps, width, frame, map_bottom)
        self.y = max(self.y, map_bottom) + 1
        frame.room(write_mm)
        self._write(stop)
        frame.close()
        self.y += 3.5

    def _head(self, stop: Stop) -> None:
        times = stop_times(self.sheet, stop, self.words)
        self.pdf.set_fill_color(0)
        self.pdf.rect(MARGIN, self.y, HEAD_MM + 1, HEAD_MM, style="F")
        self.centred(
            MARGIN + HEAD_MM / 2 + 0.5, self.y + HEAD_MM / 2, str(stop.number), size_pt=15, white=True
        )
        times_mm = self.width_per_pt(self.typeface.shown(times)) * 9.5
        left = MARGIN + HEAD_MM + 3
        room_mm = WIDTH - HEAD_MM - 3 - times_mm - 6
        heading = self.wrapped(stop_heading(stop, self.words), room_mm, size_pt=10)
        shown = heading[0] if len(heading) == 1 else heading[0].rstrip() + " …"
        self.text(left, self.y + 6, shown, size_pt=10, bold=True)
        self.text(MARGIN + WIDTH - times_mm - 2, self.y + 6, times, size_pt=9.5, bold=True)
        self.y += HEAD_MM
        self.pdf.set_line_width(0.3)
        self.pdf.line(MARGIN, self.y, MARGIN + WIDTH, self.y)

    def _ticks_height(self, steps: list[Tick], width: float) -> float:
        if not steps:
            return 0.0
        return LINE_MM + 2 + sum(len(self._tick_lines(step, width)) for step in steps) * (LINE_MM + 0.8)

    def _tick_lines(self, step: Tick, width: float) -> list[str]:
        return self.wrapped(f"{step.number}. {step.verb}  {step.text}", width - TICK_MM - 3)

    def _ticks(self, steps: list[Tick], width: float, frame: Frame, map_bottom: float) -> float:
        if not steps:
            return map_bottom
        if frame.room(2 * LINE_MM + 3):
            map_bottom = 0.0
        self.text(MARGIN + 2, self.y + LINE_MM, self.words("switching"), bold=True)
        self.y += LINE_MM + 2
        for step in steps:
            texts = self._tick_lines(step, width)
            if frame.room(len(texts) * (LINE_MM + 0.8)):
                map_bottom = 0.0
            self.pdf.set_line_width(0.35)
            self.pdf.rect(MARGIN + 2, self.y + 0.2, TICK_MM, TICK_MM)
            for text in texts:
                self.text(MARGIN + 2 + TICK_MM + 2, self.y + LINE_MM - 1, text)
                self.y += LINE_MM + 0.8
        return map_bottom

    def _write(self, stop: Stop) -> None:
        """Draw lines to write on, and the codes that open the phone's map and the stop on the crew's page."""
        if stop.reported.ended:
            return
        self.pdf.set_line_width(0.15)
        self.pdf.line(MARGIN, self.y, MARGIN + WIDTH, self.y)
        codes = (
            [] if stop.card.remote else [(place_uri(stop.card.lon, stop.card.lat), self.words("navigate"))]
        )
        if own := stop_uri(self.link, stop):
            codes.append((own, f"{self.words('order')} {stop.card.order}"))
        code_mm = 0.0
        for text, caption in codes:
            code_mm += CODE_MM + (4.0 if code_mm else 0.0)
            self.code(text, MARGIN + WIDTH - code_mm - 3.2, self.y + 1.2, CODE_MM, caption)
        self.text(MARGIN + 2, self.y + 5, self.words("times_taken"))
        self.text(MARGIN + 2, self.y + 10, signed_text(stop, self.words), size_pt=8)
        self.text(MARGIN + 2, self.y + 15, self.words("notes"), size_pt=8)
        right = MARGIN + WIDTH - code_mm - 9
        self.pdf.line(MARGIN + 34, self.y + 15.6, right, self.y + 15.6)
        self.pdf.line(MARGIN + 2, self.y + 20.6, right, self.y + 20.6)
        self.y += WRITE_MM - 1

    def code(self, text: str, x: float, y: float, side_mm: float, caption: str) -> None:
        """Draw a QR code with its caption below."""
        size, bars = qr_bars(text)
        unit = side_mm / size
        self.pdf.set_fill_color(0)
        for column, row, length in bars:
            self.pdf.rect(x + column * unit, y + row * unit, length * unit, unit, style="F")
        self.pdf.set_font_size(6)
        shown = self.typeface.shown(caption)
        wide = self.pdf.get_string_width(shown)
        self.pdf.text(x + (side_mm - wide) / 2, y + side_mm + 3, shown)
        self.pdf.set_font_size(TEXT_PT)

    def sketch(self, sketch: Sketch, x: float, y: float, width: float) -> None:
        """Draw a map sketch, and north and the scale below it, where they hide nothing."""
        pdf, height = self.pdf, width * sketch.height
        pdf.set_draw_color(120)
        pdf.set_line_width(0.18)
        self._segments(sketch.streets * width + np.array([x, y, x, y]))
        pdf.set_draw_color(0)
        if len(sketch.way) > 1:
            pdf.set_line_width(0.9)
            pdf.polyline([(x + a, y + b) for a, b in (sketch.way * width).tolist()])
        pdf.set_line_width(0.3)
        pdf.rect(x, y, width, height)
        last = len(sketch.marks) - 1
        for number, (at_x, at_y, text) in enumerate(sketch.marks):
            self._mark(x + at_x * width, y + at_y * width, text, number == last)
        self._north_and_scale(sketch, x, y + height, width)

    def _segments(self, lines: NDArray[np.float64]) -> None:
        """Draw thousands of lines as one path: one by one they would take most of a sheet's time."""
        scale = self.pdf.k
        points = lines * [scale, -scale, scale, -scale] + [0, 297 * scale, 0, 297 * scale]
        path = " ".join(f"{a:.2f} {b:.2f} m {c:.2f} {d:.2f} l" for a, b, c, d in points.tolist())
        if path:
            self.pdf._out(f"{path} S")

    def _mark(self, x: float, y: float, text: str, target: bool) -> None:
        self.pdf.set_fill_color(0 if target else 255)
        self.pdf.circle(x, y, 2.1, style="DF")
        self.centred(x, y, text, size_pt=7.5, white=target)

    def _north_and_scale(self, sketch: Sketch, x: float, y: float, width: float) -> None:
        pdf, right = self.pdf, x + width - 6
        bar = sketch.scale * width
        pdf.set_line_width(0.3)
        pdf.line(x, y + 2.6, x + bar, y + 2.6)
        for end in (x, x + bar):
            pdf.line(end, y + 1.6, end, y + 3.6)
        self.text(x + bar + 1.5, y + 3.5, f"{sketch.scale_m} {self.words('metres')}", size_pt=7)
        pdf.set_fill_color(0)
        tip = [(right, y + 0.8), (right + 1.2, y + 4), (right, y + 3.3), (right - 1.2, y + 4)]
        pdf.polygon(tip, style="F")
        self.text(right + 2, y + 3.7, "N", size_pt=7.5, bold=True)
