"""Words: vocabularies, and what callers mean by what they say."""
