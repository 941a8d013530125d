"""Pages and the API: load rows, build a form, call one service, redirect or render."""
