"""Files: problems, plans and whole days read and written, every fault named at its place."""
