"""Grids drawn in a GIS: layers named in a file of their own, joined where their ends meet."""
