"""``python -m signing``."""

from __future__ import annotations

from signing.cli import main

if __name__ == "__main__":
    main()
