const LOCK_MS = 3000;

/** A second press within three seconds is ignored; by time and not by state, so a failed network can be retried. */
export function preventDoubleSubmit() {
  document.addEventListener("submit", (event) => {
    const button = event.submitter ?? event.target.querySelector("[data-prevent-double-click]");
    if (event.defaultPrevented || !button?.matches("[data-prevent-double-click]")) return;
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    setTimeout(() => button.removeAttribute("aria-disabled"), LOCK_MS);
  });
}
