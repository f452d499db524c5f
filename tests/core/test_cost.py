"""What `auto` expects of tasks, as the bench reads it."""

from __future__ import annotations

import pytest

from protoplast import _core


def test_work_is_divided_among_slots_and_the_end_is_uneven() -> None:
    # 40 s and 40 overheads of 16 ms on 4 slots, half a task, and the first task of each slot.
    assert _core.expected_s(4, 4, 40.0, 40) == pytest.approx(10.16 + 0.5 + 4 * 0.002, abs=0.001)
    assert _core.expected_s(4, 4, 0.0, 0) == pytest.approx(0.0, abs=0.03)


def test_handing_out_takes_longer_with_more_workers() -> None:
    assert 2.0 <= _core.hand_out_ms(2) < _core.hand_out_ms(500) < _core.hand_out_ms(2) * 1.3


@pytest.mark.parametrize("work_s", [-1.0, float("nan")])
def test_work_that_cannot_be_counts_as_none(work_s: float) -> None:
    assert _core.expected_s(4, 4, work_s, 8) == _core.expected_s(4, 4, 0.0, 8)
