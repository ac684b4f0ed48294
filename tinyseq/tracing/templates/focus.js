// The number in focus: its equation with the numbers put in, what it was made of, and what reads it.
function point(id, place, moveFocus) {
  spot = { node: id, place: place };
  fill();
  light();
  explain(id, place);
  if (moveFocus) {
    const cell = rows.querySelector('article[data-node="' + id + '"] td[tabindex][data-place="' + place + '"]');
    if (cell && cell !== document.activeElement) cell.focus({ preventScroll: true });
  }
}

// The number that a step shows first: of those in its drawing the one that most other boxes lead to; without a drawing
// the one that is computed from most of the step's own rows.
function firstOf(step) {
  if (!step.columns.length) return step.rows[0];
  const boxes = Object.values(step.drawn).flatMap((boxes) => Object.values(boxes));
  const own = boxes.length ? boxes : step.columns.flatMap((k) => data.columns[k]);
  const weight = (id) => {
    const value = nodes[id].of === null ? id : nodes[id].of;
    return own.includes(value) ? nodes[value].inputs.filter((from) => own.includes(from)).length : -1;
  };
  return step.rows.reduce((best, id) => (weight(id) >= weight(best) ? id : best), step.rows[0]);
}

function light() {
  document.querySelectorAll(".in, .out, .here, .far-in, .far-out").forEach((lit) => {
    if (!lit.classList.contains("legend")) lit.classList.remove("in", "out", "here", "far-in", "far-out");
  });
  const { from, to } = around(spot.node, spot.place);
  from.forEach(([id, place]) => mark(id, place, "in"));
  to.forEach(([id, place]) => mark(id, place, "out"));
  mark(spot.node, spot.place, "here");
  path(spot.node);
}

function mark(id, place, kind) {
  const box = rows.querySelector('article[data-node="' + id + '"]');
  if (box) {
    if (kind !== "here") box.classList.add(kind);
    box.querySelectorAll('td[data-place="' + place + '"]').forEach((cell) => cell.classList.add(kind));
  }
  const value = nodes[id].of === null ? id : nodes[id].of;
  drawings().forEach((svg) => svg.querySelectorAll('g[data-node="' + value + '"]').forEach((part) => {
    part.classList.add(kind);
  }));
}

function explain(id, place) {
  const node = nodes[id], { from, to } = around(id, place), back = gradientOf.get(id);
  const parts = [title(node, place)];
  if (node.equation) parts.push(element("p", null, ...numbers(node, true), element("code", null, node.equation)));
  parts.push(element("p", { class: "sum" }, arithmetic(node, place)));
  if (node.of !== null) {
    parts.push(consumers(node, place), element("p", null, "The value itself: ", symbol(named(nodes[node.of], place)),
      " = " + nodes[node.of].value[place]));
  } else {
    parts.push(list("in", "computed from", from));
  }
  parts.push(list("out", node.of === null ? "read by" : "goes on to", to));
  if (back !== undefined && nodes[back].value[place] !== undefined) {
    parts.push(element("p", null, "Its gradient, on the way back: ", symbol(named(nodes[back], place)), " = " +
      nodes[back].value[place]));
  }
  parts.push(source(node.place ? [node.place] : [], "the line that computes it", false));
  parts.push(source(node.back, "the lines that carry the gradient back", node.of !== null));
  focused.replaceChildren(...parts.filter(Boolean));
}

// "c_2 at B [0] H [1]": which entry can be chosen, too.
function title(node, place) {
  const index = indexOf(node, place), head = element("h3", null, symbol(node.symbol));
  index.forEach((i, k) => {
    const select = element("select", { "aria-label": "index of " + node.symbol + " along " + axis(node, k) },
      ...Array.from({ length: node.shape[k] }, (_, n) => element("option", n === i ? { selected: "" } : null, n)));
    select.addEventListener("change", () => {
      const at = placeOf(node, index.map((j, l) => (l === k ? select.selectedIndex : j)));
      if (at < node.value.length) point(node.id, at, false);
      focused.querySelectorAll("select")[k].focus();
    });
    head.append(element("label", null, axis(node, k) + " ", select));
  });
  return head;
}

// What each reader of the value sends back.
function consumers(node, place) {
  const parts = node.parts[place] || [];
  if (!parts.length) return null;
  return element("div", null, element("span", { class: "legend in" }, "comes from"),
    element("table", { class: "consumers" }, element("thead", null, element("tr", null,
      ...["reader", "gradient there * slope", "together"].map((said) => element("th", { scope: "col" }, said)))),
    element("tbody", null, ...parts.map(([reader, label, terms, sum]) => element("tr", null,
      element("th", { scope: "row" }, symbol(nodes[reader].symbol), " " + label.replace(/ [^)]*$/, "")),
      element("td", null, terms), element("td", null, sum))))));
}

function list(kind, said, pairs) {
  if (!pairs.length) return null;
  const shown = pairs.slice(0, 8).map(([id, place]) => {
    const elsewhere = nodes[id].step !== now && nodes[id].step > 0 ? "  (step " + nodes[id].step + ")" : "";
    return element("li", null, symbol(named(nodes[id], place)), " = " + nodes[id].value[place] + elsewhere);
  });
  if (pairs.length > 8) shown.push(element("li", null, "and " + (pairs.length - 8) + " more"));
  return element("div", null, element("span", { class: "legend " + kind }, said), element("ul", null, ...shown));
}

function source(places, said, open) {
  if (!places.length) return null;
  return element("details", open ? { open: "" } : null, element("summary", null, said + ": " + places[0].replace(/:\d+$/, "")),
  element("pre", null, ...places.map((place) => place.replace(/^.*\//, "") + "  " + data.lines[place] + "\n")));
}
