"""What every resident may read: which personal data the ward keeps, why, and how to ask about one's own."""

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.core.personal_data import DAYS
from webapp.queries.personal_data import field_rows
from webapp.queries.places import list_wards
from webapp.web.extensions import db
from webapp.web.public.blueprint import bp
from webapp.web.public.overview import chosen_ward
from webapp.web.shared.access import public


@bp.get("/cong-khai/du-lieu-ca-nhan")
@public
def personal_data() -> ResponseReturnValue:
    """Show purposes, bases and deadlines; the controller must publish its procedure (Decree 356/2025/NĐ-CP)."""
    wards = list_wards(db.session)
    ward = chosen_ward(wards)
    if ward is None:
        return render_template("public/wards.html", wards=wards)
    return render_template("public/personal_data.html", ward=ward, rows=field_rows(db.session, ward.ward_id), days=DAYS)
