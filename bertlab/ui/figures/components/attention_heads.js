// All heads as small pictures: a row a layer, a column a head. One canvas, however many there are.
// Reports which head was activated. Which one is in hand it hears in an event: the pictures stay as
// they are when another is chosen, and need not be sent again.
export default function ({ data, parentElement, setTriggerValue }) {
  const { header, cells } = unpack(data, Uint8Array);
  const { layers, heads, side, colours } = header;
  const root = parentElement.querySelector(".heads");
  const canvas = root.querySelector("canvas");
  const said = root.querySelector(".said");
  canvas.setAttribute("aria-label", header.label);
  root.cleanUp?.(); // of the run before
  let chosen = window.bertlabHead ?? [0, 0];
  let at = chosen;
  let pictures = null; // of all heads on one sheet, `pictures.pixels` a side
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
    const step = arrowStep(event);
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
  root.querySelector(".save").onclick = () => {
    const sheet = document.createElement("canvas");
    draw(sheet);
    savePicture(sheet, "attention_heads");
  };
  return root.cleanUp;

  function choose(place) {
    chosen = at = place; // at once; the page follows
    draw();
    setTriggerValue("head", { layer: place[0], head: place[1] });
  }

  // A pixel shows the largest of the weights that fall on it, so that a thin line does not fade.
  function drawPictures(pixels) {
    const table = colourTable(colours.scale);
    const largest = new Uint8Array(layers * heads * pixels * pixels);
    for (let head = 0, from = 0; head < layers * heads; head++)
      for (let row = 0; row < side; row++) {
        const line = (head * pixels + Math.floor((row * pixels) / side)) * pixels;
        for (let column = 0; column < side; column++, from++) {
          const to = line + Math.floor((column * pixels) / side);
          if (cells[from] > largest[to]) largest[to] = cells[from];
        }
      }
    const sheet = new OffscreenCanvas(1, 1);
    paintCells(sheet, heads * pixels, layers * pixels, (row, column) => {
      const head = Math.floor(row / pixels) * heads + Math.floor(column / pixels);
      return table[largest[(head * pixels + (row % pixels)) * pixels + (column % pixels)]];
    });
    return { sheet, pixels };
  }

  function geometry() {
    const margin = 26;
    const gap = heads > 8 ? 3 : 6;
    const size = Math.max(22, Math.min(heads > 8 ? 72 : 108, Math.floor((room - margin) / heads) - gap));
    return { margin, gap, size, step: size + gap };
  }

  function draw(target = canvas) {
    const { margin, size, step } = geometry();
    const width = margin + heads * step;
    const height = margin + layers * step;
    const ratio = target === canvas ? window.devicePixelRatio || 1 : 2;
    target.style.width = `${width}px`;
    target.style.height = `${height}px`;
    target.width = width * ratio;
    target.height = height * ratio;
    const pen = target.getContext("2d");
    pen.scale(ratio, ratio);
    if (target !== canvas) { pen.fillStyle = colours.ground; pen.fillRect(0, 0, width, height); }
    pen.imageSmoothingEnabled = false;
    const pixels = Math.min(side, Math.round(size * ratio));
    if (pictures?.pixels !== pixels) pictures = drawPictures(pixels);
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
        pen.drawImage(pictures.sheet, head * pixels, layer * pixels, pixels, pixels, x, y, size, size);
        const isChosen = chosen[0] === layer && chosen[1] === head;
        const isAt = at[0] === layer && at[1] === head;
        pen.strokeStyle = isChosen ? colours.query : isAt ? colours.key : colours.line;
        pen.lineWidth = isChosen ? 3 : isAt ? 2 : 1;
        pen.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
      }
    }
    target.dataset.drawn = `${layers}x${heads}x${side}`;
  }

  function headUnder(event) {
    const { margin, step, size } = geometry();
    const place = [event.offsetY, event.offsetX].map((value) => Math.floor((value - margin) / step));
    const inside = [event.offsetY, event.offsetX].every((value) => (value - margin) % step <= size);
    return inside && place[0] >= 0 && place[0] < layers && place[1] >= 0 && place[1] < heads ? place : null;
  }
}
