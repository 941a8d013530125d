"""Clerks in processes of their own, who number documents at the same moment.

usage: python -m tests.faults.clerk DATABASE_URL FILES WARD ACCOUNT; each order is a line `clerk id version sha256` on
the standard input; an empty line lets them begin. Each prints a line for a document: the notation.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path
from uuid import UUID

from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from webapp.core.access import Actor, Role
from webapp.gateways.files import FolderStore
from webapp.models.database import make_engine, make_sessions, unit_of_work
from webapp.services.document_versions import BaseVersion
from webapp.services.numbering import NumberDocument, number_document


def main(database_url: str, folder: str, ward: str, account: str) -> None:
    """Read the orders, become the clerks, and let them go when all are there."""
    actor = Actor(account_id=UUID(account), ward_id=UUID(ward), roles=frozenset({Role.CLERK}))
    orders: dict[str, list[NumberDocument]] = defaultdict(list)
    while line := sys.stdin.readline().strip():
        clerk, name, version, sha256 = line.split()
        base = BaseVersion(version=int(version), sha256=sha256)
        orders[clerk].append(NumberDocument(document_id=UUID(name), base=base))
    gate, opened = os.pipe()
    children = []
    for mine in orders.values():
        child = os.fork()
        if not child:
            os.close(opened)
            os.read(gate, 1)  # gives nothing, at once for all, when the parent closes its end
            _number(database_url, Path(folder), actor, mine)
            os._exit(0)
        children.append(child)
    os.close(opened)
    sys.exit(any(os.waitpid(child, 0)[1] for child in children))


def _number(database_url: str, folder: Path, actor: Actor, orders: list[NumberDocument]) -> None:
    clock = FixedClock()
    ports = {"clock": clock, "files": FolderStore(folder), "signing": FakeSigning(clock)}
    sessions = make_sessions(make_engine(database_url))
    for order in orders:
        with unit_of_work(sessions, actor.ward_id) as session:
            notation = number_document(session, order, actor=actor, **ports)  # type: ignore[arg-type]
        os.write(1, f"{notation}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:5])
