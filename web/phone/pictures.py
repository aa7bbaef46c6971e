"""Pictures from crews' phones: really a JPEG, not too large, and without what a camera writes beside it."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 24_000_000
LEAST_SIDE_PX = 8
QUALITY = 85
HARMLESS = frozenset(
    {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression"}
)


class NoPicture(Exception):
    """What was sent is no picture that is wanted."""


def clean_picture(body: bytes, keep_places: bool = False) -> bytes:
    """Return a JPEG without EXIF: no place, no owner, no serial number; turned as the camera meant it.

    Parameters
    ----------
    keep_places : leave the picture as it is, the place where it was taken included.

    Raises
    ------
    NoPicture
        It is not a JPEG, is damaged, or has too many pixels to be opened safely.
    """
    try:
        image = Image.open(io.BytesIO(body), formats=("JPEG",))
        width_px, height_px = image.size
        if width_px * height_px > MOST_PIXELS or min(width_px, height_px) < LEAST_SIDE_PX:
            raise NoPicture(f"{width_px} x {height_px} pixels")
        image.load()
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise NoPicture(str(error)) from error
    if keep_places or not _tells_more(image):
        return body
    out = io.BytesIO()
    turned = ImageOps.exif_transpose(image)
    plain = Image.new(turned.mode, turned.size)
    plain.paste(turned)
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _tells_more(image: Image.Image) -> bool:
    """Whether there is anything beside the picture itself: EXIF, XMP, comments, a colour profile."""
    return bool(set(image.info) - HARMLESS)
