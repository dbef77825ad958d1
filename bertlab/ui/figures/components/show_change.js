// Bring what a suggestion changed into sight and mark it for a moment; once for each suggestion.
const MARKED = 2400; // milliseconds
const ABOVE = 130; // pixels: the page's bar and the figure's title
const SETTLES = [0, 150, 400, 900]; // milliseconds: figures above it may still be growing

export default function ({ data }) {
  const { key, number } = data;
  if (!number || window.bertlabTried === number) return;
  window.bertlabTried = number;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const main = document.querySelector('[data-testid="stMain"]');
  let isTaken = false; // the student scrolls: leave the page where it is
  const take = () => { isTaken = true; };
  for (const kind of ["wheel", "touchmove", "keydown", "mousedown"]) main.addEventListener(kind, take, { once: true });
  SETTLES.forEach((delay, i) => setTimeout(() => {
    const target = find();
    if (isTaken || !target) return;
    bring(target);
    if (i === 1) mark(target);
  }, delay));

  function find() {
    const keyed = key && document.querySelector(`.st-key-${CSS.escape(key)}, .st-key-${CSS.escape(key)}_frame`);
    const whole = keyed?.closest('[data-testid="stLayoutWrapper"]:has(> [class*="_frame"])') ?? keyed;
    return whole ?? main.querySelector("h1");
  }

  // To the top of the window, unless it is in sight already.
  function bring(target) {
    const box = target.getBoundingClientRect(), view = main.getBoundingClientRect();
    if (box.top >= view.top + ABOVE / 2 && box.bottom <= view.bottom) return;
    const top = Math.max(0, main.scrollTop + box.top - view.top - ABOVE);
    if (Math.abs(top - main.scrollTop) > 4) main.scrollTo({ top, behavior: isCalm ? "auto" : "smooth" });
  }

  // The focus goes along: the next Tab leads on from here, not from the button far below.
  function mark(target) {
    if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    const style = getComputedStyle(document.documentElement);
    const [ground, line] = ["--bl-ground", "--bl-mark"].map((name) => style.getPropertyValue(name));
    const ring = (colour) => ({ boxShadow: `0 0 0 5px ${ground}, 0 0 0 8px ${colour}`, borderRadius: "2px" });
    const seen = ring(line), gone = isCalm ? seen : ring("transparent");
    target.dataset.changed = number;
    target.animate([seen, { ...seen, offset: 0.7 }, gone], { duration: MARKED });
  }
}
