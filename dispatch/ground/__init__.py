"""The ground everything stands on: the case, the day, problems and plans, errors, time and drives."""
