/** `<input type=checkbox data-unknown-for="id">`: "not known" empties its number box; typing a number unticks it. */
export function unknownBoxes() {
  for (const box of document.querySelectorAll("input[data-unknown-for]")) {
    const input = document.getElementById(box.dataset.unknownFor);
    if (!input) continue;
    box.addEventListener("change", () => {
      if (!box.checked) return;
      input.value = "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input.addEventListener("input", () => {
      if (input.value.trim() !== "") box.checked = false;
    });
  }
}
