// One head's weights on a canvas: a click or the arrow keys choose a cell, the pointer reads one.
// The data are bytes: the header's length, the header (JSON), then a weight in two bytes each, in
// ten-thousandths. Token names only ever go through fillText and textContent.
export default function ({ data, parentElement, setTriggerValue }) {
  const bytes = new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const cells = new DataView(bytes.buffer, bytes.byteOffset + 4 + length);
  const count = head.tokens.length;
  const weight = (query, key) => cells.getUint16(2 * (query * count + key), true) / 10000;

  const root = parentElement.querySelector(".map");
  const canvas = root.querySelector("canvas");
  const said = root.querySelector(".said");
  const tip = root.querySelector(".tip");
  // A rerun that was asked for earlier must not take back what the arrow keys have moved since.
  const waits = root.pending !== undefined;
  if (!waits) root.chosen = { query: head.query, key: head.key };
  canvas.setAttribute("aria-label", head.alt);
  for (const [name, value] of Object.entries(head.colours)) root.style.setProperty("--" + name, value);

  const step = Math.max(1, Math.ceil(count / 40)); // every how many tokens one is named
  const pen = canvas.getContext("2d");
  const widest = (size) => {
    pen.font = `bold ${size}px "Source Code Pro", monospace`;
    return Math.ceil(Math.max(...head.tokens.map((token) => pen.measureText(token).width))) + 14;
  };
  // As wide as the column, but a cell that a finger can hit is not made smaller for that.
  const wanted = Math.floor(420 / count);
  const fitting = Math.floor((root.clientWidth - widest(14) - 8) / count);
  const cell = Math.max(1, Math.min(30, wanted, Math.max(fitting, 14)));
  const size = Math.max(9, Math.min(14, cell * step - 2));
  const room = widest(size);
  const side = count * cell;
  const ratio = Math.min(3, Math.max(1, window.devicePixelRatio || 1));
  canvas.width = (room + side + 8) * ratio;
  canvas.height = (room + side + 8) * ratio;
  canvas.style.width = room + side + 8 + "px";
  const picture = paint();
  draw();

  function paint() {
    const small = new OffscreenCanvas(count, count);
    const brush = small.getContext("2d");
    const image = brush.createImageData(count, count);
    for (let i = 0; i < count * count; i++) {
      const colour = head.scale[Math.round((cells.getUint16(2 * i, true) / 10000) * (head.scale.length - 1))];
      image.data.set([...colour, 255], 4 * i);
    }
    brush.putImageData(image, 0, 0);
    return small;
  }

  function draw() {
    const { query, key } = root.chosen;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, room + side + 8, room + side + 8);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, room, room, side, side);
    pen.strokeStyle = head.colours.grid;
    pen.strokeRect(room - 0.5, room - 0.5, side + 1, side + 1);
    for (let i = 0; i < count; i++) {
      if (i % step && i !== query && i !== key) continue;
      name(i, i === query, head.colours.query, false);
      name(i, i === key, head.colours.key, true);
    }
    const thick = cell > 6 ? 2 : 1;
    frame(0, query, count, 1, head.colours.query, thick);
    frame(key, 0, 1, count, head.colours.key, thick);
    frame(key, query, 1, 1, head.colours.text, thick + 1);
  }

  function frame(column, row, width, height, colour, thick) {
    pen.lineWidth = thick;
    pen.strokeStyle = colour;
    pen.strokeRect(room + column * cell, room + row * cell, width * cell, height * cell);
  }

  function name(i, isChosen, colour, isColumn) {
    const isOff = i % step !== 0 && !isChosen;
    if (isOff) return;
    pen.font = `${isChosen ? "bold " : ""}${size}px "Source Code Pro", monospace`;
    pen.fillStyle = isChosen ? colour : head.colours.text;
    pen.textBaseline = "middle";
    pen.save();
    const along = room + (i + 0.5) * cell;
    pen.translate(isColumn ? along : room - 7, isColumn ? room - 7 : along);
    const isUpright = /^[\u1100-\uffff]$/.test(head.tokens[i]); // one Chinese character
    if (isColumn && !isUpright) pen.rotate(-Math.PI / 2);
    if (isColumn && isUpright) pen.translate(0, -size / 2);
    pen.textAlign = !isColumn ? "right" : isUpright ? "center" : "left";
    pen.fillText(head.tokens[i], 0, 0);
    pen.restore();
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const scale = (room + side + 8) / box.width;
    const key = Math.floor(((event.clientX - box.left) * scale - room) / cell);
    const query = Math.floor(((event.clientY - box.top) * scale - room) / cell);
    const inside = (i) => i >= 0 && i < count;
    return inside(query) && inside(key) ? { query, key } : null;
  }

  function words({ query, key }) {
    const share = (100 * weight(query, key)).toFixed(1);
    return `“${head.tokens[query]}” (${query}) looks at “${head.tokens[key]}” (${key}): ${share} %`;
  }

  function choose(place, delay) {
    root.chosen = place;
    said.textContent = words(place);
    draw();
    clearTimeout(root.pending);
    root.pending = setTimeout(() => {
      root.pending = undefined;
      setTriggerValue("chosen", place);
    }, delay);
  }

  canvas.onclick = (event) => {
    const place = at(event);
    if (place) choose(place, 0);
  };
  canvas.onkeydown = (event) => {
    const { query, key } = root.chosen;
    const place = {
      ArrowUp: { query: query - 1, key }, ArrowDown: { query: query + 1, key },
      ArrowLeft: { query, key: key - 1 }, ArrowRight: { query, key: key + 1 },
    }[event.key];
    if (!place) return;
    event.preventDefault();
    if (Math.min(place.query, place.key) >= 0 && Math.max(place.query, place.key) < count) choose(place, 250);
  };
  canvas.onpointermove = (event) => {
    const place = at(event);
    canvas.style.cursor = place ? "pointer" : "default";
    tip.hidden = !place;
    if (!place) return;
    tip.textContent = words(place);
    const box = root.getBoundingClientRect();
    tip.style.left = Math.max(0, Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth)) + "px";
    tip.style.top = event.clientY - box.top + 20 + "px";
  };
  canvas.onpointerleave = () => (tip.hidden = true);

  root.querySelector(".save").onclick = () => {
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = head.name + ".png";
    link.click();
  };
}
