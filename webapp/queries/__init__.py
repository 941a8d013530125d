"""SELECT only; every query is scoped to a ward and returns frozen rows."""
