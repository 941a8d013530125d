// Settings of this phone: size of the letters, one question a screen, light or dark, and the way out.
import { current, logOut } from "../device.js";
import { counts } from "../records.js";
import { _ } from "../text.js";
import { isSimple, setLook, setSimple, textSize, theme } from "./choices.js";
import { button, h, linkButton, notice, once } from "./dom.js";
import { goInstead } from "./shell.js";

/** The settings. */
export async function settingsScreen() {
  const device = current();
  return {
    title: _("Cài đặt"),
    back: { href: "#/", words: device ? _("Danh sách hộ") : _("Quay lại") },
    nodes: [
      choice(_("Cỡ chữ"), [["", _("Vừa")], ["large", _("Lớn")], ["larger", _("Rất lớn")]], textSize, (value) => setLook("text", value)),
      simpleChoice(),
      choice(_("Nền màn hình"), [["", _("Theo máy")], ["light", _("Sáng")], ["dark", _("Tối")]], theme, (value) => setLook("theme", value)),
      device && (await account(device)),
      h("section.card", h("h2", _("Mở nhanh")), h("p", _("Thêm trang này vào màn hình chính của điện thoại: mở trình đơn của trình duyệt, chọn “Thêm vào màn hình chính”."))),
    ].filter(Boolean),
  };
}

/** Short screens or one question a screen, also asked when the phone is set up. */
export function simpleChoice(done = () => {}) {
  const options = [["no", _("Vài trang ngắn")], ["yes", _("Mỗi trang một câu")]];
  return choice(_("Cách ghi phiếu"), options, () => (isSimple() ? "yes" : "no"), (value) => {
    setSimple(value === "yes");
    done();
  });
}

function choice(title, options, read, write) {
  const name = `choice-${options.map(([value]) => value).join("-")}`;
  const tile = ([value, words]) => {
    const id = `${name}-${value || "none"}`;
    return h("div.tile", h("input", { type: "radio", id, name, value, checked: read() === value, onchange: () => write(value) }), h("label", { for: id }, words));
  };
  return h("fieldset.field", h("legend.field__legend", title), h("div.tiles", options.map(tile)));
}

async function account(device) {
  const { unsent, draft } = await counts();
  const holder = h("div.questions");
  const kept = unsent + draft;
  const words = kept
    ? _("Trên máy còn %(count)s phiếu chưa gửi. Chúng được giữ lại và chỉ gửi khi bạn dùng lại máy này.", { count: kept })
    : _("Danh sách hộ và các bản đã gửi sẽ bị xóa khỏi máy này.");
  const sure = () => holder.replaceChildren(
    notice("warn", _("Ngừng dùng máy này để ghi phiếu?"), h("p", words), kept > 0 && h("p", linkButton("secondary", _("Xem phiếu chưa gửi"), "#/gui"))),
    button("danger", _("Ngừng dùng"), once(async () => {
      await logOut();
      goInstead("#/bat-dau");
    })),
    button("secondary", _("Giữ như cũ"), () => {
      holder.replaceChildren(ask);
      ask.focus();
    }));
  const ask = button("secondary", _("Ngừng dùng máy này"), () => {
    sure();
    holder.querySelector("button:last-of-type").focus();
  }, { picture: "logout" });
  holder.append(ask);
  return h("section.card",
    h("h2", _("Máy này")),
    h("dl.facts",
      h("div", h("dt", _("Người dùng")), h("dd", device.account_name)),
      h("div", h("dt", _("Phường")), h("dd", device.ward_name)),
      h("div", h("dt", _("Tên máy")), h("dd", device.name || "–"))),
    h("p.muted", _("Mất máy thì báo ngay cho phường: phường thu quyền của máy từ xa.")),
    holder);
}
