/** Menus are <details>: close them on Escape (focus returns to their button) and on a press elsewhere. */
export function closeMenus() {
  const opened = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of opened()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
}

/** In a rail that is longer than the screen, the page one is on must be seen. */
export function showCurrentPage() {
  document.querySelector(".rail__nav [aria-current]")?.scrollIntoView({ block: "nearest" });
}
