"""Changing the chain of a type of document: each change is a version of its own, with its reason."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.errors import N_, Conflict, InvalidInput, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.core.signing_chains import MOST_EXTRA_SIGNERS, Chain, chain_values
from webapp.core.text import clean
from webapp.models.documents import DocumentType
from webapp.models.workflow import DocumentChain
from webapp.queries.signing_chains import chain_in_force
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeChain:
    """Another chain for a type; `version` is the one that the page showed."""

    type_code: str
    version: int
    chain: Chain
    note: str


def change_chain(session: Session, command: ChangeChain, *, actor: Actor, clock: Clock) -> int:
    """Add a version and give its number; documents on their way keep their steps.

    Raises InvalidInput, NotFound, WrongState for copies, Conflict when somebody changed it meanwhile.
    """
    require(actor, Permission.CHAIN_MANAGE)
    session.get(DocumentType, command.type_code, with_for_update={"key_share": True})
    now = chain_in_force(session, actor.ward_id, command.type_code)
    if is_copy(command.type_code):
        raise WrongState(N_("Bản sao chỉ có cơ quan ký nên không có trình tự ký để sửa."))
    if now.version != command.version:
        raise Conflict
    problems = _problems(command, now.chain)
    if problems:
        raise InvalidInput(problems)
    row = DocumentChain(
        ward_id=actor.ward_id,
        type_code=command.type_code,
        version=now.version + 1,
        note=clean(command.note)[:300],
        made_at=clock.now(),
        made_by=actor.account_id,
        **chain_values(command.chain),
    )
    session.add(row)
    session.flush()
    record(
        session,
        AuditTag.CHAIN_CHANGE,
        actor=actor,
        clock=clock,
        type=command.type_code,
        version=row.version,
        **chain_values(command.chain),
    )
    return row.version


def _problems(command: ChangeChain, now: Chain) -> list[Problem]:
    problems = []
    if not 0 <= command.chain.extra_signers <= MOST_EXTRA_SIGNERS:
        message = N_("Cho ký thêm từ 0 đến %(most)s người.")
        problems.append(Problem("extra_signers", message, {"most": MOST_EXTRA_SIGNERS}))
    if not clean(command.note):
        problems.append(Problem("note", N_("Hãy ghi lý do để người sau biết vì sao đổi trình tự ký.")))
    if command.chain == now:
        problems.append(Problem("", N_("Trình tự ký chưa có gì thay đổi.")))
    return problems
