"""A class UDF is built once for each object in each worker that calls it, and answers stay the same."""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams import class_udfs as seams
from protoplast.seams.check import release
from tests.support.class_udfs import KINDS, PARTS, SOURCES, answer, expected, rows_of, write
from tests.support.instance_log import InstanceLog
from tests.support.shared_driver import Scenarios

CPUS = 4
LAYOUTS = ("per-core", "auto", "per-node", "cpus-per-worker=2")

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(seams.CLASS.since), reason="this Daft has no `@daft.cls`"
)


def built(folder: str, layout: str) -> Any:
    """Run each kind of class over one of the sources; returns what was built and called."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(Path(folder))
    apply_flotilla_patches(layout)
    found = {}
    for number, (name, query) in enumerate(KINDS.items(), LAYOUTS.index(layout)):
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
