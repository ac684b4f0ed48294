// The cell of a step: in each box the entry that goes with the number in focus, and in the backward phase dL/d of it.
const drawings = () => document.querySelectorAll("#drawing svg:not([hidden])");

// The node of a box, forward or its gradient.
function drawn(svg, box) {
  const id = steps[now].drawn[svg.dataset.drawing][box];
  return id === undefined ? null : nodes[id];
}

// The number that the drawing goes by: that of the value, where a gradient is in focus.
function chosen() {
  if (!spot) return null;
  const node = nodes[spot.node];
  return { node: node.of === null ? node : nodes[node.of], place: spot.place };
}

function entry(node) {
  const at = chosen();
  return at ? beside(at.node, at.place, node) : 0;
}

// One number; of what has a last axis that the number in focus has not, the first of it.
function words(node, list) {
  const at = chosen(), last = node.shape.length - 1, place = entry(node);
  const known = last < 1 || node.shape[last] < 2 || !at || indexOf(node, place)[last] > 0 ||
    at.node.axes.some((_, k) => axis(at.node, k) === axis(node, last));
  return list[place] === undefined ? "" : list[place] + (known || isGrid(node) ? "" : " \u2026");
}

const isGrid = (node) => ["e", "alpha"].includes(node.base);

function fill() {
  drawings().forEach((svg) => {
    svg.querySelectorAll("g[data-symbol]").forEach((part) => {
      const node = drawn(svg, part.dataset.symbol), [value, slope] = part.querySelectorAll(".value, .slope");
      const back = node && steps[now].phase === "backward" ? nodes[gradientOf.get(node.id)] : null;
      name(part, node);
      value.textContent = node ? (value.dataset.prefix || "") + words(node, node.value) : "";
      slope.textContent = back ? "dL/d " + words(node, back.value) : "";
    });
    svg.querySelectorAll("g[data-grid]").forEach((part) => grid(part, drawn(svg, part.dataset.grid)));
  });
}

// "f (2)"; of what stands elsewhere, its own name: "c_1", "k: hs".
function name(part, node) {
  const label = part.querySelector(".symbol"), box = part.dataset.symbol;
  if (node) {
    const said = "Show " + node.symbol + " in focus";
    Object.entries({ tabindex: 0, role: "button", "aria-label": said, "data-node": node.id }).forEach(
      ([key, value]) => part.setAttribute(key, value));
  } else {
    ["tabindex", "role", "aria-label", "data-node"].forEach((key) => part.removeAttribute(key));
  }
  if (!label) return;
  if (!node) label.textContent = box.replace("_before", " before");
  else if (node.base === box && node.number) label.textContent = box + (head(node) || " " + node.number);
  else label.replaceChildren(...lowered((isRole(box) ? box + ": " : "") + node.symbol));
}

const isRole = (box) => ["q", "k", "v"].includes(box);

// Which head a grid shows.
function head(node) {
  const k = node.axes.findIndex((_, i) => axis(node, i) === "head");
  return k < 0 || !isGrid(node) ? "" : " head " + indexOf(node, entry(node))[k];
}

// "c_1" with its index below.
function lowered(text) {
  const [base, below] = text.replace(/[{}]/g, "").split(/_(.*)/);
  const part = (said, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.textContent = said;
    return made;
  };
  return below ? [part(base, {}), part(below, { dy: 4, "font-size": 11 })] : [part(base, {})];
}

function grid(part, node) {
  part.replaceChildren();
  if (!node || node.shape.length < 2) return;
  const back = steps[now].phase === "backward" ? nodes[gradientOf.get(node.id)] : null;
  const [n, m] = node.shape.slice(-2), block = n * m, list = (back || node).value;
  const first = entry(node) - entry(node) % block, size = Number(part.dataset.size) / Math.max(n, m);
  const largest = Math.max(...list.slice(first, first + block).map((v) => Math.abs(Number(v))), 1e-9);
  for (let k = 0; k < block && first + k < list.length; k++) {
    const cell = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const [x, y] = [Number(part.dataset.x) + (k % m) * size, Number(part.dataset.y) + Math.floor(k / m) * size];
    const strength = Math.abs(Number(list[first + k])) / largest, here = first + k === entry(node);
    const colour = Number(list[first + k]) < 0 ? "#D55E00" : "#0072B2";
    Object.entries({ x: x, y: y, width: size, height: size, fill: colour, "fill-opacity": strength,
      class: here ? "chosen" : "", "data-place": first + k, "data-node": node.id })
      .forEach(([key, value]) => cell.setAttribute(key, value));
    part.append(cell);
  }
}
