"""Estimated times of restoration: how they are made, kept, and measured afterwards."""
