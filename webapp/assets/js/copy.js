/** `<button data-copy="text" data-copied="Đã sao chép">`; hidden when the browser has no clipboard (plain http). */
export function copyButtons() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) {
      button.hidden = true;
      continue;
    }
    const told = button.parentElement.querySelector("[data-copy-told]");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      if (told) told.textContent = button.dataset.copied;
    });
  }
}
