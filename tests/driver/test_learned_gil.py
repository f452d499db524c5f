"""How much Python code holds the GIL is learnt from a query, and decides where the next one runs."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

import pytest

import protoplast
from protoplast.patches.daft_flotilla import apply_flotilla_patches
from protoplast.seams.check import release
from protoplast.seams.optional import STATISTICS
from tests.support.fault_queries import wait_for
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(STATISTICS.since),
        reason="the statistics of this Daft are not read",
    ),
]

CPUS = 4
PARTS = 16
# What a batch takes, in seconds, so that a query takes long enough to tell.
BATCH_S = 0.15


def udfs() -> dict[str, Any]:
    import daft

    def sleeps(rows: Any) -> Any:
        time.sleep(BATCH_S)
        return rows

    def burns(rows: Any) -> Any:
        until = time.thread_time() + BATCH_S
        while time.thread_time() < until:
            pass
        return rows

    def short(rows: Any) -> Any:
        return rows

    batch = daft.func.batch(return_dtype=daft.DataType.int64())
    return {of.__name__: batch(of) for of in (sleeps, burns, short)}


def learnt() -> Any:
    """Where two queries of each UDF run, what is known between them, and their answers."""
    import daft

    from protoplast.driver.python_code.work import WORK

    apply_flotilla_patches("auto")
    rows = daft.from_pydict({"row": list(range(64))}).into_partitions(PARTS).collect()
    found: dict[str, Any] = {}
    for name, udf in udfs().items():
        reasons = []
        for _ in range(2):
            answer = rows.select(udf(rows["row"]).alias("row")).to_pydict()["row"]
            assert sorted(answer) == list(range(64))
            explanation = protoplast.status().queries[-1]
            reasons.append([str(explanation.layout), explanation.reason])

            def held(name: str = name) -> list[int]:
                known = WORK.known()
                return [held for of, _, held in known if of.endswith(name) and held is not None]

            wait_for(held, 0.5 if name == "short" else 10)
        found[name] = [reasons, held()]
    return found


def test_code_that_releases_the_gil_shares_one_from_its_second_query_on(
    scenarios: Scenarios,
) -> None:
    found = scenarios(learnt, cpus=CPUS)
    reasons, held = found["sleeps"]
    assert held[0] <= 100, "thousandths"
    assert ["per-core" in layout for layout, _ in reasons] == [True, False]
    assert "was seen to hold the GIL" in reasons[1][1]
    reasons, held = found["burns"]
    assert held[0] >= 600, "thousandths"
    assert all("per-core" in layout for layout, _ in reasons)
    reasons, held = found["short"]
    assert held == [], "too short to tell"
    assert not any("was seen" in reason for _, reason in reasons)


def test_code_that_takes_longer_with_a_shared_gil_gets_its_own_again() -> None:
    from protoplast import _core
    from protoplast.driver.python_code.work import LearnedWork

    plan = "* UDF f:\n|   Resource request = None\n|\n* ScanTaskSource:\n|   Num Scan Tasks = 9\n"
    plan += "|   Estimated Scan Bytes = 1048576\n"
    node = {"NodeID": "n", "Alive": True, "Resources": {"CPU": 4.0, "memory": 1e10}}

    def shares(work: LearnedWork) -> bool:
        return "was seen to hold the GIL" in decision(work).reason

    def decision(work: LearnedWork) -> _core.Decision:
        return _core.ScanTuner(_core.as_layout("auto"), [node], plan, work=work.known()).whole

    work = LearnedWork()
    work._known["f"] = 2_000_000, 10
    assert shares(work)
    for us, still_shares in ((2_200_000, True), (9_000_000, False), (2_000_000, False)):
        seen = decision(work).slower_shared([("UDF f", us)], work.known())
        assert (seen == ["f"]) == (us == 9_000_000)
        work.remember(decision(work), [("UDF f", us)])
        assert shares(work) == still_shares
