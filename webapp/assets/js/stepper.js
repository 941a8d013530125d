/** Minus and plus beside a number box: `data-step="-1|1"` inside `data-stepper`; empty counts as 0, never below it. */
export function steppers() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    const input = button?.closest("[data-stepper]")?.querySelector("input");
    if (!input || input.readOnly) return;
    const now = /^\d+$/.test(input.value.trim()) ? Number(input.value.trim()) : 0;
    input.value = String(Math.max(0, now + Number(button.dataset.step)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
