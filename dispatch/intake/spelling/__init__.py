"""How people and their programs write things: times, numbers, ids, headings, and what each of them means."""
