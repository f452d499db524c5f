"""Who watches a query that runs on one worker sees the beginnings and ends that stock Daft shows."""

from __future__ import annotations

import _thread
import contextlib
import json
import re
import signal
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import apply, ran_whole, read, write
from tests.queries.whole_writes import slow_texts
from tests.support.held_cluster import free_port
from tests.support.process import RAY_RUNNER, run_command
from tests.support.shared_driver import Scenarios

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)

CPUS = 2

# So many rows of a slow query take some seconds of one core.
SLOW_ROWS = 400


def _collected(folder: Path) -> None:
    read(folder).groupby("key").count("id").sort("key").collect()


def _left_early(folder: Path) -> None:
    next(iter(read(folder).iter_rows()))


def _shown(folder: Path) -> None:
    read(folder).show(2)


def _failed(folder: Path) -> None:
    import daft

    with pytest.raises(Exception, match="to_date"):
        read(folder).select(daft.functions.to_date(daft.col("name"), "%Y-%m-%d")).collect()


def _interrupted(_folder: Path) -> None:
    query = slow_texts(SLOW_ROWS)
    threading.Timer(0.7, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        query.collect()


def _long(_folder: Path) -> None:
    slow_texts(SLOW_ROWS).collect()


QUERIES = {
    "collected": _collected,
    "left early": _left_early,
    "shown": _shown,
    "failed": _failed,
    "interrupted": _interrupted,
}

# Those whose states in Daft's dashboard are compared.
WATCHED = {name: QUERIES[name] for name in ("collected", "left early", "failed")}


def events(folder: str) -> Any:
    """What a subscriber is told, on stock and under `auto`, and whether one worker ran the query."""
    import daft
    from daft.subscribers import Subscriber

    seen: list[list[str]] = []

    class Keep(Subscriber):
        def on_event(self, event: Any) -> None:
            result = getattr(event, "result", None)
            ended = [] if result is None else [str(result.end_state), _first_line(result)]
            seen.append([type(event).__name__, *ended])

    signal.signal(signal.SIGINT, signal.default_int_handler)
    write(Path(folder))
    found: dict[str, Any] = {name: [] for name in QUERIES}
    daft.attach_subscriber("kept", Keep())
    try:
        for layout in (None, "auto"):
            if layout:
                apply(layout)
            read(Path(folder)).count_rows()
            for name, query in QUERIES.items():
                # CPython may raise an error of its own if Ctrl-C comes within Ray's code in C.
                has_ended = False
                while not has_ended:
                    seen.clear()
                    with contextlib.suppress(SystemError):
                        query(Path(folder))
                        has_ended = True
                found[name].append([*seen])
                if layout:
                    found[name].append(ran_whole())
    finally:
        daft.detach_subscriber("kept")
    return found


def _first_line(result: Any) -> str:
    return str(result.error_message).partition(":")[0]


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(events, str(tmp_path_factory.mktemp("rows")), cpus=CPUS)


@pytest.mark.parametrize("name", QUERIES)
def test_a_subscriber_is_told_what_stock_tells_it(name: str, found: Any) -> None:
    stock, ours, is_whole = found[name]
    assert is_whole
    assert ours == stock
    states = {"failed": "Failed", "interrupted": "Canceled"}
    assert ours[-1][:2] == ["QueryFinished", f"QueryEndState.{states.get(name, 'Finished')}"]


def watched(folder: str, port: int) -> None:
    """Run queries with Daft's bars and dashboard, on stock and under `auto`.

    Prints:
        For each query, its state in the dashboard, the states of its operators, and whether these have
        statistics; and how many bars are open in the end.
    """
    import time
    import urllib.request

    import ray
    from daft.daft import dashboard

    def of_dashboard(path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/client/{path}") as answer:
            return json.loads(answer.read())

    def shown(query_id: str) -> Any:
        state = of_dashboard(f"query/{query_id}")["state"]
        operators = (state.get("exec_info") or {}).get("operators", {})
        states = {number: operator["status"] for number, operator in operators.items()}
        return [state["status"], states, any(operator["stats"] for operator in operators.values())]

    server = dashboard.launch(noop_if_initialized=False, port=port)
    ray.init(num_cpus=CPUS, include_dashboard=False)
    write(Path(folder))
    found = []
    for layout in (None, "auto"):
        if layout:
            apply(layout)
        print(f"\nLAYOUT {layout}", flush=True)
        states = {}
        for name, query in {**WATCHED, "long": _long}.items():
            before = of_dashboard("queries").keys()
            query(Path(folder))
            assert layout is None or ran_whole()
            # The dashboard and the bars are told in the background.
            time.sleep(1.0)
            (query_id,) = of_dashboard("queries").keys() - before
            states[name] = shown(query_id)
        found.append([states, open_bars()])
    print(f"\nFOUND {json.dumps(found)}", flush=True)
    ray.shutdown()
    server.shutdown(noop_if_shutdown=True)


def open_bars() -> int:
    """Count the bars of all processes that are open in this driver."""
    from ray.experimental import tqdm_ray

    return sum(len(group.bars_by_uuid) for group in tqdm_ray.instance().bar_groups.values())


def test_the_dashboard_has_the_states_of_stock_and_no_bar_is_left(
    short_tmp_path: Path, tmp_path: Path
) -> None:
    port = free_port()
    script = f"from {__name__} import watched; watched({str(tmp_path)!r}, {port})"
    environment = {
        **RAY_RUNNER,
        "RAY_TMPDIR": str(short_tmp_path),
        "DAFT_PROGRESS_BAR": "1",
        "DAFT_DASHBOARD_URL": f"http://127.0.0.1:{port}",
    }
    text = run_command([sys.executable, "-c", script], environment, timeout=120)
    (line,) = [line for line in text.splitlines() if line.startswith("FOUND ")]
    (stock, bars_before), (ours, bars) = json.loads(line.removeprefix("FOUND "))
    for name in WATCHED:
        assert ours[name][:2] == stock[name][:2], name
        assert ours[name][1], "there are operators"
    assert [stock["collected"][2], ours["collected"][2]] == [True, False], (
        "only the states are known"
    )
    assert ours["collected"][0] == ours["left early"][0] == "Finished"
    assert ours["failed"][0] == "Failed"
    of_stock, _, of_auto = text.partition("LAYOUT auto")
    assert "it/s]" in of_stock, "Daft shows bars"
    of_long = [part for part in re.split(r"[\r\n]", of_auto) if "Query on one worker" in part]
    assert "0.00/1.00" in of_long[0]
    assert "1.00/1.00" in of_long[-1]
    assert bars == bars_before, "none is left"
