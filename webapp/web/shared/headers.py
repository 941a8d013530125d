"""Headers of every answer: nothing from elsewhere runs or frames our pages, nothing personal is cached."""

from flask import Flask, Response, request

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


_ALWAYS: tuple[tuple[str, str], ...] = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)


def allow_connecting(response: Response, address: str) -> Response:
    """Let the scripts of one page also ask `address` (or several, by blanks): programs beside a person's own key."""
    response.headers["Content-Security-Policy"] = CSP.replace("connect-src 'self'", f"connect-src 'self' {address}")
    return response


def harden(response: Response) -> Response:
    """Add the headers (ASVS 5.0 3.4). No view sets one of the first five, so they need no look for an older one."""
    headers = response.headers
    headers.extend(_ALWAYS)
    headers.setdefault("Content-Security-Policy", CSP)
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def register(app: Flask) -> None:
    """Hang the headers on the application."""
    app.after_request(harden)
