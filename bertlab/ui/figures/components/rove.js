// Shared by the parts in which one stop is in the tab order and the arrow keys lead to the others.

// What has the focus, in a component or on the page.
function focusOf(parentElement) {
  return parentElement.activeElement ?? document.activeElement;
}

// Put the stop `index` into the tab order, and the others out of it.
function rove(stops, index, takeFocus) {
  stops.forEach((stop, i) => stop.setAttribute("tabindex", i === index ? 0 : -1));
  if (takeFocus) stops[index]?.focus();
}

// Where a key leads from the stop `at` of `count`, in rows of `columns`: never off the edge of the
// grid, and undefined for a key that does not lead anywhere, as up and down in a single row.
function keyLeadsTo(event, at, columns, count) {
  const column = at % columns, down = columns < count ? columns : undefined;
  const step = { ArrowRight: column < columns - 1 ? 1 : 0, ArrowLeft: column ? -1 : 0,
    ArrowDown: down, ArrowUp: down && -down, Home: -column, End: columns - 1 - column }[event.key];
  if (step === undefined) return undefined;
  event.preventDefault();
  return at + step >= 0 && at + step < count ? at + step : at;
}

