"""Journeys in a real Chromium against the real server, as a new user would make them."""
