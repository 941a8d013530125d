"""What stands in the parts of a Word file: links, fields that fetch, changes nobody accepted yet.

Read with expat as a stream: no part is held as a tree, and a document type is refused.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from webapp.core.word_files import WordRefused

WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_VML: Final = "urn:schemas-microsoft-com:vml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_CHANGES: Final = frozenset({"ins", "del", "moveFrom", "moveTo"})
_FOREIGN: Final = frozenset({"altChunk", "subDoc"})
_FETCHING: Final = re.compile(
    r"^\s*(?:INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE|LINK|IMPORT|DATABASE|RD)\b", re.IGNORECASE
)
_SAFE_LINK: Final = re.compile(r"^(?:https?:|mailto:|tel:|#)", re.IGNORECASE)
# Left out without a word: the page looks the same. A linked template or mail-merge list only matters while editing.
_DROPPED: Final = frozenset(
    {
        "attachedTemplate",
        "mailMergeSource",
        "mailMergeHeaderSource",
        "mailMergeRecipientData",
        "recipientData",
        "transform",
        "oleObject",
        "package",
        "control",
        "activeXControlBinary",
        "font",
        "keyMapCustomizations",
        "attachedToolbars",
        "printerSettings",
    }
)


def _parser() -> Any:  # noqa: ANN401 - expat has no public type
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def doctype(*_about: object) -> None:
        raise WordRefused("broken")

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    return parser


def _parse(parser: Any, content: bytes) -> None:  # noqa: ANN401 - as above
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise WordRefused("broken") from error


def safe_relations(content: bytes) -> bytes:
    """Give a .rels part without what is left out. Raises WordRefused for content that lies elsewhere."""
    kept: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(" ")[2] == "Relationship" and _keeps(attributes):
            wanted = ("Id", "Type", "Target", "TargetMode")
            told = " ".join(f"{key}={quoteattr(attributes[key])}" for key in wanted if key in attributes)
            kept.append(f"<Relationship {told}/>")

    parser = _parser()
    parser.StartElementHandler = start
    _parse(parser, content)
    told = f'<Relationships xmlns="{_PACKAGE}">{"".join(kept)}</Relationships>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{told}'.encode()


def _keeps(relation: Mapping[str, str]) -> bool:
    kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
    if kind == "aFChunk":
        raise WordRefused("linked")
    if kind in _DROPPED or (kind == "image" and target.lower().endswith(".svg")):
        return False
    if relation.get("TargetMode", "").lower() != "external" and "://" not in target:
        return True
    if kind == "hyperlink":
        return bool(_SAFE_LINK.match(target))
    raise WordRefused("linked")


class _Text:
    """Watches the elements of one part with text."""

    def __init__(self) -> None:
        self._fields: list[str] = []
        self._inside_instruction = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _blank, local = name.rpartition(" ")
        if space == _VML:
            self._look_at_shape(attributes)
        if space not in {WORD, _STRICT}:
            return
        if local in _CHANGES:
            raise WordRefused("tracked")
        if local in _FOREIGN:
            raise WordRefused("linked")
        if local == "fldSimple":
            _refuse_fetching(attributes.get(f"{space} instr", ""))
        elif local == "fldChar":
            self._turn(attributes.get(f"{space} fldCharType", ""))
        self._inside_instruction = local in {"instrText", "delInstrText"}

    def end(self, _name: str) -> None:
        self._inside_instruction = False

    def text(self, words: str) -> None:
        if self._inside_instruction and self._fields:
            self._fields[-1] += words

    def _turn(self, kind: str) -> None:
        """Note where fields begin and end: an instruction may come in pieces, and may hold other fields."""
        if kind == "begin":
            self._fields.append("")
        elif self._fields:
            _refuse_fetching(self._fields[-1])
            if kind == "end":
                self._fields.pop()

    @staticmethod
    def _look_at_shape(attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if key.rpartition(" ")[2] in {"src", "althref"} and value and not value.startswith("#"):
                raise WordRefused("linked")


def _refuse_fetching(instruction: str) -> None:
    if _FETCHING.match(instruction):
        raise WordRefused("linked")


def check_text(content: bytes) -> None:
    """Refuse a part that would fetch something or shows changes nobody accepted. Raises WordRefused."""
    watching, parser = _Text(), _parser()
    parser.StartElementHandler = watching.start
    parser.EndElementHandler = watching.end
    parser.CharacterDataHandler = watching.text
    _parse(parser, content)
