"""Reading the XML that ODK Collect sends: one small tree, refused before it can grow or fetch anything."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from xml.parsers import expat

from webapp.core.errors import DomainError

DEPTH_MAX: Final = 12
ELEMENTS_MAX: Final = 5_000
TEXT_MAX: Final = 4_000
ID_MAX: Final = 249
FORM_PREFIX: Final = "phs-"
REPEAT: Final = "adults"
EXTRA: Final = "extra"
META: Final = "meta"


class Malformed(DomainError):
    """The XML is not a filled form of ours; `params` say where (400)."""

    message = "Phiếu gửi lên không đọc được."


@dataclass(slots=True)
class Element:
    """One element: its name without namespace, its text, what is inside."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A filled form. `values`: name → text of every question outside the repeat and the extra questions."""

    form_id: str
    version: str
    instance_id: UUID
    deprecated_id: UUID | None
    values: dict[str, str]
    adults: list[dict[str, str]]
    extra: dict[str, str]


def form_id_of(round_id: UUID) -> str:
    """Name the form of a round."""
    return f"{FORM_PREFIX}{round_id.hex}"


def round_of(form_id: str) -> UUID | None:
    """Give the round of a form; None when it is not one of ours."""
    try:
        return UUID(form_id.removeprefix(FORM_PREFIX)) if form_id.startswith(FORM_PREFIX) else None
    except ValueError:
        return None


def read_instance(raw: bytes) -> Instance:
    """Read a submission. Raises Malformed."""
    root = _parse(raw)
    meta = {element.name: element.text.strip() for part in root.inside if part.name == META for element in part.inside}
    found: dict[str, str] = {}
    adults: list[dict[str, str]] = []
    extra: dict[str, str] = {}
    _flatten(root, found, adults, extra)
    deprecated = meta.get("deprecatedID", "")
    return Instance(
        form_id=root.attributes.get("id", ""),
        version=root.attributes.get("version", ""),
        instance_id=_identifier(meta.get("instanceID") or root.attributes.get("instanceID", "")),
        deprecated_id=_identifier(deprecated) if deprecated else None,
        values=found,
        adults=adults,
        extra=extra,
    )


def _identifier(text: str) -> UUID:
    if not text:
        raise Malformed("Phiếu thiếu mã instanceID.")
    if len(text) > ID_MAX or not text.startswith("uuid:"):
        raise Malformed("Mã instanceID của phiếu không đúng dạng uuid.")
    try:
        return UUID(text.removeprefix("uuid:"))
    except ValueError as error:
        raise Malformed("Mã instanceID của phiếu không đúng dạng uuid.") from error


def _flatten(root: Element, found: dict[str, str], adults: list[dict[str, str]], extra: dict[str, str]) -> None:
    for element in root.inside:
        if element.name == META:
            continue
        if element.name == REPEAT:
            adults.append(_leaves(element))
        elif element.name == EXTRA:
            extra.update(_leaves(element))
        elif element.inside:
            _flatten(element, found, adults, extra)
        elif element.name in found:
            raise Malformed("Phiếu có câu “%(name)s” hai lần.", name=element.name)
        else:
            found[element.name] = element.text.strip()


def _leaves(part: Element) -> dict[str, str]:
    leaves = {element.name: element.text.strip() for element in part.inside}
    if len(leaves) != len(part.inside) or any(element.inside for element in part.inside):
        raise Malformed
    return leaves


def _parse(raw: bytes) -> Element:
    """Build the tree with expat: UTF-8 only, no document type, bounded in depth, number and length."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("Phiếu phải viết bằng UTF-8.") from error
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Malformed from error
    return builder.root.inside[0]


class _Builder:
    def __init__(self) -> None:
        self.root = Element("", {})
        self.open = [self.root]
        self.count = 0

    def doctype(self, *_about: Any) -> None:  # noqa: ANN401 - expat's arguments
        raise Malformed("Phiếu không được khai báo DTD.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) > DEPTH_MAX or self.count > ELEMENTS_MAX:
            raise Malformed("Phiếu có quá nhiều phần lồng nhau.")
        element = Element(name.rpartition(" ")[2], attributes)
        self.open[-1].inside.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        element = self.open[-1]
        element.text += text
        if len(element.text) > TEXT_MAX:
            raise Malformed("Một câu trả lời dài quá %(most)s chữ.", most=TEXT_MAX)
