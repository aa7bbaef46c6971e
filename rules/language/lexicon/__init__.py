"""What a caller's words mean: lexicons in data, one file per language, and the weights that they share."""

from __future__ import annotations

from .hearing import Heard, Lexicon, Spoke
from .reading import languages_shipped, lexicon_of, shipped_lexicon

__all__ = ["Heard", "Lexicon", "Spoke", "languages_shipped", "lexicon_of", "shipped_lexicon"]
