"""A node with too little memory for a model in each worker gets as many as fit, and nobody is killed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.memory_cgroup import MOUNTED, as_container, figures, memory_cgroup
from tests.support.process import RAY_RUNNER, in_new_process

MB = 1_000_000
NODE = 4_000 * MB
MODEL = 600 * MB
WORKERS = 16
TASKS = 64
# What stays free of models, and what else may be taken or freed while the model is loaded.
FREE = NODE // 10
SLACK = 100 * MB
# What is kept for workers that start while the model is loaded, which they do under auto.
KEPT = {"per-core": 0, "auto": WORKERS * 100 * MB}


class Watch:
    """Notes the least memory that this node had left."""

    def __init__(self) -> None:
        self.least = NODE
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> int:
        self._ends.set()
        self._thread.join()
        return self.least

    def _look(self) -> None:
        from protoplast._core import available_memory

        while not self._ends.wait(0.05):
            self.least = min(self.least, available_memory()[0])


class Lines(logging.Handler):
    """Keeps the lines that are logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def models_on_a_small_node(layout: str, folder: str) -> Any:
    import ray
    from ray._private.state import actors

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.faults.model_queries import Log, assert_squares, new_model, squares
    from tests.support.fault_queries import alive, wait_for

    logged = Lines()
    logging.getLogger("protoplast").addHandler(logged)
    logging.getLogger("protoplast").setLevel(logging.INFO)
    ray.init(
        num_cpus=WORKERS,
        include_dashboard=False,
        object_store_memory=200 * MB,
        log_to_driver=False,
    )
    assert ray.cluster_resources()["memory"] < NODE, "Ray knows the limit, and so does its monitor"
    apply_flotilla_patches(layout)
    log = Log(folder)
    model = new_model(log, call_s=0.2, memory=MODEL)

    watch = Watch()
    try:
        assert_squares(squares(model, TASKS), TASKS)
    finally:
        least = watch.end()
    log.assert_loaded_once()
    copies = len(log.loaded())
    assert copies == len(set(log.called())), "no worker has loaded it in vain"
    assert wait_for(lambda: len(alive()) == WORKERS), "under auto some join while the query runs"
    dead = [actor for actor in actors().values() if actor["State"] == "DEAD"]
    assert not dead, "nobody was ended"
    said = [line for line in logged.lines if "'Model' takes" in line]
    explained = str(protoplast.explain(squares(model, TASKS))).splitlines()[-1]
    status = str(protoplast.status()).splitlines()[-1]
    ray.shutdown()
    return [
        copies,
        least,
        said,
        explained,
        status,
        figures(MOUNTED, "memory.oom_control"),
    ]


@pytest.fixture
def node() -> Iterator[Path]:
    with memory_cgroup(NODE) as folder:
        yield folder


@pytest.mark.parametrize("layout", ["per-core", pytest.param("auto", marks=pytest.mark.chaos)])
def test_as_many_workers_load_a_model_as_have_room(layout: str, node: Path, tmp_path: Path) -> None:
    copies, least, said, explained, status, oom = in_new_process(
        models_on_a_small_node,
        layout,
        str(tmp_path),
        environment=RAY_RUNNER,
        within=as_container(node),
        timeout=170,
    )
    assert copies > 1, "GIL-bound tasks of 0.2 s are worth more copies"
    assert least > FREE - SLACK, "a part of the memory stays free"
    assert least < FREE + MODEL + SLACK + KEPT[layout], "one more would not fit"
    assert oom["oom_kill"] == 0
    assert len(said) == 1
    (line,) = said
    assert f": {copies} of {WORKERS} workers of a node have it, for no more have room" in line
    assert explained in line
    assert status == explained
