"""Use cases: a verb per function, given a session and ports; they flush, the edge commits."""
