"""What a paired page of a ward may ask for: which keys there are, a batch to sign, how far it is."""

from __future__ import annotations

import base64

from signing.agent import answers
from signing.agent.answers import Answer, Ask
from signing.agent.batches import Batch, Stage
from signing.agent.doors import cors, preflight
from signing.agent.errors import AgentError, NotPaired, OrderUnreadable
from signing.agent.parts import Parts
from signing.agent.settings import VERSION
from signing.errors import SigningError
from signing.model import Json

MOST_LETTERS = 200


def answer_api(parts: Parts, ask: Ask) -> Answer:
    """Answer a page. Only origins that are paired, or hold a code, are answered at all; others see a closed door.

    ``/api/ping`` alone says to anybody that an agent runs, and nothing more: then a page can tell "not paired" from
    "not running".
    """
    if ask.path == "/api/ping":
        return answers.bare(204, {"Cross-Origin-Resource-Policy": "cross-origin"})
    origin = ask.headers.get("origin", "")
    pairing = ask.path == "/api/pair"
    if not (parts.pairings.expects(origin) if pairing else parts.pairings.knows(origin)):
        return answers.bare(403)
    if ask.method == "OPTIONS":
        private = ask.headers.get("access-control-request-private-network") == "true"
        return answers.bare(204, preflight(origin, private_network=private))
    try:
        return answers.data(_pair(parts, origin, ask) if pairing else _paired(parts, origin, ask), headers=cors(origin))
    except AgentError as error:
        return answers.data(error.to_json(), status=error.status, headers=cors(origin))
    except SigningError as error:
        return answers.data(error.to_json(), status=400, headers=cors(origin))


def _pair(parts: Parts, origin: str, ask: Ask) -> Json:
    code = _object(ask).get("code")
    if ask.method != "POST" or not isinstance(code, str) or len(code) > MOST_LETTERS:
        raise OrderUnreadable
    return {"token": parts.pairings.redeem(origin, code), "version": VERSION}


def _paired(parts: Parts, origin: str, ask: Ask) -> Json:
    kind, _, token = ask.headers.get("authorization", "").partition(" ")
    if kind != "Bearer":
        raise NotPaired
    parts.pairings.check(origin, token)
    match ask.method, ask.path.split("/")[2:]:
        case "GET", ["keys"]:
            return {"version": VERSION, "keys": [key.to_json() for key in parts.keys.see().keys]}
        case "DELETE", ["pairing"]:
            parts.pairings.forget(origin)
            return {}
        case "POST", ["batches"]:
            batch = parts.batches.begin(origin, _object(ask))
            parts.pairings.touch(origin)
            return _told(batch)
        case "GET", ["batches", batch_id]:
            return _told(parts.batches.get(batch_id, origin=origin))
        case "DELETE", ["batches", batch_id]:
            parts.batches.forget(batch_id, origin)
            return {}
        case _:
            raise OrderUnreadable


def _object(ask: Ask) -> dict[str, object]:
    value = ask.json()
    if not isinstance(value, dict):
        raise OrderUnreadable
    return value


def _told(batch: Batch) -> Json:
    """Return how far a batch is: raw signatures and reasons, never a document."""
    return {
        "id": batch.id,
        "page": f"/batch/{batch.id}",
        "stage": batch.stage.value,
        "ended": batch.stage is Stage.ENDED,
        "problem": batch.problem.to_json() if batch.problem else None,
        "documents": [
            {
                "id": item.id,
                "raw": base64.b64encode(item.raw).decode() if item.raw is not None else None,
                "problem": item.problem.to_json() if item.problem else None,
            }
            for item in batch.items
        ],
    }
