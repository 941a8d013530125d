"""Webhooks: which programs outside are told of what, and how each message went."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import N_, WrongState
from webapp.core.webhooks import DeliveryStatus, WebhookSender
from webapp.queries.webhooks import delivery_log, get_webhook, list_webhooks
from webapp.services import webhooks as service
from webapp.web.admin.blueprint import bp
from webapp.web.admin.webhook_forms import EventsForm, WebhookForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, outward

BADGES = {DeliveryStatus.WAITING: "info", DeliveryStatus.DELIVERED: "ok", DeliveryStatus.FAILED: "danger"}


@bp.get("/webhooks")
@requires(Permission.WEBHOOK_MANAGE)
def webhooks() -> ResponseReturnValue:
    """Show the addresses, and the form for another one."""
    return _list_page(WebhookForm(formdata=None))


@bp.post("/webhooks/new")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_new() -> ResponseReturnValue:
    """Add an address; its secret is shown on the answer, once."""
    form = WebhookForm()
    if form.validate_on_submit():
        command = service.AddWebhook(url=(form.url.data or "").strip(), events=form.chosen())
        with problems_on(form):
            webhook_id, secret = service.add_webhook(
                db.session, command, actor=current_actor(), clock=clock(), cipher=cipher(), sender=_sender()
            )
            return _detail_page(webhook_id, secret=secret)
    return _list_page(form), 422


@bp.get("/webhooks/<uuid:webhook_id>")
@requires(Permission.WEBHOOK_MANAGE)
def webhook(webhook_id: UUID) -> ResponseReturnValue:
    """Show one address and the log of its messages."""
    return _detail_page(webhook_id)


@bp.post("/webhooks/<uuid:webhook_id>/events")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_events(webhook_id: UUID) -> ResponseReturnValue:
    """Choose what it is told of."""
    form = EventsForm()
    if form.validate_on_submit():
        with problems_on(form):
            service.choose_events(db.session, webhook_id, form.chosen(), actor=current_actor(), clock=clock())
            return _back(webhook_id, _("Đã lưu. Từ nay chỉ báo các việc này."))
    return _detail_page(webhook_id, form), 422


@bp.post("/webhooks/<uuid:webhook_id>/on")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_on(webhook_id: UUID) -> ResponseReturnValue:
    """Switch it on again."""
    service.switch_webhook(db.session, webhook_id, on=True, actor=current_actor(), clock=clock())
    return _back(webhook_id, _("Đã bật. Việc xảy ra từ lúc này sẽ được báo."))


@bp.post("/webhooks/<uuid:webhook_id>/off")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_off(webhook_id: UUID) -> ResponseReturnValue:
    """Switch it off."""
    service.switch_webhook(db.session, webhook_id, on=False, actor=current_actor(), clock=clock())
    return _back(webhook_id, _("Đã tắt. Không báo gì thêm."))


@bp.post("/webhooks/<uuid:webhook_id>/test")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_test(webhook_id: UUID) -> ResponseReturnValue:
    """Send a message that tells of nothing."""
    service.send_test(db.session, webhook_id, actor=current_actor(), clock=clock())
    return _back(webhook_id, _("Đang gửi tin thử. Tải lại trang sau vài giây để xem kết quả."))


@bp.post("/webhooks/deliveries/<uuid:delivery_id>/resend")
@requires(Permission.WEBHOOK_MANAGE)
@commits
def webhook_resend(delivery_id: UUID) -> ResponseReturnValue:
    """Send a message again."""
    webhook_id = service.resend_delivery(db.session, delivery_id, actor=current_actor(), clock=clock())
    return _back(webhook_id, _("Đang gửi lại. Tải lại trang sau vài giây để xem kết quả."))


def _sender() -> WebhookSender:
    sender = outward().webhooks
    if sender is None:
        raise WrongState(N_("Máy chủ này không báo tin ra ngoài."))
    return sender


def _back(webhook_id: UUID, message: str) -> ResponseReturnValue:
    flash(message, "ok")
    return redirect(url_for(".webhook", webhook_id=webhook_id), 303)


def _list_page(form: WebhookForm) -> str:
    return render_template("admin/webhooks.html", form=form, hooks=list_webhooks(db.session, current_actor().ward_id))


def _detail_page(webhook_id: UUID, form: EventsForm | None = None, *, secret: str = "") -> str:
    ward_id = current_actor().ward_id
    hook = get_webhook(db.session, ward_id, webhook_id)
    return render_template(
        "admin/webhook.html",
        hook=hook,
        form=form or EventsForm(formdata=None, events=[event.value for event in hook.events]),
        secret=secret,
        log=delivery_log(db.session, ward_id, webhook_id),
        badges=BADGES,
    )
