"""What the first query of a process waits for imports no more than it needs."""

from __future__ import annotations

import importlib
import inspect
import sys

import pytest

from protoplast.seams import check, optional, whole_plans
from tests.support.process import in_new_process


def loaded_by_a_runner() -> list[bool]:
    """Whether a runner has imported the module of Daft's driver when it installs its view."""
    from daft.runners.flotilla import RemoteFlotillaRunner

    from protoplast.runner import calls  # noqa: F401
    from protoplast.seams import daft as daft_seams

    assert RemoteFlotillaRunner is daft_seams.load_flotilla().RemoteFlotillaRunner
    return ["daft.runners.ray_runner" in sys.modules, "ray.data" in sys.modules]


def test_a_runner_starts_its_workers_before_it_imports_what_reads_their_results() -> None:
    assert in_new_process(loaded_by_a_runner) == [False, False]


@pytest.mark.parametrize(
    "seam", [seam for of in (optional.SPLITTING, whole_plans.WHOLE_PLANS) for seam, _ in of.takes]
)
def test_parameters_are_read_as_inspect_reads_them(seam: str) -> None:
    module, _, path = seam.partition(":")
    if check.release(importlib.import_module("daft").__version__) < check.release("0.7.10"):
        pytest.skip("this Daft has no such function")
    found = check._found(f"{module}:{path}")
    assert set(check._parameters(found)) == set(inspect.signature(found).parameters)


def test_what_has_no_parameters_takes_none() -> None:
    assert list(check._parameters(None)) == []
    assert list(check._parameters(check)) == []
