// Shared by the parts that draw their elements anew: a redraw waits while a pointer is held down in
// the part, so that a click that began before it still ends on what it began on.
function afterPress(draw) {
  return (component) => {
    const root = component.parentElement;
    const press = (root.press ??= hearPresses(root));
    if (press.isHeld) press.waiting = () => draw(component);
    else draw(component);
  };
}

function hearPresses(root) {
  const press = { isHeld: false, waiting: undefined };
  const release = () => {
    const draw = press.waiting;
    Object.assign(press, { isHeld: false, waiting: undefined });
    draw?.();
  };
  root.addEventListener("pointerdown", () => {
    press.isHeld = true;
    const over = new AbortController(), hear = { signal: over.signal, capture: true };
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, () => { over.abort(); setTimeout(release); }, hear); // after the click
  });
  return press;
}

