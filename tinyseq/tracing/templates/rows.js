// The numbers of a step, and the docstrings that its equations stand in.
function article(id, live) {
  const node = nodes[id], value = node.of === null ? null : nodes[node.of];
  const head = element("h3", null, ...numbers(node, live), element("b", null, symbol(node.symbol)),
    element("code", null, node.equation));
  const names = node.names.length ? " \u00b7 also " + node.names.join(", ") : "";
  const where = element("div", { class: "where" },
    [node.axes.join(" \u00d7 "), node.module, node.place.replace(/^.*\//, "")].filter(Boolean).join(" \u00b7 ") + names);
  const tables = [matrices(node, live)];
  if (value) tables.push(element("div", { class: "value" }, element("span", { class: "where" }, "beside it the value ",
    symbol(value.symbol)), matrices(value, false)));
  const width = node.shape.length ? node.shape[node.shape.length - 1] : 1;
  const count = Math.ceil(node.value.length / (width * (node.shape[node.shape.length - 2] || 1)));
  const wide = width > (value ? 4 : 6) || count > (value ? 1 : 2);
  return element("article", { "data-node": id, class: wide ? "wide" : "" }, head, where,
    element("div", { class: "beside" }, ...tables));
}

// "(4)", each a link to its line in the docstring.
function numbers(node, live) {
  if (!live || !node.at.length) return [element("span", { class: "number" }, node.number)];
  return node.at.map(([number, text, line]) => element("a", { class: "number", href: "#text-" + text + "-" + line,
    title: "equation (" + number + ") in " + data.texts[text][0] }, "(" + number + ")"));
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
      index.map((i, k) => axis(node, k) + " " + i).join(", ")));
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

// One docstring, line by line, so that an equation's number can lead to its line.
function docstring(text) {
  const [whose, lines] = data.texts[text];
  return element("figure", null, element("figcaption", null, whose), element("pre", { tabindex: 0 },
    ...lines.map((line, k) => element("span", { class: "line", id: "text-" + text + "-" + k }, line + "\n"))));
}
