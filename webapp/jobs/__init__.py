"""Background work: the worker, what a handler is given, and the handlers of this program."""
