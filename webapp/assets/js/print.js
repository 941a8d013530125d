/** `<button data-print>` opens the browser's print window. */
export function printButtons() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}
