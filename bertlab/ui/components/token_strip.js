// Draws the chips that Python describes and reports which one was activated.
// Text only ever goes through textContent, so user text cannot become markup.
export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const hadFocus = strip.contains(parentElement.activeElement ?? document.activeElement);
  const focused = Number(strip.dataset.focused ?? 0);
  for (const [name, value] of Object.entries(data.colours)) strip.style.setProperty("--" + name, value);
  strip.setAttribute("aria-label", data.label);
  strip.replaceChildren(...data.chips.map((chip, index) => makeChip(chip, index)));
  const chips = [...strip.children];
  rove(Math.min(focused, chips.length - 1), hadFocus);
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
      rove(index, false);
      if (data.clickable && chip.clickable) setTriggerValue("clicked", { position: index });
    };
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -index, End: data.chips.length - 1 - index }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      rove(Math.max(0, Math.min(data.chips.length - 1, index + step)), true);
    };
    return button;
  }

  function label(className, text) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    return span;
  }

  // One chip is in the tab order; the arrow keys move from chip to chip.
  function rove(index, takeFocus) {
    strip.dataset.focused = index;
    [...strip.children].forEach((chip, i) => (chip.tabIndex = i === index ? 0 : -1));
    if (takeFocus) strip.children[index]?.focus();
  }
}
