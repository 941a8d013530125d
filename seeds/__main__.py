"""`python -m seeds reference | demo | check`: the data to start from, without the web (`phs demo` has more options)."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from seeds.demo.loading import load_demo
from seeds.demo.logins import format_logins, issue_logins, ward_state
from seeds.demo.scene import DemoPorts, DemoSize
from seeds.reference import check_reference, load_reference
from webapp.gateways.cipher import open_cipher
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.models import schema
from webapp.models.database import make_engine, make_sessions, unit_of_work
from webapp.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Open the database that the settings name, and close it again."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = make_engine(settings.url)
    try:
        schema.upgrade(engine)
        yield make_sessions(engine)
    finally:
        engine.dispose()


def reference() -> tuple[int, str]:
    """Bring the reference tables to what the files say."""
    with opened(Settings()) as sessions, unit_of_work(sessions) as session:
        return 0, f"{load_reference(session)} rows"


def check() -> tuple[int, str]:
    """Look for rows that cite neither the plan nor an act."""
    wrong = check_reference()
    return (1, "\n".join(wrong)) if wrong else (0, "every row cites its source")


def demo() -> tuple[int, str]:
    """Fill an empty database with the demo ward and give its log-ins."""
    settings = Settings()
    with opened(settings) as sessions:
        with unit_of_work(sessions) as session:
            if ward_state(session) != "empty":
                return 1, "the database holds a ward already"
        ports = DemoPorts(
            settings=settings,
            sessions=sessions,
            clock=SystemClock(),
            cipher=open_cipher(settings.data_dir / "keys", settings.personal_keys_url),
            files=FolderStore(settings.data_dir / "files"),
        )
        load_demo(ports, DemoSize())
        with unit_of_work(sessions) as session:
            return 0, format_logins(issue_logins(session, ports))


COMMANDS: dict[str, Callable[[], tuple[int, str]]] = {"reference": reference, "demo": demo, "check": check}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m seeds", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    status, text = COMMANDS[parser.parse_args(arguments).command]()
    print(text)  # noqa: T201 - a command
    return status


if __name__ == "__main__":
    raise SystemExit(main())
