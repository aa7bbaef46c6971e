"""The faces of gridcrew in the browser."""
