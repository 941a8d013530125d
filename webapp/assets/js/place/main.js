// The page for placing a signature: see webapp/templates/documents/place.html. The form works without this file.
import { covers, inside, presetBox, scaled } from "./boxes.js";
import { movesByHand, movesByKeys } from "./hands.js";
import { openLeaves } from "./leaves.js";

const MM = 72 / 25.4;
const WORDS = { line: 7 * 1.25, extra: 2, most: 0.6 };

async function start(element) {
  const form = element.querySelector("form");
  const stage = element.querySelector("[data-stage]");
  const box = element.querySelector("[data-box]");
  const told = element.querySelector("[data-told]");
  const suggested = JSON.parse(element.dataset.suggested);
  const taken = JSON.parse(element.dataset.taken);
  const field = (name) => form.elements.namedItem(name);
  let leaves;
  try {
    leaves = await openLeaves(element);
  } catch (error) {
    told.textContent = element.dataset.saidBroken;
    throw error;
  }
  const state = { place: null, size: null, shown: -1 };

  async function show(place) {
    const page = Math.min(Math.max(place.page, 0), leaves.count - 1);
    state.size = await leaves.size(page);
    state.place = inside({ ...place, page }, state.size);
    if (state.shown !== page) {
      state.shown = page;
      await leaves.draw(page);
    }
    paint();
  }

  function paint() {
    const { place, size } = state;
    const scale = 100 / size.width;
    stage.style.aspectRatio = `${size.width} / ${size.height}`;
    stage.style.setProperty("--point", `${stage.clientWidth / size.width}px`);
    box.hidden = false;
    box.style.left = `${place.x * scale}%`;
    box.style.width = `${place.width * scale}%`;
    box.style.bottom = `${(place.y / size.height) * 100}%`;
    box.style.height = `${(place.height / size.height) * 100}%`;
    const words = Math.min(2 * WORDS.line + WORDS.extra, place.height * WORDS.most);
    box.style.setProperty("--words", `${(words / place.height) * 100}%`);
    const bad = taken.some((other) => covers(place, other));
    box.classList.toggle("placing__box--bad", bad);
    for (const name of ["x", "y", "width", "height"]) field(name).value = String(Math.round(place[name] * 1000) / 1000);
    field("page").value = String(place.page + 1);
    element.querySelector("[data-turned]").textContent = `${place.page + 1} / ${leaves.count}`;
    const mm = (points) => String(Math.round(points / MM));
    const numbers = { page: place.page + 1, left: mm(place.x), bottom: mm(place.y), width: mm(place.width), height: mm(place.height) };
    const said = element.dataset.said.replace(/\{(\w+)\}/g, (_all, name) => numbers[name]);
    told.textContent = bad ? `${said} ${element.dataset.saidTaken}` : said;
  }

  function moved(place) {
    state.place = inside(place, state.size);
    choose("exact");
    paint();
  }

  const choose = (value) => {
    for (const option of form.querySelectorAll('input[name="preset"]')) option.checked = option.value === value;
  };
  const chosen = () => form.querySelector('input[name="preset"]:checked')?.value ?? "name";

  async function turn(page) {
    const there = Math.min(Math.max(page, 0), leaves.count - 1);
    if (chosen() === "name") choose("exact");
    const preset = chosen();
    const size = await leaves.size(there);
    await show(preset === "exact" ? { ...state.place, page: there } : presetBox(preset, there, size));
  }

  form.addEventListener("change", async (event) => {
    if (event.target.name === "page") return turn((Number.parseInt(event.target.value, 10) || 1) - 1);
    if (event.target.name !== "preset") return;
    if (chosen() === "name") await show(suggested);
    else if (chosen() !== "exact") await show(presetBox(chosen(), state.place.page, state.size));
  });
  for (const button of element.querySelectorAll("[data-turn]")) {
    button.addEventListener("click", () => turn(state.place.page + Number(button.dataset.turn)));
  }
  const points = () => state.size.width / stage.clientWidth;
  movesByHand({ stage, box, grip: element.querySelector("[data-grip]"), state, points, moved });
  movesByKeys({ box, state, moved, turn, grow: (factor) => moved(scaled(state.place, factor)) });
  new ResizeObserver(() => state.place && paint()).observe(stage);
  const kept = { page: Number(field("page").value) - 1 };
  for (const name of ["x", "y", "width", "height"]) kept[name] = Number.parseFloat(field(name).value);
  await show(Object.values(kept).every(Number.isFinite) ? kept : suggested);
  element.dataset.ready = "1";
}

for (const element of document.querySelectorAll("[data-placing]")) start(element);
