"""A Word file is looked through before any program opens it, and given on without what could reach out of it."""

import io
import zipfile
import zlib
from typing import Final

from webapp.core.word_files import WordRefused
from webapp.gateways.word_parts import check_text, safe_relations

MIB: Final = 1024 * 1024
MOST_ENTRIES: Final = 2_000
MOST_INFLATED: Final = 200 * MIB
MOST_XML: Final = 48 * MIB
# Text deflates to a tenth or so; what deflates better than this is made to hurt.
MOST_RATIO: Final = 100
RATIO_FROM: Final = 8 * MIB
_CHUNK: Final = 256 * 1024
_LEFT_OUT: Final = ("word/embeddings/", "word/activex/", "word/fonts/", "customui/")
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES: Final = "[content_types].xml"


def safe_copy(content: bytes) -> bytes:
    """Give the file anew with only what its pages need. Raises WordRefused with what is wrong and what to do."""
    _refuse_other_kinds(content)
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
            entries = [info for info in archive.infolist() if not info.is_dir()]
            _check_directory(entries)
            left, types = MOST_INFLATED, b""
            for info in entries:
                name = info.filename.lower()
                part = _inflate(archive, info, min(left, MOST_XML if name.endswith((".xml", ".rels")) else left))
                left -= len(part)
                types = part if name == _TYPES else types
                if not name.startswith(_LEFT_OUT) and not name.endswith((".bin", ".svg")):
                    kept.writestr(info.filename, _looked_at(name, part), compresslevel=1)
            _check_types(types, entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, RuntimeError, EOFError) as error:
        raise WordRefused("broken") from error
    return out.getvalue()


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(_OLD):
        raise WordRefused("locked" if "EncryptedPackage".encode("utf-16-le") in content else "old")
    if not content.startswith(b"PK"):
        raise WordRefused("other")


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    """Judge by what the directory says; `_inflate` counts afterwards what really comes out."""
    if len(entries) > MOST_ENTRIES or sum(info.file_size for info in entries) > MOST_INFLATED:
        raise WordRefused("too_big")
    if any(info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * info.compress_size for info in entries):
        raise WordRefused("too_big")
    if any(info.flag_bits & 0x1 for info in entries):
        raise WordRefused("locked")
    names = [info.filename.lower() for info in entries]
    # Two parts of one name, or a way out of the folder: another program might read other parts than were checked.
    if len(set(names)) != len(names) or any(".." in name.split("/") or "\\" in name for name in names):
        raise WordRefused("broken")


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    pieces, came = [], 0
    with archive.open(info) as part:
        while piece := part.read(_CHUNK):
            came += len(piece)
            if came > limit:
                raise WordRefused("too_big")
            pieces.append(piece)
    return b"".join(pieces)


def _looked_at(name: str, part: bytes) -> bytes:
    if name.endswith(".rels"):
        return safe_relations(part)
    if name.startswith("word/") and name.endswith(".xml"):
        check_text(part)
    return part


def _check_types(types: bytes, entries: list[zipfile.ZipInfo]) -> None:
    names = {info.filename.lower() for info in entries}
    if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in names):
        raise WordRefused("macro")
    if b"wordprocessingml.document.main+xml" not in types:
        raise WordRefused("other")
