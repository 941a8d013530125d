const MM = 72 / 25.4;

/** Dragging the box or its corner with mouse, pen or finger; a press on the bare page brings the box there. */
export function movesByHand({ stage, box, grip, state, points, moved }) {
  let held = null;

  function take(event, how) {
    if (event.button !== 0 || !state.place) return;
    event.preventDefault();
    held = { how, x: event.clientX, y: event.clientY, place: state.place };
    box.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
  }

  box.addEventListener("pointerdown", (event) => take(event, event.target === grip ? "size" : "place"));
  box.addEventListener("pointermove", (event) => {
    if (!held) return;
    const across = (event.clientX - held.x) * points();
    const up = (held.y - event.clientY) * points();
    const { place } = held;
    if (held.how === "place") return moved({ ...place, x: place.x + across, y: place.y + up });
    // The corner is the lower right one: the upper left stays where it is.
    const width = Math.max(24, place.width + across);
    const height = Math.max(12, place.height - up);
    moved({ ...place, width, height, y: place.y + place.height - height });
  });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => (held = null));

  stage.addEventListener("click", (event) => {
    if (event.target.closest("[data-box]") || !state.place) return;
    const edge = stage.getBoundingClientRect();
    const x = (event.clientX - edge.left) * points() - state.place.width / 2;
    const y = (edge.bottom - event.clientY) * points() - state.place.height / 2;
    moved({ ...state.place, x, y });
  });
}

/** Arrow keys move a millimetre (ten with Shift), plus and minus change the size, Page Up and Page Down the page. */
export function movesByKeys({ box, state, moved, turn, grow }) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  box.addEventListener("keydown", (event) => {
    if (!state.place || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ways[event.key];
    const step = MM * (event.shiftKey ? 10 : 1);
    if (way) moved({ ...state.place, x: state.place.x + way[0] * step, y: state.place.y + way[1] * step });
    else if (event.key === "+" || event.key === "=") grow(1.05);
    else if (event.key === "-") grow(1 / 1.05);
    else if (event.key === "PageDown") turn(state.place.page + 1);
    else if (event.key === "PageUp") turn(state.place.page - 1);
    else return;
    event.preventDefault();
  });
}
