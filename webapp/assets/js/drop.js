function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(".", ",")} MB`;
}

/** `data-drop`: take files dropped anywhere on the zone, show name and size, and say at once when one is too big. */
export function dropZones() {
  for (const zone of document.querySelectorAll("[data-drop]")) {
    const input = zone.querySelector("input[type=file]");
    const shown = zone.querySelector("[data-drop-chosen]");
    const limit = Number(zone.dataset.maxBytes || 0);
    const show = () => {
      const files = [...input.files];
      const tooBig = limit > 0 && files.some((file) => file.size > limit);
      const names = files.map((file) => `${file.name} (${size(file.size)})`).join(", ");
      shown.textContent = tooBig ? `${names}. ${zone.dataset.tooBig}` : names;
    };
    const over = (on) => (event) => {
      event.preventDefault();
      zone.toggleAttribute("data-over", on);
    };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", show);
    show();
  }
}
