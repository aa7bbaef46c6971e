"""Web Push: a phone in a pocket rings when its crew's day has changed."""
