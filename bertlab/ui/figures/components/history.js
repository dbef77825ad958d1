// Back goes to the sentence, run, model or page before. Streamlit adds an entry to the browser's
// history for each value that the address gains; here one deed of the student makes at most one,
// and small state (a head, a slider) changes the entry in hand.
(() => {
  const PLACE = ["text", "text_id", "pair", "pair_id", "model", "run", "pretraining_run", "part",
    "voc_part"];
  const { pushState, replaceState } = history;
  let acted = false;
  let isOpening = true; // the page that was opened last has not run to its end yet

  const isRunning = () =>
    document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState !== "notRunning";
  const placeOf = ({ pathname, searchParams }) =>
    JSON.stringify([pathname, ...PLACE.map((key) => searchParams.get(key))]);
  const notice = () => {
    isOpening &&= isRunning();
    acted = true;
  };
  for (const kind of ["pointerdown", "keydown", "click", "input", "change"]) {
    addEventListener(kind, notice, { capture: true, passive: true });
  }
  addEventListener("popstate", () => { acted = false; }, { capture: true });

  history.pushState = function (state, title, url) {
    const from = new URL(location.href), to = new URL(url ?? location.href, from);
    const isOther = to.pathname !== from.pathname;
    const isNew = acted && (isOther || (!isOpening && placeOf(to) !== placeOf(from)));
    if (isNew) [acted, isOpening] = [false, isOther];
    return (isNew ? pushState : replaceState).call(this, state, title, url);
  };
})();
