"""What the compiled searches work on: flat arrays, their state, their clock."""
