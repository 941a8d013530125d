// The group's households as a list of tasks: what is left, what came back, what is done; found without typing marks.
import { current } from "../device.js";
import { onChange } from "../events.js";
import { list } from "../records.js";
import { readReference, refreshReference } from "../reference.js";
import { sameId } from "../ids.js";
import { ageWords, _ } from "../text.js";
import { updateWaits, takeUpdate } from "../update.js";
import { word } from "../words.js";
import { chooseGroup, chosenGroup } from "./choices.js";
import { bar, button, h, hidden, icon, linkButton, notice, once } from "./dom.js";
import { doors, inOrder, openRound, tally, TABS } from "./desk.js";
import { matcher } from "./fold.js";
import { closeForm } from "./open_form.js";
import { tellReader } from "./shell.js";
import { doorBadges } from "./states.js";

let tab = "left"; // kept while the page lives: coming back from a form finds the same list
let wanted = "";

/** The first screen. */
export async function listScreen() {
  closeForm();
  const screen = new List(await readReference(), await list());
  return screen.show();
}

class List {
  constructor(reference, records) {
    this.take(reference, records);
    this.head = h("div.questions");
    this.tabs = h("div.tabs", { role: "group", "aria-label": _("Lọc danh sách hộ") });
    this.rows = h("ul.rows.rows--long");
    this.empty = h("div");
    this.seen = h("p.muted");
  }

  take(reference, records) {
    const groups = reference?.groups ?? [];
    this.reference = reference;
    this.group = groups.find((group) => sameId(group.id, chosenGroup())) ?? groups[0] ?? null;
    this.doors = this.group ? doors(reference, this.group.id, records) : [];
    this.round = this.group ? openRound(reference, this.group.id) : null;
  }

  show() {
    if (this.doors.every((door) => !TABS.left.has(door.state)) && tab === "left" && this.doors.length) tab = "all";
    this.draw();
    const stop = onChange(async (event) => {
      if (!["records", "reference", "update"].includes(event.kind)) return;
      this.take(await readReference(), await list());
      this.draw();
    });
    this.shown = true;
    return {
      title: this.title(),
      lead: this.chooser(),
      leave: stop,
      nodes: [this.head, this.search(), this.tabs, this.empty, this.rows, this.seen],
    };
  }

  title() {
    return this.group?.name ?? _("Hộ gia đình");
  }

  draw() {
    const heading = document.querySelector("[data-screen] h1");
    if (heading && this.shown) heading.textContent = this.title();
    this.drawHead();
    this.drawTabs();
    this.drawRows();
  }

  drawHead() {
    const total = tally(this.doors);
    const mine = total.all - total.elsewhere;
    const line = glue(_("%(all)s hộ – %(done)s đã gửi, %(waiting)s chờ gửi, %(fix)s cần sửa, %(left)s chưa làm", { ...total, all: mine }));
    this.seen.textContent = this.reference ? _("Danh sách lấy về %(age)s trước.", { age: ageWords(new Date(this.reference.fetched_at).toISOString()) }) : "";
    this.head.replaceChildren(...[
      updateWaits() && this.update(),
      !this.reference && this.missing(),
      this.reference && !this.round && notice("warn", _("Chưa có đợt khảo sát nào đang mở"), h("p", _("Danh sách hộ vẫn xem được. Phiếu đã ghi vẫn được giữ và gửi."))),
      this.doors.length > 0 && h("div", h("p", this.round && [h("b", this.round.name), " · "], line), bar(total.done, mine, _("Hộ đã gửi"))),
    ].filter(Boolean));
  }

  missing() {
    if (current()?.status === "withdrawn") {
      return h("div.card", h("p", _("Danh sách hộ đã được xóa khỏi máy này. Muốn dùng lại, hãy xin phường mã mới.")), linkButton("secondary", _("Nhập mã mới"), "#/bat-dau"));
    }
    const fetch = button("primary", _("Lấy danh sách"), once(async () => {
      const found = await refreshReference({ force: true });
      if (!["new", "same"].includes(found)) told.replaceChildren(notice("warn", _("Chưa lấy được danh sách"), h("p", word(found))));
    }), { picture: "download" });
    const told = h("div");
    return h("div.card", h("p", _("Máy chưa có danh sách hộ. Cần mạng một lần để lấy về; sau đó không cần mạng nữa.")), fetch, told);
  }

