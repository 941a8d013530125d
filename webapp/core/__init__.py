"""The domain: enums, tables of moves, checks and arithmetic on plain values. Standard library only."""
