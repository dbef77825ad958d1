// Shared by the pictures that get their numbers as bytes (`bertlab.views.attention`).

// The header and the payload, of 8 or 16 bits a number.
function unpack(data, Numbers) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, cells: new Numbers(bytes.slice(4 + length).buffer) };
}

// 256 colours as one 32-bit number each, in the order in which a canvas keeps its pixels.
function colourTable(scale) {
  const table = new Uint32Array(256);
  const bytes = new Uint8Array(table.buffer);
  for (let i = 0; i < 256; i++) bytes.set([...scale.slice(3 * i, 3 * i + 3), 255], 4 * i);
  return table;
}

// A canvas of so many cells, each coloured by `colourOf(row, column)`.
function paintCells(canvas, width, height, colourOf) {
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++) pixels[at++] = colourOf(row, column);
  pen.putImageData(image, 0, 0);
  return canvas;
}

// What an arrow key means as [down, right]; undefined for other keys.
function arrowStep(event) {
  return { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
}

function clamp(value, count) {
  return Math.max(0, Math.min(count - 1, value));
}

function savePicture(canvas, name) {
  const link = document.createElement("a");
  link.download = `${name}.png`;
  link.href = canvas.toDataURL("image/png");
  link.click();
}
