// Draws the picture that Python has laid out, and reports the block or token that was activated.
// Text only ever goes through textContent and setAttribute, so user text cannot become markup.
export default afterPress(function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".path");
  const hadFocus = root.contains(focusOf(parentElement));
  const before = root.dataset.chosen;
  const scrolled = root.querySelector(".frame")?.scrollLeft ?? 0;
  const { picture, colours } = data;
  for (const [name, value] of Object.entries(colours.names)) root.style.setProperty("--" + name, value);

  const tip = html("div", { className: "tip", hidden: true });
  const frame = html("div", { className: "frame" });
  const svg = svgElement("svg", {
    viewBox: `0 0 ${picture.width} ${picture.height}`, role: "group", "aria-label": data.alt,
  });
  const width = Math.round(picture.width);
  svg.style.cssText = `width: 100%; min-width: ${Math.round(width * 0.85)}px; max-width: ${Math.round(width * 1.2)}px`;
  picture.bands.forEach((band) => svg.append(makeBand(band)));
  picture.wires.forEach((wire) => svg.append(makeWire(wire)));
  const nodes = picture.nodes.map(makeNode);
  svg.append(...nodes);
  picture.bars.forEach((bar) => svg.append(makeBand(bar)));
  picture.labels.forEach((label) => svg.append(makeLabel(label)));
  const names = holdNames();
  svg.append(names);
  frame.append(svg);
  frame.onscroll = followNames;
  root.replaceChildren(frame, makeFoot(), tip);

  // One block is in the tab order; the arrow keys walk along the path.
  const stops = nodes.filter((node) => node.dataset.opens);
  const chosen = Math.max(0, stops.findIndex((node) => node.classList.contains("chosen")));
  moveTo(chosen, hadFocus);
  const name = stops[chosen].dataset.opens;
  frame.scrollLeft = scrolled;
  if (name !== before) bringInSight(frame, stops[chosen].getBoundingClientRect(), picture.names * scale());
  followNames();
  if (before && name !== before) travel(before);
  root.dataset.chosen = name;
  parentElement.querySelector(".save").onclick = save;

  // The tokens' names stay in sight where the picture is wider than its frame.
  function holdNames() {
    const held = svgElement("g", { class: "names" });
    const ground = { class: "held", x: 0, y: 30, width: picture.names, height: picture.height - 30 };
    held.append(svgElement("rect", { ...ground, fill: colours.names.ground, opacity: 0 }));
    [...svg.querySelectorAll("text, .node")].forEach((drawn) => {
      const place = drawn.getAttribute("x") ?? drawn.firstChild.getAttribute("x");
      if (Number(place) < picture.names && drawn.parentNode === svg) held.append(drawn);
    });
    return held;
  }

  function scale() {
    return (svg.getBoundingClientRect().width || picture.width) / picture.width;
  }

  function followNames() {
    const moved = frame.scrollLeft / scale();
    names.setAttribute("transform", `translate(${moved} 0)`);
    names.firstChild.setAttribute("opacity", moved > 1 ? 0.94 : 0);
  }

  // A light runs along the stream from the block that was open to the one that is.
  function travel(from) {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const middle = (node) => [node.x + node.width / 2, node.y + node.height / 2];
    const find = (opens) => picture.nodes.find((node) => node.opens === opens);
    const start = middle(find(from) ?? picture.nodes[0]), end = middle(find(name));
    const light = svgElement("circle", { r: 6, fill: colours.names.chosen, opacity: 0.9, "pointer-events": "none" });
    const way = `M${start}L${start[0]} ${picture.axis}H${end[0]}L${end}`;
    light.style.cssText = `offset-path: path("${way}"); offset-rotate: 0deg`;
    svg.append(light);
    const run = [{ offsetDistance: "0%" }, { offsetDistance: "100%", opacity: 0.9, offset: 0.85 }, { offsetDistance: "100%", opacity: 0 }];
    light.animate(run, { duration: 900, easing: "ease-in-out" }).onfinish = () => light.remove();
  }

  function moveTo(index, takeFocus) {
    rove(stops, index, false);
    if (takeFocus) stops[index].focus({ preventScroll: index === chosen });
  }

  function makeBand(band) {
    return svgElement("rect", {
      x: band.x, y: band.y, width: band.width, height: band.height, rx: Math.min(10, band.height / 2),
      fill: band.colour, "fill-opacity": band.opacity, stroke: band.outline || "none", "stroke-dasharray": "5 4",
    });
  }

  function makeWire(wire) {
    const line = svgElement("path", {
      d: wire.path, fill: "none", stroke: wire.colour, "stroke-width": wire.width,
      "stroke-opacity": wire.opacity, "stroke-linecap": "round",
    });
    if (!wire.hover) return line;
    const wide = svgElement("path", { d: wire.path, fill: "none", stroke: "transparent", "stroke-width": 9 });
    const both = svgElement("g", {});
    both.append(line, wide);
    return explain(both, wire.hover);
  }

  function makeNode(node, index) {
    const group = svgElement("g", { class: "node" });
    const isBare = !node.title && !node.opens;
    const edge = node.is_chosen ? colours.names.chosen : isBare ? "none" : node.edge || colours.names.edge;
    group.append(svgElement("rect", {
      class: "box", x: node.x, y: node.y, width: node.width, height: node.height, rx: isBare ? 3 : 7,
      fill: node.fill || colours.names.ground, stroke: edge, "stroke-width": node.is_chosen ? 3 : 1.4,
    }));
    if (node.title) {
      const at = { x: node.x + node.width / 2, y: node.y + (node.levels ? 15 : node.height / 2 + 4) };
      group.append(svgText(node.title, { ...at, "text-anchor": "middle", "font-size": 12.5, fill: colours.names.text,
        "font-weight": node.is_chosen ? 600 : 400 }));
    }
    if (node.levels) group.append(makeStrip(node, isBare));
    group.setAttribute("opacity", node.is_reached ? 1 : 0.7);
    explain(group, node.hover);
    if (node.opens) makeOpening(group, node);
    else if (node.token !== null) makeChoosing(group, node.token);
    return group;
  }

  function makeOpening(group, node) {
    group.classList.add("opens");
    if (node.is_chosen) group.classList.add("chosen");
    group.dataset.opens = node.opens;
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", node.hover);
    group.setAttribute("aria-pressed", node.is_chosen);
    const open = () => setTriggerValue("clicked", { block: node.opens });
    group.onclick = () => { moveTo(stops.indexOf(group), true); open(); };
    group.onkeydown = (event) => {
      const at = stops.indexOf(group), last = stops.length - 1;
      const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
      if (next === undefined) return;
      event.preventDefault();
      moveTo(Math.max(0, Math.min(last, next)), true);
    };
  }

  function makeChoosing(target, token) {
    target.classList.add("chooses");
    target.addEventListener("click", () => setTriggerValue("clicked", { token }));
  }

  function makeStrip(node, isBare) {
    const [pad, top] = isBare ? [0, 0] : node.title ? [7, 21] : [5, 5];
    return svgElement("image", {
      x: node.x + pad, y: node.y + top, width: node.width - 2 * pad, height: node.height - top - (isBare ? 0 : 5),
      preserveAspectRatio: "none", href: stripUrl(node.levels, node.columns),
    });
  }

  function stripUrl(levels, columns) {
    const bytes = Uint8Array.from(atob(levels), (c) => c.charCodeAt(0));
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = Math.ceil(bytes.length / columns);
    paint(canvas, (i) => (i < bytes.length ? ((bytes[i] << 24) >> 24) + 127 : null));
    return canvas.toDataURL();
  }

  function paint(canvas, colourAt) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < canvas.width * canvas.height; i++) {
      const colour = colourAt(i);
      if (colour !== null) image.data.set([...rgb(data.scale[colour]), 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }

  function makeLabel(label) {
    const drawn = svgText(label.text, {
      x: label.x, y: label.y, fill: label.colour, "font-size": label.size, "text-anchor": label.anchor,
      "font-weight": label.is_bold ? 600 : 400, class: label.is_code ? "code" : "",
    });
    if (label.token !== null) makeChoosing(drawn, label.token);
    return drawn;
  }

  function makeFoot() {
    const foot = html("div", { className: "foot" });
    const legend = html("span", { className: "legend" });
    const bar = html("canvas", { width: 255, height: 1 });
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", "Colour scale of the strips");
    paint(bar, (i) => i);
    legend.append(html("span", { textContent: "−" + data.top }), bar, html("span", { textContent: "+" + data.top }));
    const stream = html("span", {}), looks = html("span", {});
    stream.append(swatch(colours.names.chosen), "the chosen token's stream");
    looks.append(swatch(colours.names.key), "attention (mean of the heads): the wider, the more");
    foot.append(legend, stream, looks);
    return foot;
  }

  function swatch(colour) {
    const mark = html("span", { className: "swatch" });
    mark.style.background = colour;
    return mark;
  }

  function save() {
    const copy = svg.cloneNode(true);
    copy.removeAttribute("style");
    copy.querySelectorAll(".code").forEach((e) => e.setAttribute("font-family", CODE));
    copy.querySelector(".names").removeAttribute("transform");
    copy.querySelector(".held").remove();
    copy.querySelectorAll("circle").forEach((light) => light.remove());
    const { width, height } = picture, { ground } = colours.names;
    saveAlone(copy, { width, height, ground, label: data.alt, name: "token_path" });
  }

  function explain(target, words) {
    target.addEventListener("pointermove", (event) => {
      tip.textContent = words;
      tip.hidden = false;
      const right = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
      tip.style.left = Math.max(4, right) + "px";
      tip.style.top = event.clientY + 16 + "px";
    });
    target.addEventListener("pointerleave", () => (tip.hidden = true));
    return target;
  }

  function html(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  function rgb(colour) {
    return colour.startsWith("#")
      ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16))
      : colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  }
});
