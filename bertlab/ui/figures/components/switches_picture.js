// The switches as a drawing that stands alone: what is off is hatched, as on the page.
function drawSwitches({ rows, scale, title, colours }) {
  const wide = 66, high = 44, left = 62, top = 62, below = scale ? 58 : 12;
  const heads = rows[0].cells.length;
  const width = Math.max(left + heads * wide + 84, 24 + 8 * title.length);
  const height = top + rows.length * high + below;
  const drawing = svgElement("svg", {});
  drawing.append(makeDefinitions());
  write(title, 12, 22, { size: 15, weight: 600, anchor: "start" });
  write("layer \\ head", 12, 50, { size: 12, anchor: "start" });
  rows[0].cells.forEach((_, head) => write(head, left + (head + 0.5) * wide, 50, { size: 13 }));
  rows.forEach(drawRow);
  if (scale) drawScale(height - below + 14);
  return { drawing, width, height };

  function drawRow(row, number) {
    const y = top + number * high, middle = y + high / 2 + 4;
    write(row.layer, 34, middle, { size: 13 });
    row.cells.forEach((cell, head) => drawCell(cell, left + head * wide, y, row.skipped));
    if (row.skipped) write("skipped", left + heads * wide + 8, middle, { size: 13, anchor: "start" });
  }

  function drawCell(cell, x, y, isSkipped) {
    const box = { x: x + 3, y: y + 3, width: wide - 6, height: high - 6, rx: 6 };
    const ink = cell.off || isSkipped ? colours.text : cell.ink, opacity = isSkipped ? 0.45 : 1;
    const edge = cell.chosen ? { stroke: colours.chosen, "stroke-width": 3 } : { stroke: colours.muted };
    const dashes = cell.off ? { "stroke-dasharray": "5 3" } : {};
    const fill = cell.off ? "url(#off)" : cell.fill;
    drawing.append(svgElement("rect", { ...box, fill, "fill-opacity": opacity, ...edge, ...dashes }));
    const middle = x + wide / 2, look = { size: 13, colour: ink, family: CODE };
    if (cell.off) write("off", middle, y + 18, { ...look, size: 12, weight: 700 });
    write(cell.text, middle, y + (cell.off ? 34 : high / 2 + 5), look);
  }

  function drawScale(y) {
    const bar = { x: 12, y, width: width - 24, height: 12, fill: "url(#scale)", stroke: colours.muted };
    drawing.append(svgElement("rect", bar));
    write(scale.low, 12, y + 30, { size: 12, anchor: "start" });
    write(scale.high, width - 12, y + 30, { size: 12, anchor: "end" });
  }

  function makeDefinitions() {
    const made = svgElement("defs", {});
    const lines = { width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    const hatch = svgElement("pattern", { id: "off", ...lines });
    hatch.append(svgElement("rect", { width: 8, height: 8, fill: colours.ground }),
      svgElement("rect", { width: 2, height: 8, fill: colours.muted, opacity: 0.3 }));
    const across = svgElement("linearGradient", { id: "scale" });
    across.append(...(scale?.colours ?? []).map((colour, i, all) =>
      svgElement("stop", { offset: i / (all.length - 1), "stop-color": colour })));
    made.append(hatch, across);
    return made;
  }

  function write(words, x, y, { size, weight = 400, anchor = "middle", colour = colours.text, family = PROSE }) {
    const look = { fill: colour, "font-size": size, "font-weight": weight, "font-family": family };
    drawing.append(svgText(words, { x, y, "text-anchor": anchor, ...look }));
  }
}

