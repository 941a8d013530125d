"""A ward's trust list as files, for commands that take files."""

from pathlib import Path
from typing import cast

from sqlalchemy import Engine, select

from webapp.cli.edge import fail, load_program
from webapp.gateways.trust_material import read_trust
from webapp.models.places import Ward

CANNOT_CHECK = 4


def write_trust(code: str, folder: Path) -> dict[str, list[Path]]:
    """Write anchors, intermediates and revocation lists of the ward with this code; give their paths by option.

    Ends the program with the status of a file that cannot be checked when there is no such ward.
    """
    sessions = load_program().sessions
    try:
        with sessions() as session:
            newest = select(Ward.id).where(Ward.code == code).order_by(Ward.valid_from.desc()).limit(1)
            ward_id = session.scalar(newest)
        if ward_id is None:
            fail(f"không có phường mang mã {code}", CANNOT_CHECK)
        material = read_trust(sessions, ward_id)
    finally:
        cast("Engine", sessions.kw["bind"]).dispose()
    kinds = {"trust": material.anchors, "chain": material.intermediates, "crl": material.revocation_lists}
    return {option: _write(folder, option, contents) for option, contents in kinds.items()}


def _write(folder: Path, option: str, contents: tuple[bytes, ...]) -> list[Path]:
    paths = [folder / f"{option}-{number}.der" for number, _content in enumerate(contents)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths
