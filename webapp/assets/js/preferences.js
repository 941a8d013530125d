const root = document.documentElement;

function store(name, value) {
  try {
    if (value) localStorage.setItem(`phs.${name}`, value);
    else localStorage.removeItem(`phs.${name}`);
  } catch {
    // not kept beyond this page, but still applied to it
  }
}

function show(name) {
  const now = root.dataset[name] ?? "";
  for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
    button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === now));
  }
}

/** Buttons `data-set-theme="light|dark|"` and `data-set-text="large|larger|"`; empty = as the device says. */
export function preferences() {
  for (const name of ["theme", "text"]) {
    show(name);
    for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
      button.addEventListener("click", () => {
        const value = button.getAttribute(`data-set-${name}`);
        if (value) root.dataset[name] = value;
        else delete root.dataset[name];
        store(name, value);
        show(name);
      });
    }
  }
}
