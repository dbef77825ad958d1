// Draws the chips that Python describes and reports which one was activated.
// Text only ever goes through textContent, so user text cannot become markup.
export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const hadFocus = strip.contains(focusOf(parentElement));
  const focused = Number(strip.dataset.focused ?? 0);
  for (const [name, value] of Object.entries(data.colours)) strip.style.setProperty("--" + name, value);
  strip.setAttribute("aria-label", data.label);
  strip.replaceChildren(...data.chips.map((chip, index) => makeChip(chip, index)));
  const chips = [...strip.children];
  moveTo(Math.min(focused, chips.length - 1), hadFocus);
  const chosen = strip.querySelector(".chosen");
  if (chosen && !hadFocus) bringInSight(strip, chosen.getBoundingClientRect());

  function makeChip(chip, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = ["chip", ...chip.classes, data.clickable && chip.clickable ? "clickable" : ""].join(" ");
    button.title = chip.hover;
    button.setAttribute("aria-label", chip.hover);
    if (chip.clickable && data.clickable) button.setAttribute("aria-pressed", chip.pressed);
    button.append(label("piece", chip.piece), label("note", chip.note));
    button.onclick = () => {
      moveTo(index, false);
      if (data.clickable && chip.clickable) setTriggerValue("clicked", { position: index });
    };
    button.onkeydown = (event) => {
      const next = keyLeadsTo(event, index, chips.length, chips.length);
      if (next !== undefined) moveTo(next, true);
    };
    return button;
  }

  function label(className, text) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    return span;
  }

  function moveTo(index, takeFocus) {
    strip.dataset.focused = index;
    rove(chips, index, takeFocus);
  }
}
