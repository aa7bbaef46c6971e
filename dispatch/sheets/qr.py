"""QR codes as squares, for HTML and PDF."""

from __future__ import annotations

from functools import lru_cache

import segno


@lru_cache(maxsize=4096)
def qr_bars(text: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Return the size of a code in squares, and its dark bars as column, row and length.

    The quiet zone around it is the caller's.
    """
    matrix = segno.make(text, error="m", micro=False).matrix
    bars = []
    for row, cells in enumerate(matrix):
        column = 0
        while column < len(cells):
            length = 0
            while column + length < len(cells) and cells[column + length]:
                length += 1
            if length:
                bars.append((column, row, length))
            column += length or 1
    return len(matrix), tuple(bars)
