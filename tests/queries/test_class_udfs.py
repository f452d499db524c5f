"""A class UDF is built once for each object in each worker that calls it, and answers stay the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams import class_udfs as seams
from protoplast.seams.check import release
from tests.support.classes.class_udfs import (
    ROWS,
    SOURCES,
    answer,
    expected,
    kinds,
    model_class,
    rows_of,
    write,
)
from tests.support.classes.fragile_udfs import named_class, storing_class, unsafe_class
from tests.support.classes.instance_log import InstanceLog
from tests.support.fault_queries import wait_for
from tests.support.shared_driver import Scenarios

CPUS = 4
LAYOUTS = ("per-core", "cpus-per-worker=2", "per-node", "auto")

HAS_CLS = release(version("daft")) >= release(seams.CLASS.since)
needs_cls = pytest.mark.skipif(not HAS_CLS, reason="this Daft has no `@daft.cls`")


def chosen(layout: str) -> Iterator[tuple[str, Any, str]]:
    """The kinds of class under a layout, each with a source. Each kind is under two of the layouts."""
    at = LAYOUTS.index(layout)
    for number, (name, query) in enumerate(kinds().items()):
        if (number + at) % 2 == 0:
            yield name, query, SOURCES[(number // 2 + at) % len(SOURCES)]


def built(folder: Path, layout: str) -> dict[str, Any]:
    """What was built and called of each kind of class."""
    found = {}
    for name, query, source in chosen(layout):
        log = InstanceLog(f"{folder}/log of {name} under {layout}")
        is_right = answer(query(rows_of(folder, source), log.path)) == expected(name)
        found[f"{name} over {source}"] = [
            is_right,
            sorted(log.pids("load")),
            sorted(set(log.pids("call"))),
        ]
    return found


def separate(folder: Path) -> Any:
    """Columns by two objects of a class that have equal arguments, and how often it was built."""
    log = InstanceLog(f"{folder}/log of names")
    named = named_class()
    one, other = named(log.path, 1), named(log.path, 1)
    df = rows_of(folder, "memory")
    row = df["row"]
    df = df.select(
        one.named(row).alias("one"), one.named(row).alias("same"), other.named(row).alias("other")
    )
    return [df.to_pydict(), log.count("load")]


def called_by_threads(folder: Path, layout: str) -> Any:
    """How threads call a class that is not safe for them."""
    log = InstanceLog(f"{folder}/log of threads under {layout}")
    df = rows_of(folder, "memory")
    done = answer(df.select(unsafe_class(log.path)(df["row"]).alias("done")))
    threads = len(set(log.names("call")))
    return [done == expected("legacy"), log.count("together"), threads, log.count("load")]


def is_stored_freed(folder: Path) -> bool:
    """Whether workers free the instance of a class that only stores its arguments."""
    log = InstanceLog(f"{folder}/log of storing")
    df = rows_of(folder, "memory")
    assert answer(df.select(storing_class()(log).doubled(df["row"]).alias("done"))) == expected(
        "row"
    )
    return bool(wait_for(lambda: 0 < log.count("free") == log.count("load"), 10))


def scenario(folder: str) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(Path(folder))
    found: dict[str, Any] = {"threads": {}}
    for layout in LAYOUTS:
        apply_flotilla_patches(layout)
        found[layout] = built(Path(folder), layout)
        if layout in ("per-node", "cpus-per-worker=2"):
            found["threads"][layout] = called_by_threads(Path(folder), layout)
        if HAS_CLS and layout == "per-core":
            found["separate"] = separate(Path(folder))
            found["stored"] = is_stored_freed(Path(folder))
    return found


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(scenario, str(tmp_path_factory.mktemp("classes")), cpus=CPUS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_worker_that_calls_a_class_builds_it_once(layout: str, found: Any) -> None:
    for name, (is_right, loads, called) in found[layout].items():
        assert is_right, name
        assert loads == called, name
        assert 1 <= len(loads) <= CPUS, name


def test_several_workers_take_part(found: Any) -> None:
    narrow = [*found["per-core"].values(), *found["cpus-per-worker=2"].values()]
    assert any(len(loads) > 1 for _, loads, _ in narrow)


@needs_cls
def test_two_objects_of_a_class_are_two_instances(found: Any) -> None:
    columns, loads = found["separate"]
    assert len(columns["one"]) == ROWS
    assert columns["one"] == columns["same"], "one object is one instance, also in two columns"
    one, other = set(columns["one"]), set(columns["other"])
    assert not one & other
    assert len(one) == len(other) == loads / 2


@pytest.mark.parametrize("layout", ["per-node", "cpus-per-worker=2"])
def test_threads_do_not_call_a_legacy_instance_at_once(layout: str, found: Any) -> None:
    is_right, together, threads, loads = found["threads"][layout]
    assert is_right
    assert together == 0
    assert threads > 1, "several threads took part"
    assert 1 <= loads <= CPUS, "as on Daft's own workers, each thread has one at most"


@needs_cls
def test_a_class_that_only_stores_its_arguments_is_freed_too(found: Any) -> None:
    assert found["stored"]


def in_processes(folder: str) -> Any:
    """Classes in processes of their own: how often built and for how long, on stock and here."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    def ran(how: str) -> list[float]:
        log = InstanceLog(f"{folder}/{how}")
        df = rows_of(Path(folder), "memory")
        # Daft's tasks share processes while any of them runs, so not all of them may end at once.
        model = model_class(use_process=True)(log.path, uneven_s=0.02)
        df = df.select(model.by_row(df["row"]).alias("done"))
        begun = time.monotonic()
        assert answer(df) == expected("row")
        return [log.count("load"), time.monotonic() - begun]

    found = {}
    for layout in ("stock", "per-node", "per-core", "auto"):
        if layout != "stock":
            apply_flotilla_patches(layout)
        ran(f"first of {layout}")  # The workers start.
        # A busy machine can still keep tasks from running at the same time.
        found[layout] = min(ran(f"{layout} {turn}") for turn in range(2))
    return found


@needs_cls
def test_classes_in_processes_of_their_own_stay_as_they_are(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(in_processes, str(tmp_path), cpus=CPUS)
    stock_loads, stock_s = found.pop("stock")
    for layout, (loads, seconds) in found.items():
        assert loads <= max(stock_loads, CPUS), layout
        assert seconds < stock_s + 2, layout
