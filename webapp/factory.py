"""Building the application: the one place where gateways are chosen and blueprints registered."""

import datetime as dt
import os
import secrets
from pathlib import Path

from flask import Flask, request, session
from flask_babel import get_locale
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.core.outward import Outward
from webapp.core.signing_batches import LEASE
from webapp.gateways.cipher import open_cipher
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.gateways.mail import SmtpMailer
from webapp.gateways.press import TypstPress
from webapp.gateways.signing import SigningRoom
from webapp.gateways.webhooks import HttpWebhooks
from webapp.gateways.word import WordPrograms
from webapp.jobs.context import Ports
from webapp.jobs.signing import SigningHands
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings
from webapp.web import (
    admin,
    adoption,
    api,
    auth,
    devices,
    documents,
    exports,
    home,
    openrosa,
    public,
    quality,
    registers,
    reports,
    surveys,
    verify,
)
from webapp.web.extensions import babel, csrf, db, limiter, login_manager
from webapp.web.shared import assets, compression, converters, errors, filters, headers, logging
from webapp.web.shared.identity import current_account
from webapp.web.shared.labels import label, role_of
from webapp.web.shared.navigation import nav_items
from webapp.web.shared.wiring import BATCHES, KEY, Wiring

LANGUAGES = ("vi", "en")
BLUEPRINTS = (
    home,
    auth,
    surveys,
    adoption,
    documents,
    verify,
    registers,
    reports,
    quality,
    exports,
    admin,
    public,
    devices,
    api,
    openrosa,
)


def build_wiring(settings: Settings, sessions: sessionmaker[Session]) -> Wiring:
    """Choose the real gateways; tests pass their own Wiring to `create_app`."""
    clock = SystemClock()
    return Wiring(
        settings=settings,
        clock=clock,
        files=FolderStore(settings.data_dir / "files"),
        cipher=open_cipher(settings.data_dir / "keys", settings.personal_keys_url),
        signing=SigningRoom(settings, sessions, clock),
        press=TypstPress(),
        outward=Outward(
            mail=SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else None,
            webhooks=HttpWebhooks(inner=settings.webhook_inner, plain=settings.webhook_http),
            base_url=settings.base_url,
            idle_days=settings.account_idle_days,
        ),
        word=WordPrograms(settings),
    )


def create_app(
    settings: Settings | None = None,
    *,
    wiring: Wiring | None = None,
    sessions: sessionmaker[Session] | None = None,
) -> Flask:
    """Make the WSGI application. Raises pydantic's ValidationError at once when a setting is wrong."""
    settings = settings or (wiring.settings if wiring else Settings())
    sessions = sessions or make_sessions(make_engine(settings.url))
    app = Flask(__name__, static_folder="static", template_folder="templates")
    _configure(app, settings)
    app.extensions[KEY] = wired = wiring or build_wiring(settings, sessions)
    ports = Ports(clock=wired.clock, files=wired.files, cipher=wired.cipher, signing=wired.signing)
    lease = min(LEASE, dt.timedelta(seconds=settings.job_lease_seconds))
    app.extensions[BATCHES] = SigningHands(sessions, ports, wired.signing, lease=lease)
    db.init_app(app, sessions)
    babel.init_app(app, default_locale="vi", default_timezone="Asia/Ho_Chi_Minh", locale_selector=choose_language)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    for part in (assets, compression, filters, errors, headers, logging):
        part.register(app)
    app.url_map.converters["day"] = converters.DayConverter
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint.bp)
    app.context_processor(_page_context)
    app.jinja_env.globals["label"] = label
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def choose_language() -> str:
    """Vietnamese unless the person chose English (or a stranger's browser speaks English and not Vietnamese)."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="vi") if request.accept_languages else "vi"


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key or _kept_secret(settings.data_dir / "keys" / "cookie.key"),
        SESSION_COOKIE_NAME="__Host-phs" if settings.secure_cookies else "phs",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI="memory://",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )


def _kept_secret(path: Path) -> str:
    """Read the cookie key, making it (mode 0600) the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _page_context() -> dict[str, object]:
    account = current_account()
    return {
        "current_account": account,
        "account_role": role_of(account) if account else "",
        "ward_name": account.ward_name if account else "",
        "nav_items": nav_items(),
        "locale": str(get_locale() or "vi"),
    }
