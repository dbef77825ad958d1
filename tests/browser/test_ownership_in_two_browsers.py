"""Two real browsers and one run: the one that started it, and the one that was shown the link."""

import re

from playwright.sync_api import Page, expect
from serving import settled
from tuning import LONG, open_setup, start, wait_for_curve

from bertlab.runs import Run

CHANGING = re.compile("^(Stop|Pause|Go on|Delete|Share control|Replay with the same seed)$")


def controls(page: Page):
    return page.get_by_test_id("stMain").get_by_role("button", name=CHANGING)


def test_a_run_is_watched_by_link_and_handed_over_by_the_secret_link(server, two_browsers):
    ann, ben = two_browsers
    open_setup(ann, server, f"data=chinese_reviews&{LONG}&seed=901")
    run_id = start(ann)
    wait_for_curve(ann)
    run = Run(run_id, server.runs / run_id)

    ben.goto(ann.url)  # the link that was projected
    wait_for_curve(ben)
    expect(ben.get_by_text("You are watching: this run belongs to the browser")).to_be_visible()
    expect(ben.get_by_role("button", name="Start one like it")).to_be_visible()
    expect(controls(ben)).to_have_count(0)

    ann.get_by_role("button", name="Share control").click()
    ann.get_by_role("button", name="Make the secret link").click()
    link = ann.get_by_text(re.compile("control=")).inner_text().strip()
    assert run_id in link
    query = link.partition("?")[2]

    ben.goto(f"{server.url}/fine_tuning?{query}")
    settled(ben)
    expect(ben.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    ben.wait_for_url(lambda url: "control=" not in url)
    assert f"run={run_id}" in ben.url
    ben.reload()  # the cookie is remembered, not the address
    settled(ben)
    ben.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(ben.get_by_text(re.compile("Stopped at step"))).to_be_visible(timeout=60_000)
    assert run.status().phase == "stopped"

    ann.reload()
    settled(ann)
    ann.get_by_role("button", name="Share control").click()
    ann.get_by_role("button", name="Take the control back").click()
    expect(ann.get_by_role("button", name="Make the secret link")).to_be_visible()
    ben.reload()
    settled(ben)
    expect(ben.get_by_text("You are watching: this run belongs to the browser")).to_be_visible()
    expect(controls(ben)).to_have_count(0)
