// Shared by the parts that scroll inside their frame: it stands before the script of each.
const SOFT_EDGE = 44; // pixels at the frame's ends where what is drawn may be faint

// Scroll a frame, and never the page, until a part of it is in sight; one that is stays in place.
// `held` pixels at the left are covered by what does not scroll along.
function bringInSight(frame, part, held = 0) {
  const view = frame.getBoundingClientRect();
  if (!view.width || !part.width) return false; // not laid out yet
  frame.scrollLeft += pastTheEdge(part.left, part.right, view.left + held, view.right);
  frame.scrollTop += pastTheEdge(part.top, part.bottom, view.top, view.bottom);
  return true;
}

function pastTheEdge(from, to, start, end) {
  if (from >= start && to <= end) return 0;
  return from < start ? from - start - SOFT_EDGE : Math.min(to - end, from - start) + SOFT_EDGE;
}

