"""Two students at once: turns, places in the queue, and what each browser is shown as its own."""

import re

import pytest
from playwright.sync_api import Page, expect
from tuning import LONG, START, open_setup, start, stop, wait_for_curve

from bertlab.runs import Run


def own_runs(page: Page) -> list[str]:
    page.get_by_role("button", name="New run").click()
    expect(page.get_by_text("Started in this browser")).to_be_visible()
    return page.locator('[class*="st-key-own_"]').all_inner_texts()


@pytest.mark.exhaustive
def test_two_students_take_turns_and_see_their_own_runs(server, two_browsers):
    ann, ben = two_browsers
    for page, name in ((ann, "Ann"), (ben, "Ben")):
        open_setup(page, server, f"data=chinese_reviews&{LONG}")
        page.get_by_text("More settings", exact=True).click()
        box = page.get_by_label("Name of the run")
        box.fill(f"{name}'s run")
        box.press("Enter")
    first = start(ann)
    wait_for_curve(ann)
    second = start(ben)
    expect(ben.get_by_text(re.compile("Waiting for its turn: 1 run before it"))).to_be_visible()
    owners = [Run(run_id, server.runs / run_id).owner for run_id in (first, second)]
    assert len(set(owners)) == 2
    assert all(len(owner) == 22 for owner in owners)
    stop(ann)
    assert wait_for_curve(ben) > 0  # its turn has come
    ben.reload()
    wait_for_curve(ben)
    stop(ben)
    assert any("Ann's run" in name for name in own_runs(ann))
    names = own_runs(ben)  # also after the refresh
    assert any("Ben's run" in name for name in names)
    assert not any("Ann's run" in name for name in names)


@pytest.mark.exhaustive
def test_a_run_that_waits_can_be_cancelled(server, two_browsers):
    ann, ben = two_browsers
    open_setup(ann, server, f"data=chinese_reviews&{LONG}")
    start(ann)
    wait_for_curve(ann)
    open_setup(ben, server, f"data=chinese_reviews&{LONG}")
    start(ben)
    expect(ben.get_by_text(re.compile("Waiting for its turn"))).to_be_visible()
    ben.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(ben.get_by_text("Stopped before it began.")).to_be_visible(timeout=START)
    stop(ann)