  update() {
    const take = button("primary", _("Dùng bản mới"), once(async () => {
      if ((await takeUpdate()) === "form-open") told.textContent = word("form-open");
    }));
    const told = h("p", { role: "status" });
    return h("div.card", h("p", h("b", _("Có bản mới của phiếu điện thoại."))), take, told);
  }

  chooser() {
    const groups = this.reference?.groups ?? [];
    if (groups.length < 2) return null;
    const option = (group) => h("option", { value: group.id, selected: group === this.group }, group.name);
    const select = h("select.input", {
      id: "group",
      onchange: async () => {
        chooseGroup(select.value);
        this.take(await readReference(), await list());
        this.draw();
      },
    }, groups.map(option));
    return h("div.field", h("label.field__label", { for: "group" }, _("Tổ dân phố")), select);
  }

  search() {
    const input = h("input.input", {
      id: "search",
      type: "search",
      autocomplete: "off",
      value: wanted,
      oninput: () => {
        wanted = input.value;
        this.drawRows();
      },
    });
    return h("div.field", { role: "search" }, h("label.field__label", { for: "search" }, _("Tìm tên, địa chỉ, số hộ")), input);
  }

  drawTabs() {
    const count = (name) => this.doors.filter((door) => name === "all" || TABS[name].has(door.state)).length;
    const names = { left: _("Còn lại"), returned: _("Cần sửa"), done: _("Đã xong"), all: _("Tất cả") };
    const make = ([name, words]) =>
      h("button.tabs__button", {
        type: "button",
        "aria-pressed": String(tab === name),
        onclick: () => {
          tab = name;
          for (const one of this.tabs.children) one.setAttribute("aria-pressed", String(one.dataset.tab === name));
          this.drawRows();
        },
        "data-tab": name,
      }, words, " ", h("span", String(count(name))));
    const focused = document.activeElement?.dataset?.tab;
    this.tabs.replaceChildren(...Object.entries(names).map(make));
    if (focused) this.tabs.querySelector(`[data-tab="${focused}"]`)?.focus();
    this.tabs.hidden = this.doors.length === 0;
  }

  drawRows() {
    const matches = matcher(wanted);
    const searched = wanted.trim() !== "";
    const found = this.doors.filter((door) => (searched ? matches(door.folded) : tab === "all" || TABS[tab].has(door.state)));
    const focused = document.activeElement?.getAttribute?.("href");
    this.rows.replaceChildren(...inOrder(found).map((door) => row(door)));
    if (focused?.startsWith("#/ho/")) this.rows.querySelector(`[href="${focused}"]`)?.focus();
    this.empty.replaceChildren(...(found.length ? [] : [h("p.muted", this.emptyWords(searched))]));
    if (searched) tellReader(_("Tìm thấy %(count)s hộ.", { count: found.length }));
  }

  emptyWords(searched) {
    if (searched) return _("Không tìm thấy hộ nào. Thử gõ ít chữ hơn, không cần dấu.");
    if (!this.doors.length) return this.reference ? _("Tổ này chưa có hộ nào trong danh sách.") : "";
    return tab === "left" ? _("Đã đi hết các hộ.") : _("Không có hộ nào ở mục này.");
  }
}

// A number stays on the line of its word.
const glue = (text) => text.replace(/(\d) /g, "$1\u00a0");

function row(door) {
  const { household, state, visit, record } = door;
  const why = state === "returned" ? visit.return_reason : state === "problem" ? (record.problem?.detail ?? "") : "";
  return h("li", h("a.row", { href: `#/ho/${household.id}` },
    h("span.row__number", hidden(_("Hộ số")), " ", String(household.number)),
    h("span.row__words",
      h("b", household.head_name),
      h("span.muted", household.address),
      state !== "left" && h("span", doorBadges(door)),
      why && h("span", _("Lý do: %(reason)s", { reason: why }))),
    icon("right")));
}
