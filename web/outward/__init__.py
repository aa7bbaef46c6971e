"""What people and systems outside the utility see."""
