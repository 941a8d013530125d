// Setting the phone up: the one-time code from the ward's card (QR) or from one's own account page.
import { current, enrol } from "../device.js";
import { refreshReference } from "../reference.js";
import { _ } from "../text.js";
import { word } from "../words.js";
import { isSimpleChosen } from "./choices.js";
import { h, icon, linkButton, notice, once } from "./dom.js";
import { simpleChoice } from "./settings.js";
import { goInstead } from "./shell.js";

let code = "";

/** Take the code out of the address, so that it stays neither there nor in the history. */
export function takeCode() {
  if (!location.pathname.endsWith("/enrol")) return;
  code = decodeURIComponent(location.hash.slice(1)).replace(/^\/.*/, "");
  history.replaceState(null, "", new URL("./#/bat-dau", location.href));
}

/** The screen of a phone that is not set up yet; or that is set up anew with another code. */
export async function enrolScreen() {
  const device = current();
  if (device?.status === "ok" && !code) return { replace: "#/" };
  const summary = h("div");
  return {
    title: _("Dùng điện thoại này để ghi phiếu"),
    nodes: [summary, device?.status === "ok" ? already(device) : null, code ? null : steps(), form(summary)],
  };
}

const already = (device) =>
  notice("info", _("Máy này đang dùng cho %(name)s", { name: device.account_name }), h("p", _("Bấm “Bắt đầu” để đổi sang mã mới. Phiếu chưa gửi vẫn được giữ.")));

function steps() {
  return h("section.card",
    h("h2", _("Cách bắt đầu")),
    h("ol.steps-list",
      h("li", _("Cách 1: quét mã QR trên thẻ phường đưa, bằng máy ảnh của điện thoại.")),
      h("li", _("Cách 2: trên điện thoại này, đăng nhập trang của phường, vào “Tài khoản”, bấm “Dùng trên điện thoại này”.")),
      h("li", _("Cách 3: gõ mã trên thẻ vào ô bên dưới."))),
    h("p", linkButton("secondary", _("Đăng nhập trang của phường"), "/")));
}

function form(summary) {
  const typed = h("input.input.input--code", { id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: code, "aria-describedby": "code-hint" });
  const name = h("input.input", { id: "name", autocomplete: "off", maxlength: 60, value: guessName(), "aria-describedby": "name-hint" });
  const send = once(async () => {
    const wrong = typed.value.trim() === "" ? _("Gõ mã trên thẻ, hoặc quét lại mã QR.") : await tryCode(typed.value, name.value);
    typed.toggleAttribute("aria-invalid", Boolean(wrong));
    if (wrong) tell(summary, wrong);
  });
  return h("form.form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
    h("div.field", h("label.field__label", { for: "code" }, _("Mã dùng một lần")), h("p.field__hint", { id: "code-hint" }, _("Mã có hạn 24 giờ và chỉ dùng một lần.")), typed),
    h("div.field", h("label.field__label", { for: "name" }, _("Tên máy")), h("p.field__hint", { id: "name-hint" }, _("Để phường biết máy nào, ví dụ: máy của bác Lan.")), name),
    isSimpleChosen() ? null : simpleChoice(),
    h("div.dock", h("div.dock__buttons", h("button.button.button--primary", { type: "submit" }, icon("check"), h("span", _("Bắt đầu"))))));
}

async function tryCode(typed, name) {
  try {
    await enrol(typed, name.trim());
  } catch (error) {
    const unknown = { "code-used": _("Mã này đã dùng rồi. Hãy xin phường mã mới."), "code-expired": _("Mã đã quá hạn. Hãy xin phường mã mới."), "code-unknown": _("Mã chưa đúng. Xem lại từng chữ trên thẻ, hoặc quét lại mã QR.") };
    return error.detail || unknown[error.code] || (error.code === "network" ? _("Chưa có mạng. Lần đầu cần mạng để bắt đầu; mã vẫn còn dùng được.") : word(error.code ?? "other"));
  }
  code = "";
  refreshReference({ force: true }).catch(() => {});
  goInstead("#/");
  return "";
}

function tell(summary, text) {
  summary.replaceChildren(h("div.error-summary", { role: "alert", tabindex: "-1" }, h("h2.error-summary__title", icon("danger"), _("Chưa bắt đầu được")), h("p", text)));
  summary.firstChild.focus();
}

function guessName() {
  const agent = navigator.userAgent;
  if (/iPhone/.test(agent)) return "iPhone";
  return /Android[^;]*;\s*([^;)]{2,40})\)/.exec(agent)?.[1] ?? "";
}

