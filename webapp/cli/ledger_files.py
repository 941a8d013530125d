"""Looking for the ledger's signed revisions in a folder of files, without a database."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from signing.errors import SigningError
from signing.fields import list_signatures
from webapp.core.checkpoints import ChainRow, Flaw
from webapp.core.errors import N_

_PIECE: Final = 1 << 20
_START: Final = 1024


def check_files(rows: tuple[ChainRow, ...], folder: Path) -> tuple[list[Flaw], int]:
    """Compare every file under `folder` with the ledger; give what does not fit and how many PDF files were read.

    Each row needs a file that begins with its revision; each signature in a PDF needs its row.
    """
    ends: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    known = {str(row.content.get("signature_sha256")) for row in rows}
    for row in rows:
        end, sha256 = row.content.get("revision_end"), row.content.get("revision_sha256")
        if isinstance(end, int) and isinstance(sha256, str):
            ends[end][sha256].append(row.sequence)
    found: set[int] = set()
    flaws: list[Flaw] = []
    read = 0
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            if b"%PDF-" not in file.read(_START):
                continue
        read += 1
        for end, sha256 in _prefixes(path, sorted(ends)):
            found.update(ends[end].get(sha256, ()))
        flaws += _strangers(path, folder, known)
    missing = [row.sequence for row in rows if row.sequence not in found]
    text = N_("Không tệp nào trong thư mục chứa đúng phần đã ký của dòng số %(number)s.")
    flaws += [Flaw("revision_missing", text, {"number": number}) for number in missing]
    return flaws, read


def _prefixes(path: Path, ends: list[int]) -> Iterator[tuple[int, str]]:
    """Hash a file once and give the digest at each end that it is long enough for."""
    running, position = hashlib.sha256(), 0
    with path.open("rb") as file:
        for end in ends:
            while position < end:
                piece = file.read(min(_PIECE, end - position))
                if not piece:
                    return
                running.update(piece)
                position += len(piece)
            yield end, running.copy().hexdigest()


def _strangers(path: Path, folder: Path, known: set[str]) -> list[Flaw]:
    name: Mapping[str, Any] = {"file": path.relative_to(folder).as_posix()}
    try:
        found = list_signatures(path.read_bytes())
    except SigningError:
        return [Flaw("file_unreadable", N_("Không đọc được chữ ký trong tệp %(file)s."), name)]
    text = N_("Tệp %(file)s có chữ ký (ô %(field)s) mà sổ không ghi.")
    return [Flaw("signature_unknown", text, {**name, "field": one.field}) for one in found if one.sha256 not in known]
