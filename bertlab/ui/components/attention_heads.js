// All heads as small pictures: a row a layer, a column a head. One canvas, however many there are.
// Reports which head was activated. Which one is in hand it hears in an event: the pictures stay as
// they are when another is chosen, and need not be sent again.
const decoder = new TextDecoder();

export default function ({ data, parentElement, setTriggerValue }) {
  const { header, cells } = unpack(data);
  const { layers, heads, side, colours } = header;
  const root = parentElement.querySelector(".heads");
  const canvas = root.querySelector("canvas");
  const said = root.querySelector(".said");
  canvas.setAttribute("aria-label", header.label);
  root.cleanUp?.(); // of the run before
  let chosen = window.bertlabHead ?? [0, 0];
  let at = chosen;
  const pictures = drawPictures();
  let room = root.clientWidth;
  draw();
  const watch = new ResizeObserver(() => {
    if (Math.abs(root.clientWidth - room) > 2) { room = root.clientWidth; draw(); }
  });
  watch.observe(root);
  const hear = (event) => { chosen = at = event.detail; draw(); };
  window.addEventListener("bertlab-head", hear);
  root.cleanUp = () => { watch.disconnect(); window.removeEventListener("bertlab-head", hear); };
  canvas.onclick = (event) => { const place = headUnder(event); if (place) choose(place); };
  canvas.onmousemove = (event) => {
    const place = headUnder(event);
    canvas.title = place ? `head ${place[0]}.${place[1]}` : "";
  };
  canvas.onkeydown = (event) => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (step) {
      event.preventDefault();
      at = [clamp(at[0] + step[0], layers), clamp(at[1] + step[1], heads)];
      said.textContent = `head ${at[0]}.${at[1]}`;
      draw();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at);
    }
  };
  return root.cleanUp;

  function choose(place) {
    chosen = at = place; // at once; the page follows
    draw();
    setTriggerValue("head", { layer: place[0], head: place[1] });
  }

  function drawPictures() {
    const sheet = new OffscreenCanvas(heads * side, layers * side);
    const pen = sheet.getContext("2d");
    const image = pen.createImageData(heads * side, layers * side);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = new Uint32Array(256);
    const bytes = new Uint8Array(scale.buffer);
    for (let i = 0; i < 256; i++) bytes.set([...colours.scale.slice(3 * i, 3 * i + 3), 255], 4 * i);
    let from = 0;
    for (let layer = 0; layer < layers; layer++)
      for (let head = 0; head < heads; head++)
        for (let row = 0; row < side; row++) {
          const to = (layer * side + row) * heads * side + head * side;
          for (let column = 0; column < side; column++) pixels[to + column] = scale[cells[from++]];
        }
    pen.putImageData(image, 0, 0);
    return sheet;
  }

  function geometry() {
    const margin = 26;
    const gap = heads > 8 ? 3 : 6;
    const size = Math.max(22, Math.min(heads > 8 ? 72 : 108, Math.floor((room - margin) / heads) - gap));
    return { margin, gap, size, step: size + gap };
  }

  function draw() {
    const { margin, size, step } = geometry();
    const width = margin + heads * step;
    const height = margin + layers * step;
    const ratio = window.devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.imageSmoothingEnabled = side > size * ratio;
    pen.imageSmoothingQuality = "high";
    pen.font = `12px ${getComputedStyle(root).fontFamily}`;
    pen.fillStyle = colours.ink;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let head = 0; head < heads; head++) pen.fillText(head, margin + head * step + size / 2, 12);
    for (let layer = 0; layer < layers; layer++) {
      pen.fillStyle = colours.ink;
      pen.fillText(layer, 11, margin + layer * step + size / 2);
      for (let head = 0; head < heads; head++) {
        const [x, y] = [margin + head * step, margin + layer * step];
        pen.drawImage(pictures, head * side, layer * side, side, side, x, y, size, size);
        const isChosen = chosen[0] === layer && chosen[1] === head;
        const isAt = at[0] === layer && at[1] === head;
        pen.strokeStyle = isChosen ? colours.query : isAt ? colours.key : colours.line;
        pen.lineWidth = isChosen ? 3 : isAt ? 2 : 1;
        pen.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
      }
    }
    canvas.dataset.drawn = `${layers}x${heads}x${side}`;
  }

  function headUnder(event) {
    const { margin, step, size } = geometry();
    const place = [event.offsetY, event.offsetX].map((value) => Math.floor((value - margin) / step));
    const inside = [event.offsetY, event.offsetX].every((value) => (value - margin) % step <= size);
    return inside && place[0] >= 0 && place[0] < layers && place[1] >= 0 && place[1] < heads ? place : null;
  }
}

function clamp(value, count) {
  return Math.max(0, Math.min(count - 1, value));
}

function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(decoder.decode(bytes.subarray(4, 4 + length)));
  return { header, cells: bytes.subarray(4 + length) };
}
