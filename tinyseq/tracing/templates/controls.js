// Slider, keys, pointer, paper.
function show(step) {
  const before = spot && nodes[spot.node], wasInRows = rows.contains(document.activeElement);
  now = Math.max(0, Math.min(steps.length - 1, step));
  const { label, phase, columns } = steps[now];
  slider.value = now;
  slider.setAttribute("aria-valuetext", label);
  byId("label").textContent = now + " / " + (steps.length - 1) + " " + label;
  byId("announcement").textContent = "Step " + now + " of " + (steps.length - 1) + ": " + label;
  byId("way").textContent = phase === "backward" ? "\u2190 backward" : "forward \u2192";
  document.body.dataset.phase = phase;
  rows.replaceChildren(...steps[now].rows.map((id) => article(id, true)));
  byId("texts").replaceChildren(...steps[now].texts.map(docstring));
  byId("explained").hidden = !steps[now].texts.length;
  document.querySelectorAll("#drawing svg").forEach((svg) => {
    svg.toggleAttribute("hidden", !steps[now].drawings.includes(svg.dataset.drawing));
  });
  byId("drawing").hidden = !steps[now].drawings.length;
  document.querySelectorAll("#map .column").forEach((column) => {
    column.classList.toggle("now", columns.includes(Number(column.dataset.column)));
  });
  const same = before ? steps[now].rows.find((id) =>
    nodes[id].base === before.base && nodes[id].value.length > spot.place) : undefined;
  point(same === undefined ? firstOf(steps[now]) : same, same === undefined ? 0 : spot.place, wasInRows);
}

// The number or the box that an event is about: [node, place].
function found(event) {
  const target = event.target.closest && event.target.closest("#rows td[tabindex], #drawing [data-node]");
  if (!target) return null;
  if (target.tagName === "TD") return [Number(target.closest("article").dataset.node), Number(target.dataset.place)];
  const value = nodes[Number(target.dataset.node)];
  const id = steps[now].phase === "backward" && gradientOf.has(value.id) ? gradientOf.get(value.id) : value.id;
  return [id, target.dataset.place === undefined ? entry(value) : Number(target.dataset.place)];
}

function look(event) {
  const at = found(event);
  if (at && (!spot || at[0] !== spot.node || at[1] !== spot.place)) point(...at, false);
}

// A pointer that lies still while the page scrolls below it points at nothing.
const main = document.querySelector("main"), where = (event) => event.clientX + " " + event.clientY;
let pointer = "";
document.addEventListener("pointermove", (event) => { pointer = where(event); });
main.addEventListener("pointerover", (event) => { if (where(event) !== pointer) look(event); });
main.addEventListener("focusin", look);
slider.addEventListener("input", () => show(Number(slider.value)));
byId("previous").addEventListener("click", () => show(now - 1));
byId("next").addEventListener("click", () => show(now + 1));
document.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const busy = event.target === slider || event.target.tagName === "SELECT" || event.target.tagName === "PRE";
  if (!way || busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(now + way);
});

// On paper all steps stand one after the other, and the equations behind them.
window.addEventListener("beforeprint", () => byId("printed").replaceChildren(...steps.flatMap((step) =>
  [element("h2", null, step.label), ...step.rows.map((id) => article(id, false))]),
element("h2", null, "The equations"), ...data.texts.map(([whose, lines]) =>
  element("figure", null, element("figcaption", null, whose), element("pre", null, lines.join("\n"))))));
window.addEventListener("afterprint", () => byId("printed").replaceChildren());

slider.max = steps.length - 1;
drawMap();
show(data.first);
