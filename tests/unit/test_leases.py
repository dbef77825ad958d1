"""Leases: who counts as alive, who has lost the run, and how it is given back."""

import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from bertlab.runs import holder_of, lease, take_lease
from bertlab.runs.lease import process_identity, process_is_alive


def test_a_holder_whose_run_was_deleted_has_lost_it(tmp_path):
    """Nobody took a higher number: there is none at all."""
    held = take_lease(tmp_path)
    assert not held.is_lost()
    shutil.rmtree(tmp_path)
    assert held.is_lost()
    held.beat()  # nothing to touch, and no complaint
    held.release()
    assert not tmp_path.exists()


def test_the_tenth_lease_is_higher_than_the_ninth(tmp_path):
    for number in range(1, 12):
        held = take_lease(tmp_path)
        assert held.number == number
        assert not held.is_lost()
        held.release()


@pytest.mark.parametrize(
    ("seconds", "is_same"), [(0.0, True), (1.9, True), (-1.9, True), (2.1, False), (-100.0, False)]
)
def test_a_process_is_told_from_a_later_one_of_its_number_by_its_start(seconds, is_same):
    """Its start is read with the clock's grain, so two seconds are allowed; no more."""
    own = process_identity(os.getpid())
    assert process_is_alive({**own, "started": own["started"] + seconds}) == is_same


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere a boot has no id")
def test_a_process_of_an_earlier_start_of_the_machine_is_dead():
    """The same number, as many seconds after the start: as of whatever starts by itself."""
    assert not process_is_alive({**process_identity(os.getpid()), "boot": "an earlier one"})


def test_a_killed_process_that_nobody_has_looked_after_is_dead():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        process = psutil.Process(child.pid)
        identity = process_identity(child.pid)
        assert process_is_alive(identity)
        child.kill()
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert not process_is_alive(identity)


def test_a_lease_is_given_back_on_a_full_disk_too(tmp_path, monkeypatch):
    held = take_lease(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lease, "replace_text", full)
    assert holder_of(tmp_path)
    held.release()
    assert holder_of(tmp_path) == ""  # at once, though this process lives
    assert take_lease(tmp_path).number == 2
