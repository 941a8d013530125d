"""What a new document does to an earlier one, as the address of its page says it."""

from uuid import UUID

from flask import request

from webapp.core.errors import NotFound
from webapp.core.relations import RelationKind
from webapp.services.relations import NewRelation


def asked_relation() -> NewRelation | None:
    """Give what the new document does to which earlier one. Raises NotFound."""
    kind, target = request.args.get("kind", ""), request.args.get("target", "")
    if not kind and not target:
        return None
    try:
        return NewRelation(kind=RelationKind(kind), target_id=UUID(target))
    except ValueError as error:
        raise NotFound from error
