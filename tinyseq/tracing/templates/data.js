// What the page knows, and how its numbers hang together.
const data = JSON.parse(document.getElementById("data").textContent);
const nodes = data.nodes, steps = data.steps;
const byId = (id) => document.getElementById(id);
const rows = byId("rows"), slider = byId("slider"), focused = byId("focused");
let now = 0, spot = null;                       // the step, and the number in focus: {node, place}

// Where a number goes to is where it comes from, read backwards.
nodes.forEach((node, id) => {
  node.id = id; node.readers = []; node.users = node.value.map(() => []); node.step = -1;
});
nodes.forEach((node, id) => {
  node.inputs.forEach((from) => nodes[from].readers.push(id));
  node.made_of.forEach((sources, place) => sources.forEach(([from, at]) => {
    if (nodes[from].users[at]) nodes[from].users[at].push([id, place]);
  }));
});
steps.forEach((step, k) => step.rows.forEach((id) => { nodes[id].step = k; }));
const gradientOf = new Map();
nodes.forEach((node, id) => { if (node.of !== null) gradientOf.set(node.of, id); });

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// "a_{i,2}" with its indices below and above.
function symbol(text) {
  const made = element("span");
  text.split(/([_^](?:\{[^}]*\}|\w+))/).forEach((part) => {
    const kind = { _: "sub", "^": "sup" }[part[0]];
    made.append(kind && part.length > 1 ? element(kind, null, part.slice(1).replace(/[{}]/g, "")) : part);
  });
  return made;
}

const axis = (node, k) => node.axes[k].replace(/ = \d+$/, "");

function indexOf(node, place) {
  return node.shape.reduceRight((index, n) => {
    index.unshift(place % n);
    place = Math.floor(place / n);
    return index;
  }, []);
}

const placeOf = (node, index) => index.reduce((place, i, k) => place * node.shape[k] + i, 0);

function named(node, place) {
  const index = indexOf(node, place);
  return node.symbol + (index.length ? "[" + index.join(", ") + "]" : "");
}

// The entry of another node that goes with one: the same index along each axis of the same name, else the first.
function beside(node, place, other) {
  const index = indexOf(node, place), at = {};
  index.forEach((i, k) => { at[axis(node, k)] = i; });
  at.T ??= at.Tq;                                // a query's step
  at.Tq ??= at.T;
  return placeOf(other, other.shape.map((n, k) => {
    const i = at[axis(other, k)];
    return i !== undefined && i < n ? i : 0;
  }));
}

// What feeds a number, and what reads it: in the backward phase gradients come from where the value went.
function around(id, place) {
  const node = nodes[id];
  if (node.of === null) return { from: node.made_of[place] || [], to: node.users[place] || [] };
  const turned = (pairs) => pairs.map(([other, at]) => [gradientOf.get(other), at])
    .filter(([other]) => other !== undefined);
  const of = nodes[node.of];
  return { from: turned(of.users[place] || []), to: turned(of.made_of[place] || []) };
}

// The equation of an entry with its numbers put in; a gradient's is the sum of what its readers send back.
function arithmetic(node, place) {
  if (node.of === null) return node.text[place] || node.symbol + " = " + node.value[place] + " (given)";
  const parts = (node.parts[place] || []).map(([, label, terms]) => terms + " [" + label + "]");
  return node.symbol === "dL/dL" ? "dL/dL = 1" : (parts.join(" + ") || "0") + " = " + node.value[place];
}
