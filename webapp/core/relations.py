"""Documents about documents (Decree 30, Art 18): a published file is never edited, another one says what changed."""

from enum import StrEnum

from webapp.core.errors import N_, Problem


class RelationKind(StrEnum):
    """What a document does to an earlier one."""

    AMENDS = "amends"
    REPLACES = "replaces"
    RECALLS = "recalls"


ENDING = frozenset({RelationKind.REPLACES, RelationKind.RECALLS})
"""After these the earlier document has no effect any more; nothing more can be done to it."""

REGISTER_WORDS = {
    RelationKind.AMENDS: "sửa đổi",
    RelationKind.REPLACES: "thay thế",
    RelationKind.RECALLS: "thu hồi",
}
"""As the register's last column says it."""


def form_problem(kind: RelationKind, type_code: str, target_type: str) -> Problem | None:
    """Amending and replacing take a document of equal form (Art 18.3); a recall may be a letter."""
    if kind is RelationKind.RECALLS or type_code == target_type:
        return None
    message = N_("Sửa đổi hoặc thay thế phải bằng văn bản cùng loại với văn bản trước (Nghị định 30, Điều 18).")
    return Problem("type_code", message)
