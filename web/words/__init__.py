"""Words on pages: catalogues of both languages, and errors worded for people."""
