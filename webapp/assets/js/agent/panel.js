// One state of the panel is shown at a time; its words stand in the template.
export function panelOf(root) {
  const states = [...root.querySelectorAll("[data-agent-state]")];
  return {
    root,
    show(name, { problem = "", count = "" } = {}) {
      for (const state of states) state.hidden = state.dataset.agentState !== name;
      for (const place of root.querySelectorAll("[data-agent-problem]")) place.textContent = problem;
      for (const place of root.querySelectorAll("[data-agent-count]")) place.textContent = count;
      root.dataset.agentNow = name;
    },
    has: (name) => states.some((state) => state.dataset.agentState === name),
  };
}

/** "Look again" buttons of any state. */
export function onAgain(root, look) {
  for (const button of root.querySelectorAll("[data-agent-again]")) button.addEventListener("click", look);
}
