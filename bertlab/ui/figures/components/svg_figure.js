// Shows a drawing from bertlab.views: numbers on hover and focus, rows that can be chosen, a
// button that saves it. The drawing escapes its texts; tips only ever go through textContent.
export default afterPress(function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".figure");
  const frame = root.querySelector(".frame");
  const tip = root.querySelector(".tip");
  const focused = (parentElement.activeElement ?? document.activeElement)?.dataset?.key;
  if (frame.dataset.drawn !== data.svg) {
    frame.innerHTML = frame.dataset.drawn = data.svg;
    leaveOutTitle(frame.querySelector("svg"));
    if (focused !== undefined) frame.querySelector(`.row[data-key="${focused}"]`)?.focus();
  }
  const drawing = frame.querySelector("svg");
  drawing.setAttribute("role", "group");
  drawing.setAttribute("aria-label", data.alt);
  root.style.setProperty("--narrowest", data.narrowest + "px");
  root.style.setProperty("--chosen", data.colours.key);
  root.style.setProperty("--tint", data.colours.muted);

  const choose = (row) => setTriggerValue("chosen", { key: Number(row.dataset.key) });
  frame.onclick = (event) => {
    const row = event.target.closest(".row");
    if (row) choose(row);
  };
  frame.onkeydown = (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    const rows = [...frame.querySelectorAll(".row")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(row);
    else if (step) rows[rows.indexOf(row) + step]?.focus();
    else return;
    event.preventDefault();
  };

  frame.onpointermove = (event) => {
    const cell = event.target.closest("[data-tip]");
    light(cell?.dataset.dim);
    tip.hidden = !cell;
    if (!cell) return;
    tip.textContent = cell.dataset.tip;
    const box = root.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 4)) + "px";
    tip.style.top = (y > 60 ? y - tip.offsetHeight - 12 : y + 18) + "px";
  };
  frame.onpointerleave = () => {
    tip.hidden = true;
    light(undefined);
  };

  // The page says the title itself; the saved file keeps it.
  function leaveOutTitle(drawn) {
    const { x, y, width, height } = drawn.viewBox.baseVal;
    drawn.setAttribute("viewBox", [x, y + data.above, width, height - data.above].join(" "));
    drawn.setAttribute("height", height - data.above);
  }

  // One dimension is lit in all strips at once.
  function light(dimension) {
    if (frame.dataset.lit === String(dimension)) return;
    frame.dataset.lit = String(dimension);
    frame.querySelectorAll(".lit").forEach((cell) => cell.classList.remove("lit"));
    if (dimension === undefined) return;
    frame.querySelectorAll(`[data-dim="${dimension}"]`).forEach((cell) => cell.classList.add("lit"));
  }

  root.querySelector(".save").onclick = () => saveSvg(data.svg, data.name);
});
