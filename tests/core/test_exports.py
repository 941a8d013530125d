"""Words and columns of an export."""

from enum import StrEnum

from webapp.core.exports import COLUMNS, WORDS, ExportOrder, ExportTable, Wording, cell, columns_of
from webapp.core.ids import new_id
from webapp.core.surveys import AgeBand, VisitStatus
from webapp.web.shared.labels import LABELS


def test_a_file_says_what_the_screen_says() -> None:
    different = {
        member: (word, LABELS[type(member), member]._args[0])
        for member, word in WORDS.items()
        if not isinstance(member, AgeBand) and isinstance(member, StrEnum)
        if LABELS[type(member), member]._args[0] != word
    }
    assert different == {}


def test_codes_of_a_table_are_not_used_twice() -> None:
    for columns in COLUMNS.values():
        assert len({column.code for column in columns}) == len({column.heading for column in columns}) == len(columns)


def test_an_unknown_is_an_empty_cell_and_never_no() -> None:
    assert cell(None, Wording.WORDS) is None
    assert (cell(False, Wording.WORDS), cell(False, Wording.CODES), cell(0, Wording.WORDS)) == ("Không", "false", 0)


def test_names_are_columns_only_when_ordered() -> None:
    codes = {column.code for column in columns_of(ExportTable.VISITS, ExportOrder())}
    assert codes & {"head_name", "address", "note", "reason"} == set()
    assert "note" in {column.code for column in columns_of(ExportTable.VISITS, ExportOrder(names=True))}


def test_an_order_survives_its_way_through_a_job() -> None:
    order = ExportOrder(
        round_id=new_id(), group_ids=frozenset({new_id(), new_id()}), status=VisitStatus.APPROVED, names=True
    )
    assert ExportOrder.from_json(order.to_json()) == order
    assert ExportOrder.from_json(ExportOrder().to_json()) == ExportOrder()
