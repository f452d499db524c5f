"""The seams are checked before anything is touched, and the check sees what has changed."""

from __future__ import annotations

import ast
import importlib
import logging
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast import UnsupportedDaftError
from protoplast.seams import check, partition_results, runner_actor
from protoplast.seams import daft as daft_seams
from protoplast.seams import optional as optional_seams
from protoplast.seams import ray as ray_seams
from protoplast.seams.check import Function, OptionalFeature, Versions, release
from tests.support.process import in_new_process


def test_this_daft_has_every_seam() -> None:
    seams = daft_seams.load()
    assert seams.flotilla_runner_class is seams.flotilla.FlotillaRunner


def owner_of(seam: str) -> tuple[Any, str]:
    """The module or class that a seam is in, and its name there; of an actor, the class behind it."""
    module, _, path = seam.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
        owner = getattr(getattr(owner, "__ray_metadata__", None), "modified_class", owner)
    return owner, name


def refused(message: str) -> str:
    with pytest.raises(UnsupportedDaftError, match=message) as caught:
        daft_seams.load()
    text = str(caught.value)
    assert daft_seams.OLDEST_DAFT in text
    assert daft_seams.NEWEST_DAFT in text
    return text


@pytest.mark.parametrize("function", daft_seams._FUNCTIONS, ids=lambda function: function.seam)
def test_a_function_that_is_missing_or_changed_is_named(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = owner_of(function.seam)
    takes = ", ".join(function.parameters)
    mentions_nothing = eval(f"lambda {takes}: None")
    breaks = [(3, "is a int and not a plain function"), (mentions_nothing, "does not use")]
    if function.parameters:
        breaks.append((lambda other: None, f"takes \\(other\\) and not \\({takes}\\)"))
    for changed, message in breaks:
        monkeypatch.setattr(owner, name, changed)
        assert function.seam in refused(message)
        monkeypatch.undo()
    if name != "__init__":  # Every class has one.
        monkeypatch.delattr(owner, name)
        assert function.seam in refused("is missing")
        monkeypatch.undo()
    daft_seams.load()


@pytest.mark.parametrize("seam", daft_seams._ATTRIBUTES)
def test_an_attribute_that_is_missing_is_named(seam: str, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = Versions("9.9.9", "8.8.8", "0.5.22", "0.7.26")
    check.attribute(seam, versions)
    asked: list[str] = []
    monkeypatch.setattr(check, "_found", asked.append)
    with pytest.raises(UnsupportedDaftError, match="missing in Daft 9") as error:
        check.attribute(seam, versions)
    assert asked == seam.split("|")
    assert " or ".join(asked) in str(error.value)
    with pytest.raises(UnsupportedDaftError, match="is missing"):
        daft_seams.load()


SEAMS = {
    f"seams/{name}.py"
    for name in (
        "daft",
        "optional",
        "ray",
        "runner_actor",
        "check",
        "aliases",
        "class_udfs",
        "task_results",
        "partition_results",
        "profiling/tasks",
        "whole_plans",
    )
}
REQUIRED = (*ray_seams.REQUIRED, *ray_seams.COMMAND)


def reached(tree: ast.Module) -> Iterator[str]:
    """The names of Daft's and Ray's that a file reaches by itself."""
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == "daft")
            yield from (name.name for name in node.names if name.name.startswith("ray."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
            "daft",
            "ray",
        ):
            yield f"{node.module}"
        elif isinstance(node, ast.Attribute):
            *parents, name = ast.unparse(node).split(".")
            if parents and parents[-1] in ("ray", "_ray"):
                yield f"ray:{name}"
            elif (
                len(parents) > 1 and parents[-2] in ("ray", "_ray") and parents[-1] == "exceptions"
            ):
                yield f"ray.exceptions:{name}"
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in docstrings
        ):
            inner = (
                "daft.runners",
                "daft.daft",
                "RaySwordfish",
                "ray._",
                "_private",
                "flotilla-plan",
            )
            if any(word in node.value for word in inner):
                yield node.value


def test_names_of_daft_and_ray_stand_in_the_seams_alone() -> None:
    package = Path(protoplast.__file__).parent
    # Modules, which have no place of their own in the lists.
    known = {*REQUIRED, "ray:exceptions", "ray:util"}
    for path in sorted(package.rglob("*.py")):
        if str(path.relative_to(package)) not in SEAMS:
            strange = set(reached(ast.parse(path.read_text()))) - known
            assert not strange, f"{path.relative_to(package)}: {strange}"
    planted = "import daft.context\nray.nodes()\nself._ray.something()\nx = 'daft.daft:Plan'"
    strange = set(reached(ast.parse(planted))) - known
    assert strange == {"daft.context", "ray:something", "daft.daft:Plan"}


def test_what_the_command_needs_of_ray_is_there() -> None:
    for seam in ray_seams.COMMAND:
        check.attribute(seam, Versions("1", "2", "0", "3"))


def test_names_of_the_runner_are_daft_s_own() -> None:
    flotilla = daft_seams.load().flotilla
    assert flotilla.FLOTILLA_RUNNER_NAMESPACE == runner_actor.RUNNER_NAMESPACE
    assert flotilla.FLOTILLA_RUNNER_NAME == runner_actor.STOCK_RUNNER_NAME


@pytest.mark.parametrize(
    "feature",
    [
        optional_seams.SPLITTING,
        optional_seams.MERGING,
        optional_seams.GATHERING,
        optional_seams.SETTING,
        optional_seams.BARS,
        partition_results.BATCHES,
        ray_seams.AUTOSCALER,
        ray_seams.DRIVER_LOGS,
        ray_seams.LISTS,
    ],
    ids=lambda feature: feature.without,
)
def test_what_only_improves_is_left_out_with_one_warning(
    feature: OptionalFeature, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_old = release(version("daft")) < release(feature.since)
    assert feature.is_available() is not is_old
    assert caplog.text == "", "nothing is missing in a release that is supported"
    for seam in feature.seams:
        check.is_available.cache_clear()
        monkeypatch.setattr(check, "_found", lambda asked, gone=seam: asked != gone or None)
        assert not feature.is_available()
        assert not feature.is_available()
        monkeypatch.undo()
        assert caplog.text.count(f"{seam} is missing in Daft") == (0 if is_old else 1)
    check.is_available.cache_clear()


def test_a_parameter_that_is_gone_is_missed() -> None:
    feature = OptionalFeature("it stays", seams=(), takes=(("ray:wait", ("timeout", "patience")),))
    assert list(feature.missing()) == ["ray:wait(patience=...)"]


def test_what_is_not_there_is_not_found() -> None:
    for seam in ("no.such.module:name", "ray:no_such_name", "ray.exceptions:RayError.nothing"):
        with pytest.raises(UnsupportedDaftError, match=f"{seam} is missing"):
            check.attribute(seam, Versions("1", "2", "0", "3"))


def test_an_old_daft_is_refused_and_a_new_one_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import daft

    monkeypatch.setattr(daft, "__version__", "0.5.21")
    assert "Daft 0.5.21 is too old" in refused("too old")
    monkeypatch.setattr(daft, "__version__", "0.99.0.dev1+local")
    with caplog.at_level(logging.WARNING):
        daft_seams.load()
        daft_seams.load()
    assert caplog.text.count("newer than the newest") == 1


def import_alone() -> Any:
    import sys

    import protoplast
    import protoplast.patches.auto_patch
    import protoplast.patches.daft_flotilla

    before = protoplast.status()
    return [before.applied, [name for name in ("daft", "ray") if name in sys.modules]]


def test_the_package_imports_neither_daft_nor_ray() -> None:
    assert in_new_process(import_alone) == [False, []]


def a_broken_seam_leaves_daft_alone() -> Any:
    import daft.runners.flotilla as flotilla

    from protoplast.patches.auto_patch import patched_daft
    from tests.support.queries import assert_untouched, daft_attributes

    flotilla.start_ray_workers = lambda existing_worker_ids: []
    before = daft_attributes()
    with (
        pytest.raises(UnsupportedDaftError, match="start_ray_workers does not use ray"),
        patched_daft(),
    ):
        pass
    assert_untouched(before)


def test_a_broken_seam_leaves_daft_alone() -> None:
    in_new_process(a_broken_seam_leaves_daft_alone)


@pytest.mark.skipif(
    release(version("daft")) < release(optional_seams.ASYNC_CALLS_SINCE),
    reason="this Daft calls async UDFs in threads",
)
def test_what_calls_async_udfs_is_found_or_left_out_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = optional_seams.async_calls()
    assert found is not None
    module, names = found
    assert caplog.text == ""
    for name in names:
        monkeypatch.setattr(module, name, lambda cls, method: None)
        assert optional_seams.async_calls() is None
        assert f"does not call async UDFs by daft.udf.execution.{name}" in caplog.text
        monkeypatch.undo()
