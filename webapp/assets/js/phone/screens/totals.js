// Totals while one types: a slip is seen at once. Nothing here is ever typed.
import { BANDS } from "../form/checks.js";
import { adultLines, get, readCount } from "../form/state.js";
import { _ } from "../text.js";

const countAt = (form, path) => readCount(get(form, path)).value ?? 0;

/** The line above the main button; "" where there is nothing to add up. */
export function totalsLine(form, screen) {
  if (screen === "people") return peopleLine(form);
  if (screen === "digital") return digitalLine(form);
  return "";
}

function peopleLine(form) {
  if (form.mode === "totals") {
    const [all, adults] = ["residents", "adults"].map((name) => countAt(form, `totals.${name}`));
    return _("Cả nhà %(all)s người: %(adults)s người lớn", { all, adults });
  }
  const adults = countAt(form, "adult_count");
  const minors = BANDS.reduce((sum, band) => sum + countAt(form, `minors.${band}.count`), 0);
  return _("Cả nhà %(all)s người: %(adults)s người lớn, %(minors)s trẻ", { all: adults + minors, adults, minors });
}

function digitalLine(form) {
  if (form.mode === "totals") {
    const [n, all] = ["smartphone_adults", "adults"].map((name) => countAt(form, `totals.${name}`));
    return _("%(n)s trong %(all)s người lớn có điện thoại thông minh", { n, all });
  }
  const lines = adultLines(form);
  if (!lines.length) return "";
  const phones = lines.filter((line) => line.smartphone === "yes").length;
  const signed = lines.filter((line) => line.digital_signature === "yes" || line.e_signature === "yes").length;
  const told = _("%(n)s trong %(all)s người lớn có điện thoại thông minh", { n: phones, all: lines.length });
  const more = _("%(n)s có chữ ký", { n: signed });
  return `${told}; ${more}`;
}
