"""Readers of grids: own tables, GeoJSON, GeoPackage, pandapower, CIM."""
