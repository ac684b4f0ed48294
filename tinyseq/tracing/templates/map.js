// The whole pass: a column for each step forward, a mark for each row.
function drawMap() {
  data.columns.forEach((ids, k) => {
    const [what, where] = data.labels[k];
    const column = element("div", { class: "column" + (k && what === "t = 1" ? " begins" : ""), "data-column": k,
      title: [what, where].filter(Boolean).join(", ") });
    column.append(element("div", { class: "caption" }, what));
    ids.forEach((id) => column.append(element("div", { class: "dot", "data-node": id })));
    column.addEventListener("click", () => {
      const back = steps.findIndex((step) => step.phase === "backward" && step.columns.includes(k));
      show(steps[now].phase === "backward" && back >= 0 ? back : nodes[ids[0]].step);
    });
    byId("map").append(column);
  });
}

// All that the number depends on, and all that depends on it, up to the loss.
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
