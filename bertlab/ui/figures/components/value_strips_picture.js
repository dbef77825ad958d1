// The strips as a drawing that stands alone: names on the left, numbers as colours beside them.
function drawStrips({ strips, tokens, label, colours }, boards) {
  const left = 190, wide = 720, width = left + wide + 14;
  const drawing = svgElement("svg", {});
  write(label, 12, 24, { size: 15, weight: 600 });
  let y = 44;
  strips.forEach((strip, i) => (y += drawStrip(strip, boards[i], y)));
  return { drawing, width, height: y };

  // Gives the height that it takes.
  function drawStrip(strip, board, top) {
    const canvas = board.querySelector("canvas");
    const high = parseFloat(canvas.style.height);
    write(strip.name, 12, top + 11, { weight: strip.is_result ? 600 : 400 });
    write(strip.note, 12, top + 26, { size: 11, family: CODE });
    const box = { x: left, y: top, width: wide, height: high };
    const looks = { preserveAspectRatio: "none", style: "image-rendering: pixelated" };
    const edge = strip.is_result ? { stroke: colours.chosen, "stroke-width": 2 } : { stroke: colours.edge };
    drawing.append(svgElement("image", { ...box, href: canvas.toDataURL(), ...looks }),
      svgElement("rect", { ...box, fill: "none", ...edge }));
    const hasNames = board.querySelector(".columns") !== null;
    if (hasNames) drawNames(top + high + 13);
    return Math.max(high + (hasNames ? 18 : 0), 30) + 12;
  }

  function drawNames(y) {
    const step = wide / tokens.length;
    tokens.forEach((token, i) => {
      const fits = Math.floor(step / 6.2);
      const shown = token.length > fits ? token.slice(0, fits - 1) + "…" : token;
      write(shown, left + (i + 0.5) * step, y, { size: 10, family: CODE, anchor: "middle" });
    });
  }

  function write(words, x, y, { size = 13, weight = 400, family = PROSE, anchor = "start" }) {
    const look = { "font-size": size, "font-weight": weight, "font-family": family, "text-anchor": anchor };
    drawing.append(svgText(words, { x, y, fill: colours.text, ...look }));
  }
}

