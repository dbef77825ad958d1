// One head, token by token, on one canvas: numbers under the pointer; a click or the arrow keys
// choose query and key.
const ARROW_DELAY = 250; // milliseconds; the page is asked once the key is let go
const MONO = '"Source Code Pro", monospace';

export default function ({ data, parentElement, setTriggerValue }) {
  const { header, cells } = unpack(data, Uint16Array);
  const { names, positions, colours, layer, head, top, widest } = header;
  const count = names.length;
  const root = parentElement.querySelector(".map");
  const canvas = root.querySelector("canvas");
  const frame = root.querySelector(".frame");
  const said = root.querySelector(".said");
  root.cleanUp?.();
  root.style.setProperty("--query", colours.query);
  root.style.setProperty("--key", colours.key);
  canvas.setAttribute("aria-label", header.label);
  drawLegend();
  // A rerun that was asked for earlier must not take back what the arrow keys have moved since.
  if (root.pending === undefined) root.at = [header.query, header.key];
  let room = frame.clientWidth;
  const picture = drawCells();
  draw();
  tell(root.at);
  showChosen();

  const watch = new ResizeObserver(() => {
    if (Math.abs(frame.clientWidth - room) > 2) { room = frame.clientWidth; draw(); showChosen(); }
  });
  watch.observe(frame);
  frame.onscroll = () => draw();
  canvas.onmousemove = (event) => {
    const place = cellUnder(event);
    draw(place);
    tell(place ?? root.at);
  };
  canvas.onmouseleave = () => { draw(); tell(root.at); };
  canvas.onclick = (event) => { const place = cellUnder(event); if (place) choose(place); };
  canvas.onkeydown = (event) => {
    const step = arrowStep(event);
    if (step) {
      event.preventDefault();
      choose(root.at.map((value, i) => clamp(value + step[i], count)), ARROW_DELAY);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(root.at);
    }
  };
  root.querySelector(".save").onclick = save;
  root.cleanUp = () => watch.disconnect();
  return root.cleanUp;

  function choose(place, delay = 0) {
    root.at = place;
    draw();
    tell(place);
    showChosen();
    clearTimeout(root.pending);
    root.pending = setTimeout(() => {
      root.pending = undefined;
      setTriggerValue("cell", { query: place[0], key: place[1] });
    }, delay);
  }

  // Once for each choice: what the student scrolls away from afterwards stays away.
  function showChosen() {
    const [query, key] = root.at, { size, margin } = geometry(), corner = canvas.getBoundingClientRect();
    const cell = new DOMRect(corner.x + margin + key * size, corner.y + margin + query * size, size, size);
    if (root.shown !== String(root.at) && bringInSight(frame, cell, held())) root.shown = String(root.at);
  }

  function weight(query, key) {
    return cells[query * count + key] / 65535;
  }

  function tell([query, key]) {
    const line = [
      piece("query", names[query], positions[query]), " looks at ",
      piece("key", names[key], positions[key]), `: ${(100 * weight(query, key)).toFixed(1)} %`,
    ];
    said.replaceChildren(...line);
  }

  function piece(className, name, position) {
    const part = document.createElement("b");
    part.className = className;
    part.textContent = `${name} (${position})`;
    return part;
  }

  // The scale from 0 to the strong end, as a strip of all its colours.
  function drawLegend() {
    const table = colourTable(colours.scale);
    paintCells(root.querySelector(".scale"), 256, 1, (row, column) => table[column]);
    root.querySelector(".top").textContent = `${Math.round(100 * top)} %`;
  }

  function drawCells() {
    const table = colourTable(colours.scale);
    return paintCells(new OffscreenCanvas(1, 1), count, count, (query, key) =>
      table[Math.min(255, Math.round((255 * weight(query, key)) / top))]);
  }

  function geometry() {
    const size = count <= 20 ? Math.min(38, Math.floor(Math.min(460, widest) / count)) : Math.max(widest > 500 ? 2 : 1, Math.min(26, Math.floor(widest / count)));
    const font = size >= 18 ? 13 : size >= 14 ? 12 : 11;
    const step = Math.ceil((font + 1) / size);
    const longest = Math.max(...names.map((name) => columns(shorten(name))));
    const margin = Math.round(longest * font * 0.61) + 34;
    return { size, font, step, margin };
  }

  // How many pixels of the frame the row's names take, which stay where the cells scroll; on a
  // frame that they would fill they scroll along.
  function held() {
    const { margin } = geometry();
    return margin < frame.clientWidth / 2 ? margin : 0;
  }

  function draw(under = null, target = canvas) {
    const { size, font, step, margin } = geometry();
    const left = target === canvas && held() ? frame.scrollLeft : 0; // pixels that are scrolled away
    const side = count * size;
    const ratio = target === canvas ? window.devicePixelRatio || 1 : 2;
    const [width, height] = [margin + side + 4, margin + side + 4];
    if (target === canvas) { canvas.style.width = `${width}px`; canvas.style.height = `${height}px`; }
    target.width = width * ratio;
    target.height = height * ratio;
    const pen = target.getContext("2d");
    pen.scale(ratio, ratio);
    if (target !== canvas) { pen.fillStyle = colours.ground; pen.fillRect(0, 0, width, height); }
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, margin, margin, side, side);
    pen.strokeStyle = colours.line;
    pen.strokeRect(margin - 0.5, margin - 0.5, side + 1, side + 1);
    const marks = [root.at, ...(under ? [under] : [])];
    names.forEach((name, i) => {
      const isKey = marks.some(([, key]) => key === i);
      const centre = margin + (i + 0.5) * size;
      if (i % step === 0 || isKey) label(pen, name, font, isKey ? colours.key : colours.ink, centre, margin - 7, true, isKey);
    });
    heading(pen, "key: looked at", colours.key, margin + side / 2, 9, 0);
    for (const [query, key] of marks) {
      line(pen, colours.query, margin, margin + query * size, side, size);
      line(pen, colours.key, margin + key * size, margin, size, side);
    }
    if (left) { pen.fillStyle = colours.ground; pen.fillRect(left, 0, margin, height); }
    names.forEach((name, i) => {
      const isQuery = marks.some(([query]) => query === i);
      const centre = margin + (i + 0.5) * size;
      if (i % step === 0 || isQuery) label(pen, name, font, isQuery ? colours.query : colours.ink, left + margin - 7, centre, false, isQuery);
    });
    heading(pen, "query: looks", colours.query, left + 9, margin + side / 2, -Math.PI / 2);
    if (target === canvas) frame.dataset.names = left; // where the rows' names begin
    target.dataset && (target.dataset.drawn = `${layer}.${head}x${count}`);
  }

  function line(pen, colour, x, y, width, height) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.strokeRect(x, y, width, height);
  }

  function heading(pen, text, colour, x, y, angle) {
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    pen.font = `12px ${getComputedStyle(root).fontFamily}`;
    pen.fillStyle = colour;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, 0, 0);
    pen.restore();
  }

  // Words above a column stand on their side, a Chinese character upright.
  function label(pen, name, font, colour, x, y, isColumn, isBold) {
    const text = shorten(name);
    pen.save();
    pen.font = `${isBold ? "700 " : ""}${font}px ${MONO}`;
    pen.fillStyle = colour;
    pen.translate(x, y);
    const isUpright = isColumn && [...text].length === 1 && columns(text) === 2;
    if (isColumn && !isUpright) pen.rotate(-Math.PI / 2);
    pen.textAlign = isUpright ? "center" : isColumn ? "left" : "right";
    pen.textBaseline = isUpright ? "bottom" : "middle";
    pen.fillText(text, 0, 0);
    pen.restore();
  }

  function cellUnder(event) {
    const { size, margin } = geometry();
    if (held() && event.offsetX < frame.scrollLeft + margin) return null; // a row's name
    const [query, key] = [event.offsetY, event.offsetX].map((value) => Math.floor((value - margin) / size));
    const isInside = [query, key].every((value) => value >= 0 && value < count);
    return isInside ? [query, key] : null;
  }

  function save() {
    const sheet = document.createElement("canvas");
    draw(null, sheet);
    savePicture(sheet, `attention_${layer}.${head}`);
  }
}

function shorten(name) {
  const letters = [...name];
  return letters.length <= 16 ? name : letters.slice(0, 15).join("") + "…";
}

// A Chinese character is as wide as two letters.
function columns(text) {
  return [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) >= 0x1100 ? 2 : 1), 0);
}
