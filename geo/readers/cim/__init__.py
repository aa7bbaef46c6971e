"""CIM100, the distribution profile of IEC 61968, read directly."""
