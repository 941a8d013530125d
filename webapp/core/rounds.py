"""Where a group stands in a survey round: its own state may run ahead of the round's, never behind it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from webapp.core.errors import N_, RoundShut, WrongState
from webapp.core.surveys import RoundStatus

_ORDER: Final = {status: place for place, status in enumerate(RoundStatus)}

# Of a group within a round that is open or closed; a locked group stays locked.
GROUP_MOVES: Final[Mapping[RoundStatus, frozenset[RoundStatus]]] = MappingProxyType(
    {
        RoundStatus.OPEN: frozenset({RoundStatus.CLOSED}),
        RoundStatus.CLOSED: frozenset({RoundStatus.OPEN, RoundStatus.LOCKED}),
        RoundStatus.LOCKED: frozenset(),
    }
)

_CLOSED: Final = N_("Đợt khảo sát này không mở nên không nhận phiếu. Dữ liệu bạn nhập vẫn còn trên trang.")
_ROUND_LOCKED: Final = N_("Đợt khảo sát đã chốt nên không nhận, sửa, duyệt hay trả phiếu được nữa.")
_GROUP_CLOSED: Final = N_(
    "Tổ này đã đóng trong đợt khảo sát nên không nhận phiếu. Dữ liệu bạn nhập vẫn còn trên trang."
)
_GROUP_LOCKED: Final = N_("Số liệu của tổ này trong đợt đã chốt nên không nhận, sửa, duyệt hay trả phiếu được nữa.")


def standing(of_round: RoundStatus, of_group: RoundStatus | None) -> RoundStatus:
    """Give the state that holds for a group: the round's, or the group's own when that has run ahead."""
    return of_round if of_group is None or _ORDER[of_group] < _ORDER[of_round] else of_group


def check_accepts(of_round: RoundStatus, of_group: RoundStatus | None, *, subject: UUID | None = None) -> None:
    """Refuse a visit unless round and group are open. `subject` names it in the log. Raises RoundShut."""
    check_unlocked(of_round, of_group, subject=subject)
    if of_round is not RoundStatus.OPEN:
        raise RoundShut("round-closed", _CLOSED, subject=subject)
    if of_group not in {None, RoundStatus.OPEN}:
        raise RoundShut("group-closed", _GROUP_CLOSED, subject=subject)


def check_unlocked(of_round: RoundStatus, of_group: RoundStatus | None, *, subject: UUID | None = None) -> None:
    """Refuse any change of visits whose figures have been locked. Raises RoundShut."""
    if of_round is RoundStatus.LOCKED:
        raise RoundShut("round-locked", _ROUND_LOCKED, subject=subject)
    if of_group is RoundStatus.LOCKED:
        raise RoundShut("group-locked", _GROUP_LOCKED, subject=subject)


def check_group_move(of_round: RoundStatus, of_group: RoundStatus | None, wanted: RoundStatus) -> None:
    """Refuse a move of a group that its state or the round's does not allow."""
    if of_round not in GROUP_MOVES or wanted not in group_moves(of_round, of_group):
        raise WrongState(N_("Tổ này không thể chuyển sang trạng thái đó trong đợt khảo sát."))


def group_moves(of_round: RoundStatus, of_group: RoundStatus | None) -> frozenset[RoundStatus]:
    """Give where a group can go: never to a state that the round has left."""
    if of_round not in {RoundStatus.OPEN, RoundStatus.CLOSED}:
        return frozenset()
    moves = GROUP_MOVES[standing(of_round, of_group)]
    return frozenset(move for move in moves if _ORDER[move] >= _ORDER[of_round])
