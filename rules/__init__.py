"""Rules that a utility owns: policies as decision tables, with traces."""
