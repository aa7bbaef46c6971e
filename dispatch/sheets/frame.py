"""The box around a stop on paper."""

from __future__ import annotations

from .paper import Paper


class Frame:
    """A box that is closed at the foot of a page and opened again on the next.

    Parameters
    ----------
    width : of the box, in millimetres.
    """

    def __init__(self, paper: Paper, width: float) -> None:
        self._paper, self._top, self._width = paper, paper.y, width

    def room(self, height: float) -> bool:
        """Break the page inside the box where `height` does not fit."""
        paper = self._paper
        if paper.y + height <= paper.bottom:
            return False
        self.close()
        paper.room(height + paper.bottom)
        self._top = paper.y
        paper.y += 2
        return True

    def close(self) -> None:
        """Draw the box down to where the paper has got to."""
        paper = self._paper
        paper.pdf.set_line_width(0.4)
        paper.pdf.rect(paper.margin, self._top, self._width, min(paper.y, paper.bottom + 1) - self._top)
