"""Roads: networks read, checked, snapped to and travelled."""
