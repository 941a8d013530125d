// "1.234" and "1 234" are how people write thousands; anything else that is not a whole number counts as 0.
function wholeNumber(text) {
  const digits = text.trim().replace(/[.\s\u00a0](?=\d{3}(\D|$))/g, "");
  return /^\d+$/.test(digits) ? Number(digits) : 0;
}

function count(inputs, wanted) {
  if (wanted === undefined) return inputs.reduce((sum, input) => sum + wholeNumber(input.value), 0);
  return inputs.filter((input) => {
    const chosen = input.type === "radio" || input.type === "checkbox" ? input.checked : true;
    return chosen && wanted.split(" ").includes(input.value);
  }).length;
}

function update(output, form) {
  const pattern = new RegExp(`^(?:${output.dataset.totalOf})$`);
  const inputs = [...form.elements].filter((input) => input.name && pattern.test(input.name));
  const all = new Set(inputs.map((input) => input.name)).size;
  const text = output.dataset.totalText || "{n}";
  output.textContent = text.replace("{n}", count(inputs, output.dataset.totalValue)).replace("{all}", all);
}

/**
 * `<output data-total-of="adults-\d+-smartphone" data-total-value="yes" data-total-text="{n} trong {all} người">`.
 * data-total-of: pattern of whole field names; data-total-value: count fields holding one of these values
 * (without it the numbers typed are added up).
 */
export function liveTotals() {
  for (const output of document.querySelectorAll("output[data-total-of]")) {
    const form = output.form ?? output.closest("form");
    if (!form) continue;
    const refresh = () => update(output, form);
    form.addEventListener("input", refresh);
    form.addEventListener("change", refresh);
    refresh();
  }
}
