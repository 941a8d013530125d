"""The first-run set-up of a real ward: open only while no ward exists, and only with the code from the console."""

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.analytics.group_lists import read_group_lines
from webapp.core.accounts import normal_username
from webapp.core.errors import NotFound
from webapp.core.groups import GroupLine, parse_groups
from webapp.core.text import clean
from webapp.queries.places import has_ward
from webapp.services.own_password import bare_name
from webapp.services.setup import SetUpWard, check_setup, set_up_ward
from webapp.web.extensions import db, limiter
from webapp.web.home.blueprint import bp
from webapp.web.home.forms import ConfirmSetupForm, WardSetupForm
from webapp.web.shared.access import public
from webapp.web.shared.errors import problems_on
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock

LIMIT = "10 per minute; 60 per hour"
KINDS = ("phường ", "xã ", "đặc khu ")


@bp.route("/setup", methods=["GET", "POST"])
@public
@limiter.limit(LIMIT, methods=["POST"])
@commits
def setup() -> ResponseReturnValue:
    """Ask for ward, groups and administrator; a check page follows."""
    if has_ward(db.session):
        raise NotFound
    form = WardSetupForm(valid_from=dt.date(2025, 7, 1))
    if form.validate_on_submit():
        with problems_on(form):
            command = _command(form, _lines(form))
            check_setup(db.session, command, code=form.setup_code.data)
            return _check_page(command, form.setup_code.data)
    return render_template("home/setup.html", form=form), 422 if form.errors else 200


@bp.post("/setup/create")
@public
@limiter.limit(LIMIT)
@commits
def create_ward() -> ResponseReturnValue:
    """Make everything in one transaction; from then on this page does not exist."""
    if has_ward(db.session):
        raise NotFound
    form = ConfirmSetupForm()
    if form.valid_from.data is None:
        return redirect(url_for("home.setup"), 303)
    command = _command(form, (form.groups.data or "").splitlines(), password=form.admin_password.data)
    if form.validate_on_submit():
        with problems_on(form):
            check_setup(db.session, command, code=form.setup_code.data)
            set_up_ward(db.session, command, clock=clock())
            flash(_("Đã cài đặt xong phường. Hãy đăng nhập bằng tài khoản quản trị vừa tạo."), "ok")
            return redirect(url_for("auth.login"), 303)
    return render_template("home/setup_check.html", form=form, command=command), 422


def _lines(form: WardSetupForm) -> list[str]:
    upload = request.files.get(form.file.name)
    if upload and upload.filename:
        return read_group_lines(upload.read())
    return (form.groups.data or "").splitlines()


def _command(form: WardSetupForm | ConfirmSetupForm, lines: list[str], *, password: str | None = None) -> SetUpWard:
    name = clean(form.name.data or "")
    if not name.casefold().startswith(KINDS):
        name = f"phường {name}"
    return SetUpWard(
        code=clean(form.code.data or ""),
        name=name,
        province_code=clean(form.province_code.data or ""),
        province_name=clean(form.province_name.data or ""),
        valid_from=form.valid_from.data,
        agency_name=clean(form.agency_name.data or "") or f"Ủy ban nhân dân {name}",
        place_name=clean(form.place_name.data or "") or bare_name(name),
        admin_username=normal_username(form.admin_username.data or ""),
        admin_name=form.admin_name.data or "",
        admin_password=password,
        groups=tuple(parse_groups(lines)),
    )


def _check_page(command: SetUpWard, code: str) -> ResponseReturnValue:
    form = ConfirmSetupForm(
        formdata=None,
        setup_code=code,
        groups="\n".join(map(_as_line, command.groups)),
        **{
            field: getattr(command, field)
            for field in ("code", "name", "province_code", "province_name", "agency_name", "place_name")
        },
        valid_from=command.valid_from,
        admin_name=command.admin_name,
        admin_username=command.admin_username,
    )
    return render_template("home/setup_check.html", form=form, command=command)


def _as_line(group: GroupLine) -> str:
    return f"{group.code};{group.name}" + (f";{group.population}" if group.population is not None else "")
