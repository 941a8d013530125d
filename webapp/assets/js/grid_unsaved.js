// Rows that the ward has not taken yet, kept in localStorage for this person, round and group: ids and figures only.

export class Unsaved {
  constructor(key) {
    this.key = key;
    this.kept = this.read();
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "{}") ?? {};
    } catch {
      return {};
    }
  }

  write() {
    try {
      if (Object.keys(this.kept).length) localStorage.setItem(this.key, JSON.stringify(this.kept));
      else localStorage.removeItem(this.key);
    } catch {
      // storage refused (private window, full): the browser asks before the page is left instead
      if (!this.asking) window.addEventListener("beforeunload", (event) => Object.keys(this.kept).length && event.preventDefault());
      this.asking = true;
    }
  }

  keep(row) {
    const cells = Object.fromEntries([...row.querySelectorAll("[data-cell]")].map((cell) => [cell.dataset.cell, cell.value]));
    const value = (name) => row.querySelector(`[name$="-${name}"]`).value;
    if (Object.entries(cells).some(([key, text]) => key !== "visited_on" && text.trim() !== "")) {
      this.kept = { ...this.read(), [value("household")]: { visit: value("visit"), base: value("base"), seen: value("seen"), cells } };
    } else this.drop(value("household"));
    this.write();
  }

  drop(household) {
    const { [household]: _gone, ...rest } = this.read();
    this.kept = rest;
  }

  forget(row) {
    this.drop(row.querySelector('[name$="-household"]').value);
    this.write();
  }

  /** Put what was typed back; the row's own visit and what it had seen come with it, so a conflict shows. */
  restore(row) {
    const field = (name) => row.querySelector(`[name$="-${name}"]`);
    const kept = this.kept[field("household").value];
    if (!kept) return false;
    for (const name of ["visit", "base", "seen"]) field(name).value = kept[name];
    for (const cell of row.querySelectorAll("[data-cell]")) cell.value = kept.cells[cell.dataset.cell] ?? "";
    return true;
  }

  count(households) {
    return households.filter((household) => household in this.kept).length;
  }
}
