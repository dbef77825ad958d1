"""The first seconds of a server: a deep link as first request, and a machine without a network."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serving import find_chromium, settled

from bertlab.ui.app.navigation import LESSONS

SLOWEST_START = 30  # seconds on a busy machine; a quiet one takes five


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "path",
    [
        "attention?head=2.1&text=the cat sat",
        pytest.param("masked_words", marks=pytest.mark.exhaustive),
    ],
)
def test_the_very_first_request_may_be_a_deep_link(fresh_server, page, path):
    fresh_server.start().wait()
    answer = page.goto(f"{fresh_server.url}/{path}")
    assert answer is not None
    assert answer.status == 200
    settled(page)
    page.wait_for_selector(".chip")
    page.wait_for_selector(".gtitle")
    assert page.locator("h1").inner_text() in ("Attention", "Masked words")
    assert page.get_by_test_id("stSidebarNav").get_by_role("link").count() == len(
        ("home", "help", *LESSONS)
    )
    assert page.get_by_text("Page not found").count() == 0
    if "head" in path:
        assert "Head 2.1" in (page.locator(".bl-figure-title").first.text_content() or "")


def without_network() -> list[str]:
    """The command that runs another one in a network namespace that has nothing but loopback."""
    for command in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        line = [*command, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        try:
            if subprocess.run([*line, "true"], capture_output=True, timeout=20).returncode == 0:
                return line
        except (OSError, subprocess.TimeoutExpired):
            continue
    pytest.skip("no network namespace can be made here (unshare -n and ip link are needed)")


@pytest.mark.exhaustive
def test_without_a_network_the_app_comes_up_quickly_and_whole(tmp_path, capsys):
    start = time.monotonic()
    script = Path(__file__).parent / "offline_start.py"
    done = subprocess.run(
        [*without_network(), sys.executable, str(script), str(tmp_path / "runs"), find_chromium()],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    with capsys.disabled():
        print(f"\nwithout a network: first lesson usable after {seen['seconds']:.1f} s", end=" ")
    assert seen["route"] == [], "this was not a machine without a network"
    assert seen["seconds"] < SLOWEST_START
    lessons = ["Tokenization", "Masked words", "Fine-tuning", "Attention"]
    assert seen["titles"] == ["BertLab", *lessons]
    assert seen["bertviz_lines"] > 0
    assert (seen["outside"], seen["failed"], seen["errors"]) == ([], [], [])
    assert time.monotonic() - start < 180
