// Draws a switch for every head and reports which one was pressed.
// Text only ever goes through textContent, so a word of the user's cannot become markup.
export default afterPress(function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const grid = frame.querySelector(".grid");
  const hadFocus = grid.contains(focusOf(parentElement));
  const heads = data.rows[0].cells.length, columns = heads + 2; // the layer before them, skip after
  const focused = Number(grid.dataset.focused ?? 1);
  for (const [name, value] of Object.entries(data.colours)) frame.style.setProperty("--" + name, value);
  grid.style.gridTemplateColumns = `max-content repeat(${heads}, max-content) max-content`;
  grid.className = heads > 8 ? "grid many" : "grid";
  grid.setAttribute("aria-label", data.label);
  const buttons = [];
  const header = ["layer \\ head", ...data.rows[0].cells.map((_, head) => String(head)), ""];
  const parts = header.map((text, column) => label(column ? "number" : "corner", text));
  parts.push(...data.rows.map(makeRow));
  grid.replaceChildren(...parts);
  drawScale();
  moveTo(Math.min(focused, buttons.length - 1), hadFocus);
  const chosen = buttons.findIndex((button) => button.classList.contains("chosen"));
  if (chosen >= 0 && frame.dataset.shown !== String(chosen)) bringInSight(frame, buttons[chosen].getBoundingClientRect());
  frame.dataset.shown = chosen;
  parentElement.querySelector(".save").onclick = save;

  function makeRow(row) {
    const line = document.createElement("div");
    line.style.display = "contents";
    line.className = row.skipped ? "skipped" : "";
    line.append(makeButton(`layer ${row.layer}`, row.hover, row.silent, "layer", false,
      { kind: "layer", layer: row.layer }));
    for (const cell of row.cells) {
      const button = makeButton(cell.text, cell.hover, cell.off, "head", true,
        { kind: "head", layer: row.layer, head: cell.head });
      button.style.background = cell.fill;
      button.style.color = cell.ink;
      if (cell.chosen) button.classList.add("chosen");
      line.append(button);
    }
    const skip = makeButton(row.skipped ? "skipped" : "skip", row.skipHover,
      row.skipped, "skip", false, { kind: "skip", layer: row.layer });
    line.append(skip);
    return line;
  }

  function makeButton(text, hover, isOff, name, hasNumber, message) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = name + (isOff && name !== "layer" ? " off" : "");
    button.title = hover;
    button.setAttribute("aria-label", hover);
    button.setAttribute("aria-pressed", Boolean(isOff));
    if (isOff && hasNumber) {
      const word = document.createElement("b");
      word.textContent = "off";
      button.append(word);
    }
    button.append(label("", text));
    const at = buttons.push(button) - 1;
    button.onclick = () => {
      moveTo(at, false);
      setTriggerValue("pressed", message);
    };
    button.onkeydown = (event) => {
      const next = keyLeadsTo(event, at, columns, buttons.length);
      if (next !== undefined) moveTo(next, true);
    };
    return button;
  }

  function drawScale() {
    const [low, bar, high] = frame.querySelectorAll(".scale > *");
    frame.querySelector(".scale").hidden = !data.scale;
    if (!data.scale) return;
    low.textContent = data.scale.low;
    high.textContent = data.scale.high;
    bar.style.background = `linear-gradient(to right, ${data.scale.colours.join(", ")})`;
  }

  function label(className, text) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    return span;
  }

  function moveTo(index, takeFocus) {
    grid.dataset.focused = index;
    rove(buttons, index, takeFocus);
  }

  function save() {
    const { drawing, ...size } = drawSwitches(data);
    saveAlone(drawing, { ...size, ground: data.colours.ground, label: data.title, name: data.name });
  }
});
