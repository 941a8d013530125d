"""The only room that imports pandas: rows in, rows or bytes out."""
