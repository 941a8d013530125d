"""The WSGI application for a server such as gunicorn: `webapp.wsgi:app`."""

from webapp.factory import create_app

app = create_app()
