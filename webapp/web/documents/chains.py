"""The chains of the ward's types of documents: to read, and to change with a reason."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.signing_chains import Chain, chain_values
from webapp.queries.signing_chains import chain_history, chain_in_force, list_chains
from webapp.services.signing_chains import ChangeChain, change_chain
from webapp.web.documents.blueprint import bp
from webapp.web.documents.workflow_forms import ChainForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/chains")
@requires(Permission.CHAIN_MANAGE)
def chains() -> ResponseReturnValue:
    """List the types with their steps."""
    rows = list_chains(db.session, current_actor().ward_id)
    return render_template("documents/chains.html", rows=[(row, chain_words(row.chain)) for row in rows])


@bp.route("/chains/<type_code>", methods=["GET", "POST"])
@requires(Permission.CHAIN_MANAGE)
@commits
def chain(type_code: str) -> ResponseReturnValue:
    """Change the steps of a type."""
    actor = current_actor()
    now = chain_in_force(db.session, actor.ward_id, type_code)
    form = ChainForm(data={**chain_values(now.chain), "version": now.version})
    if form.validate_on_submit():
        command = ChangeChain(type_code=type_code, version=form.version.data, chain=form.chain(), note=form.note.data)
        with problems_on(form):
            change_chain(db.session, command, actor=actor, clock=clock())
            flash(_("Đã lưu. Văn bản trình từ bây giờ theo trình tự mới."), "ok")
            return redirect(url_for(".chains"), 303)
    history = [(row, chain_words(row.chain)) for row in chain_history(db.session, actor.ward_id, type_code)]
    page = render_template("documents/chain.html", form=form, now=now, history=history)
    return page, 422 if form.is_submitted() else 200


def chain_words(chain: Chain) -> list[str]:
    """Say the steps in order."""
    how = _(" (bằng khóa ký số)") if chain.initials_with_key else ""
    words = []
    if chain.author_initials:
        words.append(_("người soạn ký nháy") + how)
    if chain.head_initials:
        words.append(_("phụ trách đơn vị ký nháy") + how)
    if chain.extra_signers:
        together = _("cùng lúc") if chain.in_parallel else _("lần lượt")
        words.append(_("thêm tối đa %(count)s người ký, %(how)s", count=chain.extra_signers, how=together))
    return [*words, _("người có thẩm quyền ký"), _("văn thư cấp số, đóng dấu")]
