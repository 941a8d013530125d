/** Move the focus to the error summary, so a reader or a screen reader starts there. */
export function focusFirstProblem() {
  document.querySelector("[data-error-summary]")?.focus();
}
