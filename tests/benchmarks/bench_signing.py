"""Signing with a visible Vietnamese stamp and picture: ours against everybody else's that installs, in one run.

RSA-2048, PAdES B-B where the peer can, one page, the same picture and text. Each method reads files and writes files
on a memory disk; CPU and wall time per document after a warm-up; the methods take turns in every round. Results of each
are checked by pyHanko's validator and by pdfsig. ``floor`` is what no signing can do without: read, SHA-256, one
private-key operation, write.

usage: python -m tests.benchmarks.bench_signing [rounds] [documents per round]
"""

import hashlib
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from signing import SignRequest, Surroundings, open_pkcs12, sign_pdf
from signing.keystores import KeySigner
from tests.benchmarks.signing_bench import BOX, Desk, Figures, check, documented_loop, make_desk, run_peer
from tests.benchmarks.signing_peers.install import Peer, all_peers

FLOOR = "floor: read, SHA-256, one RSA operation, write"
DOCUMENTED = "pyHanko 0.38.0, the documented loop"
OURS = "ours, each result proved"
WHOLE = "ours, proved and validated whole"
OPENED = "ours, key file opened for each, validated whole"
WANTED_RATIO = 50.0
WANTED_FLOOR = 10.0
"""The issue's bounds: times less CPU than the documented loop; times the floor at most."""


@dataclass
class Method:
    """A way to sign: in this process, or a peer's program."""

    name: str
    note: str = ""
    here: Callable[[bytes], bytes] | None = None
    peer: Peer | None = None
    figures: list[Figures] = field(default_factory=list)
    verdict: str = ""

    def measure(self, desk: Desk, documents: Sequence[Path]) -> None:
        """One round."""
        if self.peer is not None:
            self.figures.append(run_peer(self.peer, desk, documents))
            return
        assert self.here is not None
        out = desk.out_for(self.name)
        wall, cpu = time.perf_counter(), time.process_time()
        for path in documents:
            (out / path.name).write_bytes(self.here(path.read_bytes()))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.figures.append(Figures(cpu * 1000 / len(documents), wall * 1000 / len(documents)))

    def cpu(self) -> float:
        return statistics.median(figure.cpu_ms for figure in self.figures)

    def wall(self) -> float:
        return statistics.median(figure.wall_ms for figure in self.figures)

    def times(self, other: "Method") -> float:
        """How many times the CPU of ``other``, paired inside the rounds."""
        pairs = zip(self.figures, other.figures, strict=True)
        return statistics.median(mine.cpu_ms / its.cpu_ms for mine, its in pairs)


def floor(signer: KeySigner) -> Callable[[bytes], bytes]:
    mechanism = signer.mechanisms[0]
    return lambda pdf: pdf + signer.sign(hashlib.sha256(pdf).digest(), mechanism)


def own_methods(desk: Desk, request: SignRequest, stack: ExitStack) -> list[Method]:
    signer = stack.enter_context(open_pkcs12(desk.key.path, desk.key.pin))
    proved = Surroundings(trust=desk.trust, revalidate=False)
    whole = Surroundings(trust=desk.trust)

    def opened(pdf: bytes) -> bytes:
        with open_pkcs12(desk.key.path, desk.key.pin) as one:
            return sign_pdf(pdf, one, request, whole).data

    return [
        Method(FLOOR, here=floor(signer)),
        Method(
            OURS,
            "all checks of domain rules; see signing/README.md",
            lambda p: sign_pdf(p, signer, request, proved).data,
        ),
        Method(WHOLE, "the full validator besides", lambda p: sign_pdf(p, signer, request, whole).data),
        Method(OPENED, "one PIN a document", opened),
        Method(DOCUMENTED, "key file, style and font anew for each", documented_loop(desk)),
    ]


def main(rounds: int = 5, count: int = 24) -> int:
    """Measure, print a table and one JSON line; 1 when a bound is missed or a result of ours is not valid."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    memory = Path("/dev/shm")
    place = str(memory) if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, ExitStack() as stack:
        desk = make_desk(Path(folder), count)
        methods = own_methods(desk, desk.request(), stack)
        missing = []
        for peer in all_peers():
            if peer.command is None:
                missing.append(peer)
            else:
                methods.append(Method(peer.name, peer.note, peer=peer))
        for method in methods:
            if method.here is not None:
                method.here(desk.documents[0].read_bytes())
        for _round in range(rounds):
            for method in list(methods):
                try:
                    method.measure(desk, desk.documents[: 3 if method.name == DOCUMENTED else count])
                except RuntimeError as error:
                    methods.remove(method)
                    missing.append(Peer(method.name, method.note, None, str(error)))
        for method in methods:
            method.verdict = "" if method.name == FLOOR else check(desk, method.name)
    return report(methods, missing)


def report(methods: list[Method], missing: list[Peer]) -> int:
    """Print the table; the CPU of ours is the measure."""
    by_name = {method.name: method for method in methods}
    ours, least, documented = by_name[OURS], by_name[FLOOR], by_name[DOCUMENTED]
    print(f"{'method':50} {'CPU ms':>8} {'wall ms':>8} {'x ours':>7} {'loop / it':>9}  results (pyHanko, pdfsig)")
    for method in methods:
        line = f"{method.name:50} {method.cpu():8.2f} {method.wall():8.2f} {method.times(ours):7.1f}"
        print(f"{line} {documented.times(method):9.1f}  {method.verdict}{'; ' + method.note if method.note else ''}")
    for peer in missing:
        print(f"{peer.name:50} not measured: {peer.reason}")
    figures = {
        m.name: {"cpu_ms": round(m.cpu(), 3), "wall_ms": round(m.wall(), 3), "valid": m.verdict} for m in methods
    }
    against_loop, against_floor = documented.times(ours), ours.times(least)
    peers = [method for method in methods if method.peer is not None]
    slower = [method.name for method in peers if method.times(ours) <= 1]
    print(
        f"\ndocumented loop / ours {against_loop:.1f} (wanted {WANTED_RATIO:.0f}); ours / floor {against_floor:.1f}",
        end=" ",
    )
    print(f"(at most {WANTED_FLOOR:.0f}); ahead of {len(peers) - len(slower)} of {len(peers)} peers")
    print(json.dumps({"bench": "signing", "box": BOX, "methods": figures, "missing": [p.name for p in missing]}))
    invalid = [m.name for m in methods if m.name in {OURS, WHOLE, OPENED} and m.verdict != "valid, valid"]
    return int(against_loop < WANTED_RATIO or against_floor > WANTED_FLOOR or bool(slower) or bool(invalid))


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
