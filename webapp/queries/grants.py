"""Which grants give rights now: those of substitutes only within their span."""

import datetime as dt

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, or_


def live_grant(grant: FromClause) -> ColumnElement[bool]:
    """Give the condition that a row of role_grant gives its rights at the moment `now` (a parameter of the statement).

    Every statement that reads what a person may do uses it, so that a substitute's scope ends by itself.
    """
    now: ColumnElement[dt.datetime] = bindparam("now")
    return and_(
        grant.c.revoked_at.is_(None),
        or_(grant.c.starts_at.is_(None), grant.c.starts_at <= now),
        or_(grant.c.ends_at.is_(None), grant.c.ends_at > now),
    )


def lasting_grant(grant: FromClause) -> ColumnElement[bool]:
    """Give the condition that a grant is not a substitute's: a group that only a substitute looks after has no head."""
    return and_(grant.c.revoked_at.is_(None), grant.c.ends_at.is_(None))
