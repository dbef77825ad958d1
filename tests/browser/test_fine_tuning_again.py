"""A run once more: stopped and resumed, replayed with its seed; and runs that predict a number."""

import re

import pytest
from playwright.sync_api import expect
from tuning import LONG, START, open_setup, start, stop, upload, wait_for_curve

from bertlab.runs import Run

SHORT = "data=chinese_reviews&epochs=1&length=16"


@pytest.mark.exhaustive
def test_a_stopped_run_goes_on_from_its_checkpoint(server, page):
    open_setup(page, server, f"data=chinese_reviews&{LONG}")
    run_id = start(page)
    wait_for_curve(page, beyond=5)
    stop(page)
    run = Run(run_id, server.runs / run_id)
    step = run.status().step
    page.get_by_role("button", name="Go on from the last checkpoint").click()
    assert wait_for_curve(page, beyond=step) > step
    page.reload()
    wait_for_curve(page, beyond=step)
    stop(page)
    steps = [event.step for event in run.history() if event.kind == "train"]
    assert steps == list(range(1, len(steps) + 1))  # none lost, none twice
    assert [event.step for event in run.history() if event.kind == "resumed"] == [step]


@pytest.mark.exhaustive
def test_a_finished_run_is_replayed_and_compared(server, page):
    open_setup(page, server, SHORT)
    first = start(page)
    replay = page.get_by_role("button", name="Replay with the same seed")
    expect(replay).to_be_enabled(timeout=START)
    replay.click()
    page.wait_for_url(lambda url: "run=" in url and first not in url)
    expect(
        page.get_by_text(re.compile(r"At all \d+ steps .* the training loss is the same"))
    ).to_be_visible(timeout=START)
    page.get_by_role("button", name="Open the run that it repeats").click()
    page.wait_for_url(re.compile(first))


@pytest.mark.exhaustive
def test_a_number_is_predicted_from_the_file_to_an_answer(server, page):
    rows = [f"{n % 5 + 1} of five points for this one {n},{n % 5 + 1}.{n % 10}" for n in range(60)]
    open_setup(page, server, "epochs=2&length=16")
    upload(page, "\n".join(["text,stars", *rows]).encode(), "stars.csv")
    expect(page.get_by_text("60 examples with a number")).to_be_visible()
    run_id = start(page)
    page.get_by_role("button", name="Final: reveal the test score").click(timeout=START)
    expect(page.get_by_text("Right against predicted", exact=True)).to_be_visible(timeout=START)
    result = Run(run_id, server.runs / run_id).result()
    error = page.locator('[data-testid="stMetric"]', has_text="Mean absolute error")
    expect(error).to_contain_text(f"{result['test']['mean_absolute_error']:.3g}")
    box = page.get_by_label("A sentence for your model")
    box.fill("5 of five points")
    box.press("Enter")
    expect(page.locator(".st-key-run_answer")).to_be_visible()
