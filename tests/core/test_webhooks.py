"""Messages to webhooks: their signature, their body, and when they are tried again."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from webapp.core.webhooks import (
    TRIES_MOST,
    WAITS,
    Told,
    WebhookEvent,
    check_url,
    headers,
    message,
    new_secret,
    next_try,
)

AT = dt.datetime(2021, 2, 25, 14, 55, 30, tzinfo=dt.UTC)
SUBJECT = UUID("0190a5a5-0000-7000-8000-000000000001")


def test_the_signature_is_the_one_that_the_specification_prints() -> None:
    told = headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        dt.datetime.fromtimestamp(1614265330, dt.UTC),
        b'{"test": 2432232314}',
    )
    assert told == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_what_the_manual_tells_receivers_to_do_finds_ours_and_nothing_else() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    told: dict[str, Callable[[str, dict[str, str], bytes], bool]] = {}
    exec(manual.split("```python\n")[1].split("```")[0], told)
    secret, now = new_secret(), dt.datetime.now(dt.UTC)
    ours = headers(secret, "a", now, b"{}")
    old = headers(secret, "a", now - dt.timedelta(minutes=6), b"{}")
    assert told["is_ours"](secret, ours, b"{}")
    assert not told["is_ours"](secret, ours, b"{ }")
    assert not told["is_ours"](new_secret(), ours, b"{}")
    assert not told["is_ours"](secret, ours | {"webhook-id": "b"}, b"{}")
    assert not told["is_ours"](secret, old, b"{}")


def test_a_secret_is_long_and_no_other_is_like_it() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(one.startswith("whsec_") and len(one) == 50 for one in made)


def test_the_body_is_the_same_at_every_try_and_names_nobody() -> None:
    told = Told(event=WebhookEvent.DOCUMENT_SIGNED, at=AT, ward_code="21172", sequence=7, subject_id=SUBJECT)
    body = message(told, "https://phuong.vn/")
    assert body == message(told, "https://phuong.vn/")
    assert json.loads(body) == {
        "type": "document.signed",
        "timestamp": "2021-02-25T14:55:30Z",
        "data": {
            "version": 1,
            "ward": "21172",
            "sequence": 7,
            "subject": str(SUBJECT),
            "url": f"https://phuong.vn/documents/{SUBJECT}",
        },
    }


@pytest.mark.parametrize("event", list(WebhookEvent))
def test_every_event_has_a_page(event: WebhookEvent) -> None:
    told = Told(event=event, at=AT, ward_code="21172", sequence=7, subject_id=SUBJECT)
    assert json.loads(message(told, "https://phuong.vn"))["data"]["url"].endswith(str(SUBJECT))


def test_the_waits_grow_and_end() -> None:
    waits = [next_try(tries) for tries in range(1, TRIES_MOST + 1)]
    assert waits == [*sorted(WAITS), None]


@pytest.mark.parametrize(
    "url",
    [
        "vi-du.vn",
        "ftp://vi-du.vn",
        "https://",
        "https://a:b@vi-du.vn/",
        "https://@vi-du.vn/",
        "https://vi-du.vn:99999/",
        "https://vi-du.vn:x/",
        "https://vi-du.vn/a b",
        "https://vi-du.vn/a\r\nHost: x",
        "https://ví-dụ.vn/",
        "https://vi-du.vn/#a",
        "https://[::1/",
        "https://vi-du.vn/" + "a" * 500,
    ],
)
def test_addresses_of_a_wrong_form_are_refused(url: str) -> None:
    assert check_url(url)[0].field == "url"


def test_a_plain_address_is_fine() -> None:
    assert check_url("https://vi-du.gov.vn:8443/nhan-tin?khoa=1") == []
