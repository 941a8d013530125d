"""Presets of places and what covers what."""

import pytest

from webapp.core.signature_places import PlacePreset, SeenPlace, is_free, preset_place

A4 = (595.28, 841.89)


def test_presets_stand_inside_the_margins() -> None:
    right = preset_place(PlacePreset.BOTTOM_RIGHT, 2, A4)
    assert (right.page, right.x + right.width, right.y) == (2, pytest.approx(A4[0] - 42.5), 85)
    left = preset_place(PlacePreset.BOTTOM_LEFT, 0, A4)
    centre = preset_place(PlacePreset.BOTTOM_CENTRE, 0, A4)
    top = preset_place(PlacePreset.TOP_RIGHT, 0, A4)
    assert left.x == 42.5
    assert centre.x + centre.width / 2 == pytest.approx(A4[0] / 2)
    assert top.y + top.height == pytest.approx(A4[1] - 42.5)


@pytest.mark.parametrize("preset", list(PlacePreset))
def test_a_small_page_gets_a_smaller_place(preset: PlacePreset) -> None:
    place = preset_place(preset, 0, (100, 50))
    assert (place.x, place.y, place.width, place.height) == (0, 0, 100, 50)


def test_boxes_that_only_touch_do_not_cover_each_other() -> None:
    one = SeenPlace(page=0, x=0, y=0, width=100, height=50)
    beside = SeenPlace(page=0, x=100, y=0, width=100, height=50)
    over = SeenPlace(page=0, x=90, y=40, width=100, height=50)
    elsewhere = SeenPlace(page=1, x=0, y=0, width=100, height=50)
    assert is_free(one, [beside, elsewhere])
    assert not is_free(one, [over])
