"""The outside world; each class implements one port of core.ports. Chosen where a program starts."""
