"""What bfloat16 keeps of a number, against its definition: 8 binary digits."""

import pytest

from bertlab.devices import supports_bf16, uses_bf16
from bertlab.finetuning.rounding import round_step


def test_a_small_step_is_lost_in_bf16():
    told = round_step(1.0, 1e-3)
    assert told.in_float32 == pytest.approx(1.001, abs=1e-7)
    assert (told.in_bf16, told.is_lost) == (1.0, True)


@pytest.mark.parametrize("weight", [0.25, 1.0, 2.0, 64.0])
def test_the_next_number_is_a_128th_of_a_power_of_two_away(weight):
    assert round_step(weight, 1e-3).next_bf16 == weight * (1 + 2**-7)


def test_half_way_and_beyond_the_step_is_kept():
    assert not round_step(1.0, 0.6 * 2**-7).is_lost
    assert round_step(1.0, 0.4 * 2**-7).is_lost


def test_what_was_asked_for_is_done_and_the_rest_is_left_to_the_hardware():
    assert uses_bf16("bf16", "cpu")
    assert not uses_bf16("fp32", "cpu")
    assert uses_bf16("auto", "cpu") == supports_bf16("cpu")
