"""A class UDF is built once for each object in each worker that calls it, and answers stay the same."""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams import class_udfs as seams
from protoplast.seams.check import release
from tests.support.class_udfs import (
    PARTS,
    ROWS,
    SOURCES,
    answer,
    expected,
    kinds,
    model_class,
    rows_of,
    write,
)
from tests.support.fault_queries import wait_for
from tests.support.fragile_udfs import named_class, unsafe_class
from tests.support.instance_log import InstanceLog
from tests.support.shared_driver import Scenarios

CPUS = 4
LAYOUTS = ("per-core", "auto", "per-node", "cpus-per-worker=2")

needs_cls = pytest.mark.skipif(
    release(version("daft")) < release(seams.CLASS.since), reason="this Daft has no `@daft.cls`"
)


def built(folder: str, layout: str) -> Any:
    """Run each kind of class over one of the sources; returns what was built and called."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(Path(folder))
    apply_flotilla_patches(layout)
    found = {}
    for number, (name, query) in enumerate(kinds().items(), LAYOUTS.index(layout)):
        source = SOURCES[number % len(SOURCES)]
        log = InstanceLog(f"{folder}/log of {name}")
        begun = time.monotonic()
        is_right = answer(query(rows_of(Path(folder), source), log.path)) == expected(name)
        found[f"{name} over {source}"] = {
            "is right": is_right,
            "loads": sorted(log.pids("load")),
            "called": sorted(set(log.pids("call"))),
            "s": time.monotonic() - begun,
        }
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_worker_that_calls_a_class_builds_it_once(
    layout: str, scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(built, str(tmp_path), layout, cpus=CPUS)
    for name, of in found.items():
        print(name, of)
    for name, of in found.items():
        assert of["is right"], name
        assert of["loads"] == of["called"], name
        assert 1 <= len(of["loads"]) <= CPUS < PARTS, name
    if layout != "per-node":
        assert max(len(of["loads"]) for of in found.values()) > 1, "several workers took part"


def separate(folder: str) -> Any:
    """Columns by two objects of a class that have equal arguments; returns what was built as well."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches("per-core")
    log = InstanceLog(f"{folder}/log")
    named = named_class()
    one, other = named(log.path, 1), named(log.path, 1)
    df = rows_of(Path(folder), "memory")
    row = df["row"]
    df = df.select(
        one.named(row).alias("one"), one.named(row).alias("same"), other.named(row).alias("other")
    )
    return [df.to_pydict(), log.count("load"), len(set(log.pids("call")))]


@needs_cls
def test_two_objects_of_a_class_are_two_instances(scenarios: Scenarios, tmp_path: Path) -> None:
    columns, loads, processes = scenarios(separate, str(tmp_path), cpus=CPUS)
    assert len(columns["one"]) == ROWS
    assert columns["one"] == columns["same"], "one object is one instance, also in two columns"
    assert not set(columns["one"]) & set(columns["other"])
    for name in ("one", "other"):
        assert len(set(columns[name])) == processes
    assert loads == 2 * processes


def called_by_threads(folder: str) -> Any:
    """A class that is not safe for threads, on workers of several."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    found = []
    for layout in ("per-node", "cpus-per-worker=2"):
        apply_flotilla_patches(layout)
        log = InstanceLog(f"{folder}/{layout}")
        df = rows_of(Path(folder), "memory")
        right = answer(df.select(unsafe_class(log.path)(df["row"]).alias("done")))
        threads = len(set(log.names("call")))
        together, loads = log.count("together"), log.count("load")
        found.append([right == expected("legacy"), together, threads, loads])
    return found


def test_threads_do_not_call_a_legacy_instance_at_once(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    for is_right, together, threads, loads in scenarios(
        called_by_threads, str(tmp_path), cpus=CPUS
    ):
        assert is_right
        assert together == 0
        assert threads > 1, "several threads took part"
        assert 1 <= loads <= CPUS, "as on Daft's own workers, each thread has one at most"


def stored(folder: str) -> Any:
    """A class that stores its arguments, after one that takes long to build: is its instance freed?"""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fragile_udfs import storing_class

    apply_flotilla_patches("cpus-per-worker=2")
    df = rows_of(Path(folder), "memory")
    log = InstanceLog(f"{folder}/log")
    costly = model_class()(f"{folder}/costly").by_row(df["row"]).alias("done")
    assert answer(df.select(costly)) == expected("row")
    stores = storing_class()(log)
    assert answer(df.select(stores.doubled(df["row"]).alias("done"))) == expected("row")
    return bool(wait_for(lambda: log.count("free") == log.count("load") > 0, 10))


@needs_cls
def test_a_class_that_only_stores_its_arguments_is_freed_too(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    assert scenarios(stored, str(tmp_path), cpus=CPUS)


def in_processes(folder: str) -> Any:
    """How long classes in processes of their own take on stock and here, in seconds."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    def seconds() -> float:
        df = rows_of(Path(folder), "memory")
        model = model_class(use_process=True)(f"{folder}/log")
        begun = time.monotonic()
        assert answer(df.select(model.by_row(df["row"]).alias("done"))) == expected("row")
        return time.monotonic() - begun

    seconds()  # Daft's own workers start.
    stock = seconds()
    apply_flotilla_patches("per-core")
    seconds()
    return [stock, seconds()]


@needs_cls
def test_classes_in_processes_of_their_own_stay_as_quick(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    stock, ours = scenarios(in_processes, str(tmp_path), cpus=CPUS)
    print(stock, ours)
    assert ours < stock + 4
