"""What is wrong is refused with an error of the package's own that names it, before Daft is touched."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from protoplast import Layout, LayoutError, ProtoplastError, plan
from protoplast.patches.auto_patch import patched_daft
from protoplast.patches.daft_flotilla import apply_flotilla_patches
from tests.support.process import in_new_process

LONGEST_MESSAGE = 600


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("cannot be printed")

    __repr__ = __str__


def use(layout: Any) -> None:
    with patched_daft(layout):
        raise AssertionError("it was taken")


TAKES_A_LAYOUT: dict[str, Callable[[Any], Any]] = {
    "apply_flotilla_patches": apply_flotilla_patches,
    "patched_daft": use,
    "Layout.parse": Layout.parse,
    "plan": lambda layout: plan(layout, []),
}

BAD_LAYOUTS: list[tuple[Any, str]] = [
    (4, "4"),
    (3.5, "3.5"),
    (True, "True"),
    ([], r"\[\]"),
    (b"per-core", "b'per-core'"),
    (math.nan, "nan"),
    (Layout, "Layout"),
    (Unprintable(), "cannot be printed"),
    ("", "empty"),
    (" ", "per-core"),
    ("percore", "'percore'.*per-core"),
    ("Per-Core", "'Per-Core'.*per-core"),
    ("per-core=3", "takes no value.*'3'|'per-core=3'"),
    ("per-core,", "option ''"),
    ("per-core,gpus=all", "'first' or 'spread', not 'all'"),
    ("per-core,max-workers=2,max-workers=3", "twice"),
    ("per-core,per-node", "'per-node'"),
    ("cpus-per-worker", "from 1 to 65536, not ''"),
    ("cpus-per-worker=0", "from 1 to 65536, not '0'"),
    ("cpus-per-worker=-1", "from 1 to 65536, not '-1'"),
    ("cpus-per-worker=1.5", "not '1.5'"),
    ("workers-per-node=1e3", "not '1e3'"),
    ("workers-per-node=99999999999999999999999", "not '9999"),
    ("per-gpu,gpus=first", "leave 'gpus=first' out"),
    ("per-core,memory=0", "at most 1.*not '0'"),
    ("per-core,memory=1e-3", "not '1e-3'"),
    ("per-core,memory=0.1234567", "6 decimals, not '0.1234567'"),
    ("per-core,threads=0", "from 1 to 65536, not '0'"),
    ("per-core,pin=cpu", "'core' or 'numa', not 'cpu'"),
    ("per-core,pin-fallback=true", "without 'pin'"),
    ("auto,keep=10", "'keep' must be .* from '1s' to '24h', not '10'.*'keep=10min'"),
    ("auto,one-copy=A||B", r"names of classes with '\|' between, not 'A\|\|B'"),
    ("per-core,one-copy=A", "option of 'auto' alone; write .*'auto,one-copy=Model'"),
    ("per-core; per-node", "'per-core' is not a rule"),
    ("GPU -> per-core", "'GPU' selects no nodes.*resource="),
    ("* -> id=a -> per-core", "has rules itself"),
    (["per-core"], "not 'per-core'|must be a str"),
    ([("*", 3)], "not 3|must be a str"),
    ("per-core\0", "per-core"),
    ("\ud800", "text|layout"),
    ("x" * 1_000_000, "xxx"),
]


@pytest.mark.parametrize("function", TAKES_A_LAYOUT)
@pytest.mark.parametrize(("given", "named"), BAD_LAYOUTS, ids=lambda value: ascii(type(value)))
def test_a_bad_layout(function: str, given: Any, named: str) -> None:
    with pytest.raises(LayoutError, match=named) as error:
        TAKES_A_LAYOUT[function](given)
    readable(error.value)


@pytest.mark.parametrize(
    "given", [0, -1, 1.5, "2.5", "x", 10**30, True, [], Unprintable(), math.inf, 65_537]
)
def test_a_bad_number(given: Any) -> None:
    builders: list[Callable[[], Any]] = [
        lambda: Layout.cpus_per_worker(given),
        lambda: Layout.workers_per_node(given),
        lambda: Layout.per_core(max_workers=given),
    ]
    for build in builders:
        with pytest.raises(LayoutError, match="from 1 to 65536") as error:
            build()
        readable(error.value)
    with pytest.raises(LayoutError, match="'first' or 'spread'"):
        Layout.per_core(gpus=given)


NODE = {"NodeID": "a", "Alive": True, "Resources": {"CPU": 1.0, "memory": 1e9}}


def with_cpus(cpus: Any) -> list[dict[str, Any]]:
    return [{**NODE, "Resources": {"CPU": cpus, "memory": 1e9}}]


@pytest.mark.parametrize(
    "nodes",
    [
        None,
        3,
        "nodes",
        [None],
        [{}],
        [{**NODE, "NodeID": 3}],
        [{**NODE, "NodeID": ""}],
        [{**NODE, "Resources": None}],
        [{**NODE, "Resources": []}],
        [{**NODE, "Alive": "yes"}],
        [NODE, NODE],
        [Unprintable()],
        with_cpus("4"),
        with_cpus(-4),
        with_cpus(math.nan),
        with_cpus(math.inf),
        with_cpus(10**400),
    ],
    ids=lambda value: ascii(type(value)),
)
def test_bad_nodes(nodes: Any) -> None:
    with pytest.raises(LayoutError) as error:
        plan("per-core", nodes)
    readable(error.value)


def readable(error: ProtoplastError) -> None:
    text = str(error)
    assert text
    assert "\n" not in text
    assert len(text) < LONGEST_MESSAGE


def bad_variable() -> Any:
    said = []
    for given in ("", "nonsense", "per-core,max-workers=0", "x" * 100_000):
        os.environ["PROTOPLAST_LAYOUT"] = given
        attempts: list[Callable[[Any], Any]] = [apply_flotilla_patches, use]
        for attempt in attempts:
            with pytest.raises(LayoutError) as error:
                attempt(None)
            readable(error.value)
            said.append(str(error.value))
    return [said, [name for name in ("daft", "ray") if name in sys.modules]]


def test_a_bad_variable_is_named_before_daft_is_touched() -> None:
    said, imported = in_new_process(bad_variable)
    assert len(said) == 8
    assert all(text.startswith("PROTOPLAST_LAYOUT: ") for text in said)
    assert imported == []
