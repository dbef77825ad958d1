// Draws the grid of heads as SVG: a row for each layer, a column for each head, one cell to choose.
// Text only ever goes through textContent, so no text can become markup.
const LEFT = 46, ABOVE = 42;

export default afterPress(function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const tip = parentElement.querySelector(".tip");
  const hadFocus = frame.contains(focusOf(parentElement));
  const { colours, cells, layers, heads, chosen } = data;
  parentElement.querySelector(".all").style.setProperty("--chosen", colours.chosen);
  const wide = heads > 8 ? 46 : heads > 5 ? 64 : 74, high = heads > 5 ? 46 : 54;
  const width = LEFT + heads * wide + 8, height = ABOVE + layers * high + 8;

  const svg = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "grid",
    "aria-label": data.label });
  write(svg, "head", LEFT + (heads * wide) / 2, 14, { size: 13, colour: colours.text });
  for (let head = 0; head < heads; head++)
    write(svg, head, LEFT + (head + 0.5) * wide, 34, { size: 13, colour: colours.text });
  const groups = [];
  for (let layer = 0; layer < layers; layer++) {
    const row = svg.appendChild(svgElement("g", { role: "row", "aria-label": `layer ${layer}` }));
    write(row, layer, 30, ABOVE + (layer + 0.5) * high + 5, { size: 13, colour: colours.text });
    for (let head = 0; head < heads; head++) groups.push(row.appendChild(draw(layer * heads + head)));
  }
  const name = write(svg, "layer", 12, ABOVE + (layers * high) / 2, { size: 13, colour: colours.text });
  name.setAttribute("transform", `rotate(-90 12 ${ABOVE + (layers * high) / 2})`);
  frame.replaceChildren(svg);
  drawLegend();
  const start = chosen[0] * heads + chosen[1];
  rove(groups, start, hadFocus);
  say(start);
  if (frame.dataset.shown !== String(start)) bringInSight(frame, groups[start].getBoundingClientRect());
  frame.dataset.shown = start;
  parentElement.querySelector(".save").onclick = save;

  function draw(index) {
    const cell = cells[index], x = LEFT + cell.head * wide, y = ABOVE + cell.layer * high;
    const isChosen = cell.layer === chosen[0] && cell.head === chosen[1];
    const isNone = cell.number === "";
    const group = svgElement("g", { class: "cell", role: "gridcell", tabindex: -1,
      "aria-label": cell.hover, "aria-selected": isChosen });
    group.append(
      svgElement("rect", { class: "halo", x: x + 0.5, y: y + 0.5, width: wide - 1, height: high - 1, rx: 7,
        fill: "none", stroke: isChosen ? colours.chosen : "none", "stroke-width": isChosen ? 3.5 : 0 }),
      svgElement("rect", { class: "box", x: x + 4, y: y + 4, width: wide - 8, height: high - 8, rx: 5,
        fill: cell.colour, "fill-opacity": isNone ? 0 : cell.is_strong ? 0.26 : 0.07,
        stroke: isNone ? colours.grid : cell.colour, "stroke-width": 1.5,
        "stroke-dasharray": isNone || cell.is_strong ? "none" : "4 3" }),
    );
    const ink = isNone ? colours.muted : colours.text, middle = x + wide / 2;
    write(group, cell.sign + (cell.also ? " " + cell.also : ""), middle, y + high / 2 - (isNone ? -5 : 2),
      { size: cell.is_strong ? 18 : 15, colour: ink, weight: cell.is_strong ? 700 : 400 });
    if (!isNone) write(group, cell.number, middle, y + high / 2 + 14, { size: 12, colour: colours.text });
    group.onclick = () => { rove(groups, index, false); setTriggerValue("clicked", { layer: cell.layer, head: cell.head }); };
    group.onmouseenter = group.onfocus = () => say(index);
    group.onmouseleave = () => say(start);
    group.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); group.onclick(); return; }
      const next = keyLeadsTo(event, index, heads, cells.length);
      if (next !== undefined) rove(groups, next, true);
    };
    return group;
  }

  function drawLegend() {
    const entries = data.legend.map((entry) => {
      const item = document.createElement("li"), sign = document.createElement("b");
      sign.textContent = entry.sign;
      sign.style.color = entry.colour;
      item.append(sign, ` ${entry.name}: ${entry.count}`);
      return item;
    });
    parentElement.querySelector(".legend").replaceChildren(...entries);
  }

  function say(index) { tip.textContent = cells[index].hover; }

  function save() {
    const { ground } = colours, { label, name } = data;
    saveAlone(svg.cloneNode(true), { width, height, ground, label, name });
  }

  function write(parent, text, x, y, { size, colour, weight = 400 }) {
    const look = { fill: colour, "font-size": size, "font-weight": weight, "text-anchor": "middle" };
    return parent.appendChild(svgText(text, { x, y, ...look }));
  }
});
