// Draws a switch for every head and reports which one was pressed.
// Text only ever goes through textContent, so a word of the user's cannot become markup.
export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const grid = frame.querySelector(".grid");
  const hadFocus = grid.contains(parentElement.activeElement ?? document.activeElement);
  const [focusRow, focusColumn] = (grid.dataset.focused ?? "0,1").split(",").map(Number);
  const heads = data.rows[0].cells.length;
  for (const [name, value] of Object.entries(data.colours)) frame.style.setProperty("--" + name, value);
  grid.style.gridTemplateColumns = `max-content repeat(${heads}, max-content) max-content`;
  grid.className = heads > 8 ? "grid many" : "grid";
  grid.setAttribute("aria-label", data.label);
  const buttons = data.rows.map(() => []);
  const header = ["layer \\ head", ...data.rows[0].cells.map((_, head) => String(head)), ""];
  const parts = header.map((text, column) => label(column ? "number" : "corner", text));
  data.rows.forEach((row, y) => parts.push(makeRow(row, y)));
  grid.replaceChildren(...parts);
  drawScale();
  const chosen = buttons.flat().findIndex((button) => button.classList.contains("chosen"));
  if (chosen >= 0 && frame.dataset.shown !== String(chosen)) bringInSight(frame, buttons.flat()[chosen].getBoundingClientRect());
  frame.dataset.shown = chosen;
  rove(Math.min(focusRow, buttons.length - 1), Math.min(focusColumn, heads + 1), hadFocus);

  function makeRow(row, y) {
    const line = document.createElement("div");
    line.style.display = "contents";
    line.className = row.skipped ? "skipped" : "";
    line.append(makeButton(y, 0, `layer ${row.layer}`, row.hover, row.silent, "layer", false,
      { kind: "layer", layer: row.layer }));
    for (const cell of row.cells) {
      const button = makeButton(y, cell.head + 1, cell.text, cell.hover, cell.off, "head", true,
        { kind: "head", layer: row.layer, head: cell.head });
      button.style.background = cell.fill;
      button.style.color = cell.ink;
      if (cell.chosen) button.classList.add("chosen");
      line.append(button);
    }
    const skip = makeButton(y, heads + 1, row.skipped ? "skipped" : "skip", row.skipHover,
      row.skipped, "skip", false, { kind: "skip", layer: row.layer });
    line.append(skip);
    return line;
  }

  function makeButton(y, x, text, hover, isOff, name, hasNumber, message) {
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
    button.onclick = () => {
      rove(y, x, false);
      setTriggerValue("pressed", message);
    };
    button.onkeydown = (event) => {
      const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
        Home: [0, -x], End: [0, heads + 1 - x] }[event.key] ?? [0, 0];
      if (!down && !right) return;
      event.preventDefault();
      rove(clip(y + down, buttons.length - 1), clip(x + right, heads + 1), true);
    };
    buttons[y][x] = button;
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

  function clip(value, most) {
    return Math.max(0, Math.min(most, value));
  }

  function label(className, text) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    return span;
  }

  // One button is in the tab order; the arrow keys move up and down, left and right.
  function rove(y, x, takeFocus) {
    grid.dataset.focused = `${y},${x}`;
    buttons.forEach((row, i) => row.forEach((button, j) => (button.tabIndex = i === y && j === x ? 0 : -1)));
    if (takeFocus) buttons[y][x].focus();
  }
}
