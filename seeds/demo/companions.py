"""What stands beside the invented documents: people of their chains, attachments, and a scan to copy."""

import io
from typing import Any
from uuid import UUID

import pypdfium2 as pdfium
from sqlalchemy.orm import Session

from seeds.demo.papers import Paper, draw_attachment
from seeds.demo.people import STAFF
from seeds.demo.scene import Scene
from webapp.core.access import Actor
from webapp.core.copies import CopyForm
from webapp.core.signing_chains import Participant
from webapp.services.attachments import AddAttachment, add_attachment
from webapp.services.copies import MakeCopy
from webapp.services.participants import SetParticipants, set_participants

_TITLES = {member.slug: member.title for member in STAFF}
DPI = 200


def add_people(session: Session, paper: Paper, document_id: UUID, scene: Scene, author: Actor) -> None:
    """Name who initials and who signs beside the signer."""
    if not paper.head and not paper.beside:
        return
    others = [Participant(account_id=scene.staff[paper.beside], title=_TITLES[paper.beside])] if paper.beside else []
    head_id = scene.staff[paper.head] if paper.head else None
    command = SetParticipants(document_id=document_id, head_id=head_id, others=others)
    set_participants(session, command, actor=author, clock=scene.clock)


def add_files(session: Session, paper: Paper, document_id: UUID, author: Actor, ports: dict[str, Any]) -> None:
    """Put the attachments beside the draft."""
    for number, title in enumerate(paper.attachments, 1):
        content = draw_attachment(title, moment=ports["clock"].now())
        command = AddAttachment(document_id=document_id, title=title, content=content, filename=f"phu-luc-{number}.pdf")
        add_attachment(session, command, actor=author, **ports)


def scan(pdf: bytes) -> bytes:
    """Give the first page as a scanner would: one colour picture in its true size."""
    picture = pdfium.PdfDocument(pdf)[0].render(scale=DPI / 72).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=DPI, quality=60)
    return out.getvalue()


def scanned_decision(content: bytes) -> MakeCopy:
    """Give the order for a copy of an invented decision of the province."""
    return MakeCopy(
        form=CopyForm.SAO_Y,
        abstract="Quyết định về việc công bố vùng phủ sóng 5G năm nay",
        source_notation="215/QĐ-UBND",
        source_issuer="Ủy ban nhân dân tỉnh Mẫu",
        content=content,
        filename="quyet-dinh-215.pdf",
        recipients="Các tổ dân phố",
    )
