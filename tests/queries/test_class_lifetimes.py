"""The instances of class UDFs live as long as a query, or as long as the layout keeps them."""

from __future__ import annotations

import logging
import re
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams import class_udfs as seams
from protoplast.seams.check import release
from tests.support.classes.class_udfs import (
    ROWS,
    answer,
    legacy_class,
    model_class,
    rows_of,
)
from tests.support.classes.fragile_udfs import failing
from tests.support.classes.instance_log import InstanceLog
from tests.support.fault_queries import wait_for
from tests.support.shared_driver import Scenarios

CPUS = 3
HAS_CLS = release(version("daft")) >= release(seams.CLASS.since)
KINDS = ("cls", "legacy") if HAS_CLS else ("legacy",)
DOUBLED = sorted((2 * row for row in range(ROWS)), key=str)


def memory() -> Any:
    return rows_of(Path(), "memory")


def doubled(kind: str, path: str) -> Any:
    """A query with one object of a class."""
    df = memory()
    if kind == "cls":
        return df.select(model_class()(path).by_row(df["row"]).alias("done"))
    return df.select(legacy_class(path)(df["row"]).alias("done"))


def fails(kind: str, path: str) -> Any:
    """A query whose class can be built and fails when it is called."""
    df = memory()
    if kind == "cls":
        return df.select(model_class()(path).never_some(df["row"]).alias("done"))
    model = legacy_class(path).with_init_args(factor=None)
    return df.select(model(df["row"]).alias("done"))


def run(df: Any) -> list[Any]:
    """Run a query, however often it was run before."""
    return answer(df.select(*df.column_names))


def error_of(df: Any) -> tuple[str, str]:
    """The type and the text of the error with which a query fails."""
    try:
        run(df)
    except Exception as error:
        return type(error).__name__, str(error)
    raise AssertionError("it did not fail")


def has_freed(log: InstanceLog) -> bool:
    return bool(wait_for(lambda: 0 < log.count("free") == log.count("load"), 30))


class Lines(logging.Handler):
    """The lines on instances that the driver logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        logger = logging.getLogger("protoplast.driver.recent")
        logger.setLevel(logging.INFO)
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if " workers of a node have it" in record.getMessage():
            self.lines.append(record.getMessage())


def ended(folder: str) -> Any:
    """What is left of the instances after each way in which a query ends, and what is said of them."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches("per-core")
    logged = Lines()
    found = {}
    for kind in KINDS:
        of: dict[str, Any] = {}
        log = InstanceLog(f"{folder}/{kind}")
        df = doubled(kind, log.path)
        of["explained before"] = str(protoplast.explain(df))
        of["right"] = [run(df) == DOUBLED]
        of["explained"] = str(protoplast.explain(df))
        of["query"] = str(protoplast.status().queries[-1])
        of["logged"] = [*logged.lines]
        of["freed"] = [has_freed(log)]
        of["loads"] = [log.count("load")]
        of["right"].append(run(df) == DOUBLED)
        of["loads"].append(log.count("load"))
        of["freed"].append(has_freed(log))
        rows = df.iter_rows()
        next(rows)
        del rows
        of["calls"] = log.count("call")
        of["freed"].append(has_freed(log))
        of["loads"].append(log.count("load"))
        log = InstanceLog(f"{folder}/{kind} that fails")
        of["error"] = error_of(fails(kind, log.path))
        of["freed"].append(has_freed(log))
        logged.lines.clear()
        found[kind] = of
    return found


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(ended, str(tmp_path_factory.mktemp("ended")), cpus=CPUS)


@pytest.mark.parametrize("kind", KINDS)
def test_workers_free_instances_however_the_query_ends(kind: str, found: Any) -> None:
    of = found[kind]
    assert of["right"] == [True, True]
    assert of["freed"] == [True] * 4, "read, read again, abandoned, failed"
    first, second, third = of["loads"]
    assert 1 <= first <= CPUS
    assert 1 <= second - first <= CPUS, "the second query builds again"
    assert 1 <= third - second <= CPUS, "and the third one"
    assert {"cls": "each time", "legacy": "NoneType"}[kind] in of["error"][1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_what_an_instance_takes_and_who_has_it(kind: str, found: Any) -> None:
    of = found[kind]
    pattern = rf"'Model' takes .+: {of['loads'][0]} of {CPUS} workers of a node have it"
    (line,) = of["logged"]
    assert re.search(pattern, line), "it is logged once"
    for text in ("explained", "query"):
        assert len(re.findall(pattern, of[text])) == 1, of[text]
    assert "workers of a node have it" not in of["explained before"]


def failed(folder: str) -> Any:
    """The errors of classes that cannot be built on stock and here, and what comes after them."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    log, cause = InstanceLog(f"{folder}/log"), Path(folder, "cause")
    queries = {kind: query(memory()) for kind, query in failing(log.path, cause).items()}
    cause.touch()
    stock = {kind: error_of(df) for kind, df in queries.items()}
    apply_flotilla_patches("per-core")
    ours = {kind: error_of(df) for kind, df in queries.items()}
    loads = log.count("load")
    cause.unlink()
    after = {kind: run(df) == DOUBLED for kind, df in queries.items()}
    return {"stock": stock, "ours": ours, "loads": [loads, log.count("load")], "after": after}


def test_a_class_that_cannot_be_built_fails_as_on_stock_and_is_tried_again(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(failed, str(tmp_path), cpus=CPUS)
    for kind in KINDS:
        stock, ours = found["stock"][kind], found["ours"][kind]
        assert ours[0] == stock[0], kind
        for part in ("no weights are there", "failed to initialize"):
            assert (part in ours[1]) == (part in stock[1]), (kind, part)
        assert found["after"][kind], kind
    assert found["loads"][0] == 0 < found["loads"][1]


def kept(folder: str) -> Any:
    """How many instances were built and freed after each of two queries with the same object."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    found: dict[str, Any] = {}
    for keep in ("30s", "1s"):
        apply_flotilla_patches(f"cpus-per-worker=2,keep={keep}")
        for kind in KINDS:
            log = InstanceLog(f"{folder}/{kind} {keep}")
            df = doubled(kind, log.path)
            assert run(df) == DOUBLED
            loads = [log.count("load")]
            if keep == "30s":
                time.sleep(1)
                freed: Any = log.count("free")
                assert run(df) == DOUBLED
            else:
                freed = has_freed(log)
            found[f"{kind} {keep}"] = [*loads, log.count("load"), freed]
    return found


def test_the_layout_keeps_instances_for_the_next_query(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(kept, str(tmp_path), cpus=CPUS)
    for kind in KINDS:
        first, second, freed = found[f"{kind} 30s"]
        assert 1 <= first <= 2
        assert second == first, "the second query builds nothing"
        assert freed == 0
        assert found[f"{kind} 1s"][2] is True, "it is freed without another query"


def rolled_back(folder: str) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches

    owners = [it for it in (seams.class_base(), seams.legacy_class()) if it is not None]
    queries = {kind: doubled(kind, f"{folder}/{kind}") for kind in KINDS}
    apply_flotilla_patches("per-node")
    there = ["__reduce_ex__" in vars(owner) for owner in owners]
    ours = [run(df) == DOUBLED for df in queries.values()]
    rollback_flotilla_patches()
    left = ["__reduce_ex__" in vars(owner) for owner in owners]
    return [all(there), any(left), ours, [run(df) == DOUBLED for df in queries.values()]]


def test_a_rollback_leaves_daft_s_classes_as_they_were(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    right = [True] * len(KINDS)
    assert scenarios(rolled_back, str(tmp_path), cpus=CPUS) == [True, False, right, right]
