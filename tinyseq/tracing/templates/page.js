"use strict";
// One step of the pass at a time: what is computed in it, and what the number in focus came from and goes to.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = data.nodes, steps = data.steps;
  const byId = (id) => document.getElementById(id);
  const slider = byId("slider"), rows = byId("rows"), focused = byId("focused");
  let now = 0, spot = null;                       // the step, and the number in focus: {node, place}

  // Where a number goes to is where it comes from, read backwards.
  nodes.forEach((node) => { node.readers = []; node.users = node.value.map(() => []); node.step = -1; });
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

  function indexOf(node, place) {
    return node.shape.reduceRight((index, n) => {
      index.unshift(place % n);
      place = Math.floor(place / n);
      return index;
    }, []);
  }

  function named(node, place) {
    const index = indexOf(node, place);
    return node.symbol + (index.length ? "[" + index.join(", ") + "]" : "");
  }

  // Rows -------------------------------------------------------------------------------------------------------

  function article(id, live) {
    const node = nodes[id];
    const head = element("h3", null, element("span", { class: "number" }, node.number),
      element("b", null, symbol(node.symbol)), element("code", null, node.equation));
    const names = node.names.length ? " \u00b7 also " + node.names.join(", ") : "";
    const where = element("div", { class: "where" },
      [node.axes.join(" \u00d7 "), node.module, node.place].filter(Boolean).join(" \u00b7 ") + names);
    const width = node.shape.length ? node.shape[node.shape.length - 1] : 1;
    const tables = Math.ceil(node.value.length / (width * (node.shape[node.shape.length - 2] || 1)));
    const kind = width > 6 || tables > 2 ? "wide" : "";
    return element("article", { "data-node": id, class: kind }, head, where, matrices(node, live));
  }

  function matrices(node, live) {
    const shape = node.shape, columns = shape.length ? shape[shape.length - 1] : 1;
    const rowsIn = shape.length > 1 ? shape[shape.length - 2] : 1;
    const box = element("div", { class: "matrices" });
    let table = null;
    for (let start = 0; start < node.value.length; start += columns) {
      if (start % (rowsIn * columns) === 0) {
        table = element("table", { "aria-label": node.symbol });
        box.append(table);
      }
      const index = indexOf(node, start).slice(0, -1);
      const line = element("tr", null, element("th", { scope: "row" },
        index.map((i, k) => node.axes[k].replace(/ = .*/, "") + " " + i).join(", ")));
      for (let k = start; k < Math.min(start + columns, node.value.length); k++) {
        const cell = element("td", { "data-place": k }, node.value[k]);
        if (live) { cell.tabIndex = 0; cell.setAttribute("aria-label", named(node, k) + " is " + node.value[k]); }
        line.append(cell);
      }
      table.append(line);
    }
    if (node.more) box.append(element("p", { class: "where" }, "and " + node.more + " more numbers"));
    return box;
  }

  function show(step) {
    const before = spot && nodes[spot.node], wasInRows = rows.contains(document.activeElement);
    now = Math.max(0, Math.min(steps.length - 1, step));
    slider.value = now;
    slider.setAttribute("aria-valuetext", steps[now].label);
    byId("label").textContent = (now + 1) + " / " + steps.length + "  " + steps[now].label;
    byId("announcement").textContent = "Step " + (now + 1) + " of " + steps.length + ": " + steps[now].label;
    rows.replaceChildren(...steps[now].rows.map((id) => article(id, true)));
    document.querySelectorAll("#drawing svg").forEach((svg) => {
      svg.toggleAttribute("hidden", !steps[now].drawings.includes(svg.dataset.drawing));
      svg.classList.toggle("gradient", steps[now].phase === "backward");
    });
    document.querySelectorAll("#map .column").forEach((column) => {
      column.classList.toggle("now", steps[now].columns.includes(Number(column.dataset.column)));
    });
    const same = before ? steps[now].rows.find((id) =>
      nodes[id].base === before.base && nodes[id].value.length > spot.place) : undefined;
    if (same !== undefined) {
      point(same, spot.place, wasInRows);
    } else {
      spot = null;
      light();
      fill(0);
      if (wasInRows) rows.focus({ preventScroll: true });
    }
  }

  // The number in focus ----------------------------------------------------------------------------------------

  // What feeds a number, and what reads it: in the backward phase gradients come from where the value went.
  function around(id, place) {
    const node = nodes[id];
    if (node.of === null) return { from: node.made_of[place] || [], to: node.users[place] || [] };
    const turned = (pairs) => pairs.map(([other, at]) => [gradientOf.get(other), at])
      .filter(([other]) => other !== undefined);
    const of = nodes[node.of];
    return { from: turned(of.users[place] || []), to: turned(of.made_of[place] || []) };
  }

  function point(id, place, moveFocus) {
    spot = { node: id, place: place };
    light();
    fill(place);
    explain(id, place);
    if (moveFocus) {
      const cell = rows.querySelector('article[data-node="' + id + '"] td[data-place="' + place + '"]');
      if (cell && cell !== document.activeElement) cell.focus({ preventScroll: true });
    }
  }

  function light() {
    document.querySelectorAll(".in, .out, .here, .far-in, .far-out").forEach((lit) => {
      if (!lit.classList.contains("legend")) lit.classList.remove("in", "out", "here", "far-in", "far-out");
    });
    if (!spot) return;
    const { from, to } = around(spot.node, spot.place);
    mark(spot.node, spot.place, "here");
    from.forEach(([id, place]) => mark(id, place, "in"));
    to.forEach(([id, place]) => mark(id, place, "out"));
    path(spot.node);
  }

  function mark(id, place, kind) {
    const box = rows.querySelector('article[data-node="' + id + '"]');
    if (box) {
      if (kind !== "here") box.classList.add(kind);
      const cell = box.querySelector('td[data-place="' + place + '"]');
      if (cell) cell.classList.add(kind);
    }
    const base = nodes[id].base.replace("dL/d", "");
    const elsewhere = nodes[id].step !== now, earlier = (kind === "in") === (steps[now].phase === "forward");
    const other = !elsewhere ? base : earlier ? base + "_before" : "";
    const part = document.querySelector('#drawing svg:not([hidden]) g[data-symbol="' + other + '"]');
    if (part) part.classList.add(kind);
  }

  // On the map: all that the number depends on, and all that depends on it, up to the loss.
  function path(id) {
    const root = nodes[id].of === null ? id : nodes[id].of;
    const spread = (start, next) => {
      const seen = new Set(), waiting = [...next(start)];
      while (waiting.length) { const k = waiting.pop(); if (!seen.has(k)) { seen.add(k); waiting.push(...next(k)); } }
      return seen;
    };
    const dot = (k) => document.querySelector('#map .dot[data-node="' + k + '"]');
    const paint = (set, kind) => set.forEach((k) => { const d = dot(k); if (d) d.classList.add(kind); });
    const turned = nodes[id].of !== null;          // gradients run the other way
    paint(spread(root, (k) => nodes[k].inputs), turned ? "far-out" : "far-in");
    paint(spread(root, (k) => nodes[k].readers), turned ? "far-in" : "far-out");
    paint(nodes[root].inputs, turned ? "out" : "in");
    paint(nodes[root].readers, turned ? "in" : "out");
    paint([root], "here");
  }

  function explain(id, place) {
    const node = nodes[id], { from, to } = around(id, place);
    const parts = [element("h3", null, symbol(node.symbol), " " + indexOf(node, place).map((i, k) =>
      node.axes[k].replace(/ = .*/, "") + " " + i).join(", "))];
    if (node.equation) parts.push(element("p", null, element("code", null, node.number + " " + node.equation)));
    const said = node.text[place] || node.symbol + " = " + node.value[place] + " (given)";
    parts.push(element("p", { class: "sum" }, said));
    parts.push(list("in", node.of === null ? "computed from" : "comes from", from));
    parts.push(list("out", node.of === null ? "read by" : "goes on to", to));
    if (node.back.length) parts.push(element("p", { class: "where" }, "the way back: " + node.back.join(", ")));
    focused.replaceChildren(...parts.filter(Boolean));
  }

  function list(kind, title, pairs) {
    if (!pairs.length) return null;
    const shown = pairs.slice(0, 12).map(([id, place]) => {
      const elsewhere = nodes[id].step !== now && nodes[id].step >= 0 ? "  (step " + (nodes[id].step + 1) + ")" : "";
      return element("li", null, symbol(named(nodes[id], place)), " = " + nodes[id].value[place] + elsewhere);
    });
    if (pairs.length > 12) shown.push(element("li", null, "and " + (pairs.length - 12) + " more"));
    return element("div", null, element("span", { class: "legend " + kind }, title), element("ul", null, ...shown));
  }

  // The drawing shows the entry at the same place of each of its symbols.
  function fill(place) {
    document.querySelectorAll("#drawing svg:not([hidden])").forEach((svg) => {
      svg.querySelectorAll("g[data-symbol]").forEach((part) => {
        const text = part.querySelector("text.value"), label = part.querySelector("text.symbol");
        const found = drawn(part.dataset.symbol);
        if (!label.dataset.name) label.dataset.name = label.textContent;
        label.textContent = label.dataset.name + 
          (found && found.of === null && found.step === now ? " " + found.number : "");
        const at = found && found.value.length > place ? place : 0;
        if (text) text.textContent = found ? found.value[at] : "";
      });
      svg.querySelectorAll("g[data-grid]").forEach((part) => grid(part, drawn(part.dataset.grid), place));
    });
  }

  function drawn(base) {
    const before = base.endsWith("_before"), wanted = base.replace("_before", "");
    const of = (id) => (nodes[id].of === null ? nodes[id] : nodes[nodes[id].of]);
    const here = steps[now].rows.filter((id) => nodes[id].base.replace("dL/d", "") === wanted);
    if (!before && here.length) return nodes[here[here.length - 1]];
    const source = steps[now].rows.map((id) => of(id).inputs.map((k) => nodes[k])
      .find((node) => node.base === wanted && node.step !== of(id).step)).find(Boolean);      // from another step
    if (!source || steps[now].phase !== "backward") return source || null;
    const back = gradientOf.get(nodes.indexOf(source));
    return back === undefined ? null : nodes[back];
  }

  function grid(part, node, place) {
    part.replaceChildren();
    if (!node || node.shape.length < 2) return;
    const [n, m] = node.shape.slice(-2), block = n * m;
    const first = node === nodes[spot ? spot.node : -1] ? Math.floor(place / block) * block : 0;
    const size = Number(part.dataset.size) / Math.max(n, m);
    const largest = Math.max(...node.value.map((v) => Math.abs(Number(v))), 1e-9);
    for (let k = 0; k < block && first + k < node.value.length; k++) {
      const cell = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const [x, y] = [Number(part.dataset.x) + (k % m) * size, Number(part.dataset.y) + Math.floor(k / m) * size];
      const strength = Math.abs(Number(node.value[first + k])) / largest;
      const colour = Number(node.value[first + k]) < 0 ? "#D55E00" : "#0072B2";
      Object.entries({ x: x, y: y, width: size, height: size, fill: colour, "fill-opacity": strength, stroke: "#888",
        "stroke-width": 0.5 }).forEach(([name, value]) => cell.setAttribute(name, value));
      part.append(cell);
    }
  }

  // Controls ---------------------------------------------------------------------------------------------------

  function cellOf(event) {
    const cell = event.target.closest && event.target.closest("#rows td");
    return cell ? [Number(cell.closest("article").dataset.node), Number(cell.dataset.place)] : null;
  }
  rows.addEventListener("pointerover", (event) => { const found = cellOf(event); if (found) point(...found, false); });
  rows.addEventListener("focusin", (event) => { const found = cellOf(event); if (found) point(...found, false); });
  slider.addEventListener("input", () => show(Number(slider.value)));
  byId("previous").addEventListener("click", () => show(now - 1));
  byId("next").addEventListener("click", () => show(now + 1));
  document.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(now + way);
  });

  data.columns.forEach((ids, k) => {
    const column = element("div", { class: "column", "data-column": k, title: data.labels[k] });
    ids.forEach((id) => column.append(element("div", { class: "dot", "data-node": id })));
    column.addEventListener("click", () => show(nodes[ids[0]].step));
    byId("map").append(column);
  });

  // On paper all steps stand one after the other.
  window.addEventListener("beforeprint", () => byId("printed").replaceChildren(...steps.flatMap((step) =>
    [element("h2", null, step.label), ...step.rows.map((id) => article(id, false))])));
  window.addEventListener("afterprint", () => byId("printed").replaceChildren());

  slider.max = steps.length - 1;
  show(0);
})();
