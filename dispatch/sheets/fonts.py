"""Finds a font with Chinese letters and cuts out of it what a day's sheets need."""

from __future__ import annotations

import io
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError, newTable

from ..ground.errors import DispatchError

FONT_VARIABLE = "GRIDCREW_FONT"
PACKAGE = "noto_cjk_sans_jp_regular"
USUAL_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansSC-Regular.otf",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "–—…·°"
PLAIN_ENCODING = "latin-1"
"""What the PDF reader's own fonts can show."""
PLAIN_SIGNS = str.maketrans({"–": "-", "—": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"'})
"""How they show the signs that they lack."""
CURVE_ERROR = 1.0
"""How far a converted curve may lie from the font's own, in thousandths of a letter's height."""


class NoFont(DispatchError):
    """No font is found that can show what a sheet says."""


@lru_cache(maxsize=1)
def find_font() -> Path | None:
    """Return the font file for sheets: GRIDCREW_FONT, Debian's Noto, the PyPI package, or None.

    Raises
    ------
    NoFont
        When GRIDCREW_FONT names no file.
    """
    named = os.environ.get(FONT_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise NoFont(f"{FONT_VARIABLE}: there is no font file '{named}'")
        return Path(named)
    for place in USUAL_PLACES:
        if Path(place).is_file():
            return Path(place)
    spec = find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    found = sorted(path for folder in folders or () for path in Path(folder).glob("*.[ot]t[fc]"))
    return found[0] if found else None


def is_plain(text: str) -> bool:
    """Whether the PDF reader's own fonts can show a text."""
    try:
        text.encode(PLAIN_ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def no_font(text: str) -> NoFont:
    """Return the error that says which letters lack a font, and what to do."""
    foreign = sorted({letter for letter in text if not is_plain(letter)})
    return NoFont(
        f"no font with the letters {''.join(foreign[:10])!r} was found for the PDF; install "
        f"Debian's fonts-noto-cjk or the Python package noto-cjk-sans-jp-regular, "
        f"or set {FONT_VARIABLE} to a font file"
    )


@lru_cache(maxsize=4)
def letters_of_font(path: Path) -> frozenset[int]:
    """Return the letters that a font can show, as code points.

    Raises
    ------
    NoFont
        When the file is not a font.
    """
    with _open(path) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=8)
def small_font(path: Path, letters: str) -> bytes:
    """Cut a font down to some letters: a font of 16 MB costs 0.3 s per document, the cut one 10 ms.

    Parameters
    ----------
    letters : sorted, each once, so that the same letters find the same font again.

    Raises
    ------
    NoFont
        When the file is not a font.
    """
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, desubroutinize=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    with _open(path) as font:
        cutter.subset(font)
        if "CFF " in font:
            _to_truetype(font)
        cut = io.BytesIO()
        font.save(cut)
    return cut.getvalue()


def _to_truetype(font: TTFont) -> None:
    """Turn cubic outlines into quadratic ones, which each document cuts again far quicker."""
    order, shapes = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    most = font["maxp"]
    most.tableVersion = 0x00010000
    for field in TRUETYPE_COUNTS:
        setattr(most, field, 0)
    most.maxZones = 1
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"


TRUETYPE_COUNTS = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
    "maxPoints",
    "maxContours",
    "maxCompositePoints",
    "maxCompositeContours",
    "maxComponentDepth",
)
"""Counts that a font without instructions leaves at nought; saving fills in the others."""


def _open(path: Path) -> TTFont:
    try:
        if path.suffix.lower() != ".ttc":
            return TTFont(path, lazy=True, recalcTimestamp=False)
        return TTFont(path, fontNumber=_simplified_chinese(path), lazy=True, recalcTimestamp=False)
    except (TTLibError, OSError) as error:
        raise NoFont(f"{path} is not a font file") from error


def _simplified_chinese(path: Path) -> int:
    """Position of the face for simplified Chinese in a collection; the first where none says so."""
    with TTCollection(path, lazy=True) as collection:
        names = [str(font["name"].getDebugName(4)) for font in collection.fonts]
    return next((number for number, name in enumerate(names) if name.split(" Bold")[0].endswith(" SC")), 0)
