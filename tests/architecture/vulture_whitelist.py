"""Names that only frameworks call; vulture reads this file."""
