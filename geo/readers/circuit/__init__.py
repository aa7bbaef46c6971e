"""A circuit as a planning program or an export holds it, and its way to a grid that is run radially."""
