"""Stepping through a recorded run: what is walked, where one stands, what is shown of it, and two shells."""
