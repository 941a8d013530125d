"""Choosing a ward on the command line."""

from sqlalchemy.orm import Session

from webapp.cli.edge import fail
from webapp.queries.places import WardRow, list_wards


def choose_ward(session: Session, code: str | None) -> WardRow:
    """Give the ward of a code, or the only one; ends the program with a reason otherwise."""
    found = [ward for ward in list_wards(session) if code is None or ward.code == code]
    if not found:
        fail("không có phường nào" if code is None else f"không có phường mã {code}")
    if len(found) > 1:
        fail("máy chủ có nhiều phường; hãy chọn bằng --ward: " + ", ".join(ward.code for ward in found))
    return found[0]
