"""Data to start from: reference rows that are true everywhere, and an invented ward to try the program on."""
