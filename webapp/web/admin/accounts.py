"""People: the list, a new one, and one person's page."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission, Role
from webapp.core.accounts import normal_username, suggest_username
from webapp.queries.places import department_choices, group_choices
from webapp.queries.reminders import find_reminder
from webapp.queries.staff import StaffPage, list_staff, usernames_like
from webapp.services.accounts import CreateAccount, create_account
from webapp.web.admin.blueprint import bp
from webapp.web.admin.forms import ROLES, AccountForm, EmailForm, GrantForm, NameForm
from webapp.web.admin.people import STANDINGS, person_or_404, staff_filter
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/accounts")
@requires(Permission.ACCOUNT_MANAGE)
def accounts() -> ResponseReturnValue:
    """List people; search by name or username, filter by role."""
    words, role = request.args.get("q", "")[:100], request.args.get("role", "")
    wanted = staff_filter(words=words, role=Role(role) if role in {member.value for member in ROLES} else None)
    number = max(1, request.args.get("page", 1, type=int))
    page = list_staff(db.session, current_actor().ward_id, wanted, number=number)
    return render_template(
        "admin/accounts.html",
        page=page,
        pages=_links(page, words, role),
        words=words,
        role=role,
        roles=ROLES,
        standings=STANDINGS,
    )


def _links(page: StaffPage, words: str, role: str) -> dict[str, object]:
    def href(number: int) -> str:
        return url_for(".accounts", q=words or None, role=role or None, page=number)

    return {
        "number": page.number,
        "pages": page.pages,
        "total": page.total,
        "prev_href": href(page.number - 1) if page.number > 1 else None,
        "next_href": href(page.number + 1) if page.number < page.pages else None,
    }


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_create() -> ResponseReturnValue:
    """Make an account; its one-time password is shown on the answer, once."""
    actor = current_actor()
    form = AccountForm()
    form.offer(group_choices(db.session, actor.ward_id), department_choices(db.session, actor.ward_id))
    if form.validate_on_submit():
        with problems_on(form):
            command = CreateAccount(
                ward_id=actor.ward_id,
                username=form.username.data or _free_username(form.display_name.data),
                display_name=form.display_name.data,
                grants=(form.grant(),),
            )
            new = create_account(db.session, command, actor=actor, clock=clock())
            return render_template("admin/one_time_password.html", new=new, person=person_or_404(new.account_id))
    return render_template("admin/account_new.html", form=form), 422 if form.errors else 200


def _free_username(display_name: str) -> str:
    wish = suggest_username(display_name)
    return normal_username(suggest_username(display_name, usernames_like(db.session, wish)))


@bp.get("/accounts/<uuid:account_id>")
@requires(Permission.ACCOUNT_MANAGE)
def account_detail(account_id: UUID) -> ResponseReturnValue:
    """Show one person: roles and what can be done."""
    return person_page(account_id)


def person_page(
    account_id: UUID, grant_form: GrantForm | None = None, status: int = 200, *, email_form: EmailForm | None = None
) -> ResponseReturnValue:
    """Render one person's page, also with a refused form on it."""
    actor = current_actor()
    person = person_or_404(account_id)
    reminder = find_reminder(db.session, actor.ward_id, account_id)
    form = grant_form or GrantForm(formdata=None)
    form.offer(group_choices(db.session, actor.ward_id), department_choices(db.session, actor.ward_id))
    page = render_template(
        "admin/account.html",
        person=person,
        form=form,
        name_form=NameForm(formdata=None, display_name=person.display_name),
        reminder=reminder,
        email_form=email_form or EmailForm(formdata=None, email=reminder.email if reminder else ""),
        standings=STANDINGS,
        is_self=person.account_id == actor.account_id,
    )
    return page, status
