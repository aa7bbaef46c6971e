"""What a sound problem, plan or call is: one set of checks and words for files and for Python."""
