"""The difference of two clocks lies within what each event allows."""

from __future__ import annotations

from protoplast.driver.profiling.clocks import offset_ns
from protoplast.driver.profiling.operators import has_limit, has_shuffle, operators, title_of


def test_the_middle_of_what_all_events_allow() -> None:
    assert offset_ns([(0, 100), (40, 200), (-10, 60)]) == 50


def test_one_machine_has_one_clock() -> None:
    assert offset_ns([(40, 200)], same_machine=True) == 0


def test_clocks_that_drift_are_compared_by_the_narrowest_event() -> None:
    assert offset_ns([(0, 100), (300, 310)]) == 305


def test_nothing_known_is_no_difference() -> None:
    assert offset_ns([]) == 0


PLAN = """* Limit: 3
|
* UDF: __main__.double
|   Expr = double(col(a))
|
* ScanTaskSource:
|   Num Scan Tasks = 1
"""


def test_operators_come_in_the_order_of_the_rows() -> None:
    names = operators(PLAN)
    assert names == ["ScanTaskSource", "UDF", "Limit"]
    assert title_of(names) == "ScanTaskSource -> UDF -> Limit"
    assert has_limit(names)
    assert not has_shuffle(names)
    assert has_shuffle(["Source", "Aggregate"])
    assert title_of([]) == "query"
