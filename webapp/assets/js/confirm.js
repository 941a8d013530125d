let passing = false;

function ask(dialog, button) {
  dialog.querySelector("[data-dialog-text]").textContent = button.dataset.confirm;
  const yes = dialog.querySelector("[data-dialog-yes]");
  yes.textContent = button.dataset.confirmYes || yes.dataset.label;
  yes.classList.toggle("button--danger", button.classList.contains("button--danger"));
  yes.classList.toggle("button--primary", !button.classList.contains("button--danger"));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** A submit button with `data-confirm="question"` asks first; without scripts the server's own check page asks. */
export function confirmFirst() {
  const dialog = document.querySelector("#confirm-dialog");
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (passing || !button?.dataset.confirm || event.defaultPrevented) return;
    event.preventDefault();
    const agreed = dialog?.showModal ? await ask(dialog, button) : window.confirm(button.dataset.confirm);
    if (!agreed) return;
    passing = true;
    try {
      button.click();
    } finally {
      passing = false;
    }
  }, true); // in the capture phase: other listeners then see a submit that was stopped
}
