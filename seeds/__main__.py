"""`python -m seeds reference | check`: the data to start from, without the web. The demo ward is `phs demo`."""

import argparse

from seeds.reference import check_reference, load_reference
from webapp.models.database import make_engine, make_sessions, unit_of_work
from webapp.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m seeds", description=__doc__)
    parser.add_argument("command", choices=["reference", "check"])
    command = parser.parse_args(arguments).command
    if command == "check":
        wrong = check_reference()
        print(*(wrong or ["every row cites its source"]), sep="\n")  # noqa: T201 - a command
        return 1 if wrong else 0
    with unit_of_work(make_sessions(make_engine(Settings().url))) as session:
        print(f"{load_reference(session)} rows")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
