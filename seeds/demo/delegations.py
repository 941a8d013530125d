"""Who signs for the chair of the invented ward, as its papers say; one delegation has run out, for the register."""

import datetime as dt

from sqlalchemy.orm import Session

from seeds.demo.scene import Scene
from webapp.core.access import Role
from webapp.core.documents import SigningCapacity
from webapp.core.ports import SigningGateway
from webapp.services.delegations import RecordDelegation, record_delegation

YEAR = dt.timedelta(days=730)
_PAPERS: tuple[tuple[str, SigningCapacity, str, tuple[str, ...]], ...] = (
    ("pho-chu-tich-1", SigningCapacity.KT, "Quyết định số 02/QĐ-UBND về phân công công tác", ()),
    ("pho-chu-tich-2", SigningCapacity.KT, "Quyết định số 02/QĐ-UBND về phân công công tác", ()),
    ("cong-chuc-1", SigningCapacity.TL, "Giấy ủy quyền số 03/GUQ-UBND", ()),
)


def fill_delegations(session: Session, scene: Scene, signing: SigningGateway) -> None:
    """Write the register, as the clerk."""
    begins = scene.clock.today()
    rows = [(who, capacity, basis, types, begins + YEAR) for who, capacity, basis, types in _PAPERS]
    rows.append(("cong-chuc-2", SigningCapacity.TUQ, "Giấy ủy quyền số 04/GUQ-UBND", ("giay_gioi_thieu",), begins))
    for who, capacity, basis, types, ends in rows:
        command = RecordDelegation(
            delegate_id=scene.staff[who],
            principal_id=scene.staff["chu-tich"],
            principal_title="Chủ tịch",
            capacity=capacity,
            starts_on=begins,
            ends_on=ends,
            type_codes=types,
            basis=basis,
            basis_on=begins,
        )
        record_delegation(
            session,
            command,
            actor=scene.actor("van-thu", Role.CLERK),
            clock=scene.clock,
            files=scene.ports.files,
            signing=signing,
        )
