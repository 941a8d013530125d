"""The edge of the command line: settings, sessions and gateways, and errors in one line."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click
from pydantic import ValidationError
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.errors import DomainError
from webapp.factory import build_wiring
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings
from webapp.web.shared.wiring import Wiring

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Program:
    """What a command needs."""

    settings: Settings
    sessions: sessionmaker[Session]
    wiring: Wiring


def fail(message: str, status: int = 1) -> NoReturn:
    """End with one line on standard error."""
    click.echo(f"phs: {message}", err=True)
    raise SystemExit(status)


def load_settings() -> Settings:
    """Read the settings; a wrong one ends the program with its name and reason."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"PHS_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
        fail("; ".join(lines), 2)


def load_program() -> Program:
    """Open the database and gateways that the settings name."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    sessions = make_sessions(make_engine(settings.url))
    return Program(settings, sessions, build_wiring(settings, sessions))


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what the domain refuses into one line and exit status 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            fail(error.text())

    return wrapped
