"""Requests as earlier phones sent them, kept for ever: the server must go on understanding each of them.

A file holds what one version of the phone sent, byte by byte, and what it must be able to read in the answer. Files are
added when the phone changes what it sends; none is ever edited. Places such as @household@ are filled in here.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.api.conftest import Phone
from tests.world import World

FOLDER = Path(__file__).parent / "recorded"
CONVERSATIONS = sorted(FOLDER.glob("v*/*.json"))


def test_there_are_recorded_conversations_of_every_version() -> None:
    assert {path.parent.name for path in CONVERSATIONS} == {"v1"}


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_earlier_phone_is_still_understood(path: Path, phone: Phone, world: World) -> None:
    places = {
        "@round@": str(world.round_id),
        "@household@": str(world.households[world.group_ids[0]][0]),
        "@second@": str(world.households[world.group_ids[0]][1]),
    }
    for step in json.loads(path.read_text(encoding="utf-8")):
        text = step.get("body", "")
        for place, value in places.items():
            text = text.replace(place, value)
        answer = phone.client.open(
            step["path"],
            method=step["method"],
            data=text.encode() or None,
            headers={**step["headers"], **phone.headers},
        )
        assert answer.status_code == step["status"], answer.text
        _holds(answer.json, step["holds"])


def _holds(found: Any, wanted: Any) -> None:
    """Check that everything the phone relied on is there; null stands for any value."""
    for key, value in wanted.items():
        assert key in found
        if isinstance(value, dict):
            _holds(found[key], value)
        elif value is not None:
            assert found[key] == value
