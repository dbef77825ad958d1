// Shared by the parts that draw or save an SVG: it stands before the script of each.
const PROSE = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', sans-serif";
const CODE = "'Source Code Pro', monospace";

function svgElement(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function svgText(words, attributes) {
  const drawn = svgElement("text", attributes);
  drawn.textContent = words;
  return drawn;
}

// Hand a drawing to the student as a file.
function saveSvg(svg, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  link.download = name + ".svg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000); // at once could stop the download
}

// Save a drawing so that it stands alone: it has its size, its name and the page's ground with it.
function saveAlone(drawing, { width, height, ground, label, name }) {
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": PROSE };
  for (const [key, value] of Object.entries(size)) drawing.setAttribute(key, value);
  const title = svgElement("title", {});
  title.textContent = label;
  drawing.prepend(title, svgElement("rect", { width, height, fill: ground }));
  saveSvg(new XMLSerializer().serializeToString(drawing), name);
}

