"""The pages of a shift beside the board: handover, promises, planned work, route sheets, messages."""
