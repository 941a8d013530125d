"""Other people's signing programs, to be measured beside ours: see install.py."""
