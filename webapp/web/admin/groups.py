"""Residential groups: the list, new ones pasted or from a file, and one group's page."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.analytics.group_lists import read_group_lines
from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.groups import parse_groups
from webapp.queries.places import find_group, group_codes, list_groups
from webapp.services.groups import ChangeGroup, change_group, create_groups, set_group_active
from webapp.web.admin.blueprint import bp
from webapp.web.admin.forms import GroupForm, GroupListForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/groups")
@requires(Permission.GROUP_MANAGE)
def groups() -> ResponseReturnValue:
    """List the groups of the ward."""
    rows = list_groups(db.session, current_actor().ward_id)
    return render_template("admin/groups.html", rows=rows, active=sum(row.is_active for row in rows))


@bp.route("/groups/new", methods=["GET", "POST"])
@requires(Permission.GROUP_MANAGE)
@commits
def group_create() -> ResponseReturnValue:
    """Create groups: one a line, or from a file; all of them or none."""
    form = GroupListForm()
    if form.validate_on_submit():
        with problems_on(form):
            actor = current_actor()
            upload = request.files.get(form.file.name)
            lines = (
                read_group_lines(upload.read()) if upload and upload.filename else (form.groups.data or "").splitlines()
            )
            found = parse_groups(lines, taken=group_codes(db.session, actor.ward_id))
            if found:
                create_groups(db.session, found, actor=actor, clock=clock())
                flash(_("Đã thêm %(count)s tổ.", count=len(found)), "ok")
                return redirect(url_for(".groups"), 303)
            form.groups.errors = [_("Hãy nhập ít nhất một tổ.")]
    return render_template("admin/group_new.html", form=form), 422 if form.errors else 200


@bp.route("/groups/<uuid:group_id>", methods=["GET", "POST"])
@requires(Permission.GROUP_MANAGE)
@commits
def group_edit(group_id: UUID) -> ResponseReturnValue:
    """Correct one group."""
    actor = current_actor()
    row = find_group(db.session, actor.ward_id, group_id)
    if row is None:
        raise NotFound
    form = GroupForm(obj=row)
    if form.validate_on_submit():
        with problems_on(form):
            command = ChangeGroup(
                group_id=group_id,
                code=form.code.data,
                name=form.name.data,
                sort_key=form.sort_key.data,
                population=form.population.data,
            )
            change_group(db.session, command, actor=actor, clock=clock())
            flash(_("Đã lưu %(name)s.", name=command.name), "ok")
            return redirect(url_for(".groups"), 303)
    return render_template("admin/group.html", form=form, row=row), 422 if form.errors else 200


@bp.post("/groups/<uuid:group_id>/close")
@requires(Permission.GROUP_MANAGE)
@commits
def group_close(group_id: UUID) -> ResponseReturnValue:
    """Stop using a group without households."""
    set_group_active(db.session, group_id, active=False, actor=current_actor(), clock=clock())
    flash(_("Đã ngừng dùng tổ này."), "ok")
    return redirect(url_for(".groups"), 303)


@bp.post("/groups/<uuid:group_id>/open")
@requires(Permission.GROUP_MANAGE)
@commits
def group_open(group_id: UUID) -> ResponseReturnValue:
    """Use a group again."""
    set_group_active(db.session, group_id, active=True, actor=current_actor(), clock=clock())
    flash(_("Đã dùng lại tổ này."), "ok")
    return redirect(url_for(".groups"), 303)
