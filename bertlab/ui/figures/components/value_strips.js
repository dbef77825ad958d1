// Draws vectors as strips of colour: hover reads a number, a click or Enter chooses it.
// Text only ever goes through textContent, so user text cannot become markup.
export default afterPress(function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".strips");
  const focused = root.contains(focusOf(parentElement)) ? focusOf(parentElement).dataset.strip : undefined;
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty("--" + name, value);
  const tip = make("div", "tip");
  tip.hidden = true;
  root.replaceChildren(...data.strips.flatMap(makeStrip), tip);
  if (focused !== undefined) root.querySelector(`[data-strip="${focused}"]`)?.focus({ preventScroll: true });
  root.setAttribute("aria-label", data.label);
  parentElement.querySelector(".save").onclick = save;

  function makeStrip(strip, index) {
    const values = new Float32Array(Uint8Array.from(atob(strip.values), (c) => c.charCodeAt(0)).buffer);
    const rows = Math.ceil(values.length / strip.columns);
    const name = make("div", "name" + (strip.is_result ? " result" : ""));
    const note = make("small", "");
    name.append(strip.name, note);
    note.textContent = strip.note;
    const board = make("div", "board" + (strip.is_result ? " result" : ""));
    const canvas = make("canvas", "");
    canvas.width = strip.columns;
    canvas.height = rows;
    canvas.style.height = Math.max(10, Math.min(18 * rows, strip.height)) + "px";
    paint(canvas, values, strip);
    const mark = make("div", "mark"), face = make("div", "face");
    face.append(canvas, mark);
    board.append(face);
    if (strip.scale === "share" && strip.reads === "weight") board.append(...nameColumns());
    board.tabIndex = 0;
    board.dataset.strip = index;
    board.setAttribute("role", "slider");
    board.setAttribute("aria-label", `${strip.name}: ${values.length} numbers`);
    board.setAttribute("aria-valuemin", 0);
    board.setAttribute("aria-valuemax", values.length - 1);
    let at = Math.min(strip.chosen ?? 0, values.length - 1);
    show(strip.chosen ?? -1);

    function show(number) {
      mark.hidden = number < 0;
      if (number < 0) return;
      const across = 100 / strip.columns, down = 100 / rows;
      mark.style.left = `calc(${(number % strip.columns) * across}% - 2px)`;
      mark.style.top = `calc(${Math.floor(number / strip.columns) * down}% - 2px)`;
      mark.style.width = `calc(${across}% + 4px)`;
      mark.style.height = `calc(${down}% + 4px)`;
      board.setAttribute("aria-valuenow", number);
      board.setAttribute("aria-valuetext", words(number));
    }
    function words(number) {
      const value = values[number];
      const share = `${(100 * value).toFixed(1)} %`;
      if (strip.reads === "probability") return `id ${number}: ${share}`;
      if (strip.reads === "logit") return `id ${number}: ${digits(value)}`;
      if (strip.reads === "number") return `number ${number}: ${digits(value)}`;
      const row = Math.floor(number / strip.columns);
      return `head ${row} → ${data.tokens[number % strip.columns]}: ${share}`;
    }
    function under(event) {
      const box = canvas.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * strip.columns);
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      const inside = column >= 0 && column < strip.columns && row >= 0 && row < rows;
      const number = row * strip.columns + column;
      return inside && number < values.length ? number : -1;
    }
    function say(number, x, y) {
      tip.textContent = words(number);
      tip.hidden = false;
      tip.style.left = Math.max(4, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8)) + "px";
      tip.style.top = y + 16 + "px";
    }
    function choose(number) {
      setTriggerValue("clicked", { strip: index, number });
    }
    board.onpointermove = (event) => {
      const number = under(event);
      if (number < 0) tip.hidden = true;
      else say(number, event.clientX, event.clientY);
    };
    board.onpointerleave = () => (tip.hidden = true);
    board.onclick = (event) => { const number = under(event); if (number >= 0) choose(number); };
    board.onblur = () => (tip.hidden = true);
    board.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: strip.columns, ArrowUp: -strip.columns }[event.key];
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(at); }
      if (step === undefined) return;
      event.preventDefault();
      at = Math.max(0, Math.min(values.length - 1, at + step));
      show(at);
      const box = mark.getBoundingClientRect();
      say(at, box.left, box.top);
    };
    return [name, board];
  }

  // Below a head's weights the tokens' names, as long as there is room for them.
  function nameColumns() {
    if (data.tokens.length > 20) return [];
    const row = make("div", "columns");
    row.append(...data.tokens.map((token) => {
      const cell = make("span", "");
      cell.textContent = token;
      return cell;
    }));
    return [row];
  }

  function save() {
    const { drawing, ...size } = drawStrips(data, root.querySelectorAll(".board"));
    saveAlone(drawing, { ...size, ground: data.colours.ground, label: data.label, name: data.name });
  }

  function paint(canvas, values, strip) {
    const scale = data.scales[strip.scale].map(rgb), context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    values.forEach((value, i) => image.data.set([...scale[level(value, strip, scale.length)], 255], 4 * i));
    context.putImageData(image, 0, 0);
  }

  // As colour_levels in Python: the root of the share of the top; attention grows evenly from 0.
  function level(value, strip, count) {
    const share = Math.max(-1, Math.min(1, (Number.isNaN(value) ? 0 : value) / strip.top));
    if (strip.scale === "share") return Math.round(Math.max(0, share) * (count - 1));
    const middle = (count - 1) / 2;
    return Math.round(middle + middle * Math.sign(share) * Math.sqrt(Math.abs(share)));
  }

  function digits(value) {
    const size = Math.abs(value);
    const written = size > 0 && size < 1e-3 ? value.toExponential(1) : size >= 100 ? value.toFixed(1)
      : size >= 10 ? value.toFixed(2) : value.toFixed(4);
    return written.replaceAll("-", "−");
  }

  function make(tag, className) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    return made;
  }

  function rgb(colour) {
    return colour.startsWith("#")
      ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16))
      : colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  }
});
