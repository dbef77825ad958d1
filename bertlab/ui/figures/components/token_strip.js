// Draws the chips that Python describes and reports which one was activated.
// Text only ever goes through textContent, so user text cannot become markup.
export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const hadFocus = strip.contains(focusOf(parentElement));
  const focused = Number(strip.dataset.focused ?? 0);
  for (const [name, value] of Object.entries(data.colours)) strip.style.setProperty("--" + name, value);
  strip.setAttribute("aria-label", data.label);
  // A chip stays the same element: a click that began before a redraw still ends on it.
  const chips = data.chips.map((chip, index) => drawChip(strip.children[index] ?? newChip(), chip, index));
  while (strip.children.length > chips.length) strip.lastChild.remove();
  moveTo(Math.min(focused, chips.length - 1), hadFocus);
  const chosen = strip.querySelector(".chosen");
  if (chosen && !hadFocus) bringInSight(strip, chosen.getBoundingClientRect());

  function newChip() {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("span"), document.createElement("span"));
    button.firstChild.className = "piece";
    button.lastChild.className = "note";
    return strip.appendChild(button);
  }

  function drawChip(button, chip, index) {
    button.className = ["chip", ...chip.classes, data.clickable && chip.clickable ? "clickable" : ""].join(" ");
    button.title = chip.hover;
    button.setAttribute("aria-label", chip.hover);
    if (chip.clickable && data.clickable) button.setAttribute("aria-pressed", chip.pressed);
    else button.removeAttribute("aria-pressed");
    button.firstChild.textContent = chip.piece;
    button.lastChild.textContent = chip.note;
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

  function moveTo(index, takeFocus) {
    strip.dataset.focused = index;
    rove(chips, index, takeFocus);
  }
}
