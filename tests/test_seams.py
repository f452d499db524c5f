"""The seams are checked before anything is touched, and the check sees what has changed."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from protoplast import UnsupportedDaftError, daft_seams
from tests.process import in_new_process


def test_this_daft_has_every_seam() -> None:
    seams = daft_seams.load()
    assert seams.flotilla_runner_class is seams.flotilla.FlotillaRunner


@pytest.mark.parametrize("seam", daft_seams._EXPECTED_NAMES)
def test_a_seam_that_is_missing_or_changed_is_named(
    seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    module, _, path = seam.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)

    def other() -> None:
        """Mentions none of the names."""

    for changed, message in ((None, "is missing"), (3, "is a int"), (other, "does not use")):
        monkeypatch.setattr(owner, name, changed)
        with pytest.raises(UnsupportedDaftError, match=message) as caught:
            daft_seams.load()
        assert seam in str(caught.value)
        assert daft_seams.OLDEST_DAFT in str(caught.value)
        monkeypatch.undo()
    daft_seams.load()


def test_versions(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    import daft

    monkeypatch.setattr(daft, "__version__", "0.5.21")
    with pytest.raises(UnsupportedDaftError, match=r"Daft 0\.5\.21 is too old"):
        daft_seams.load()
    monkeypatch.setattr(daft, "__version__", "0.99.0.dev1+local")
    with caplog.at_level(logging.WARNING):
        daft_seams.load()
    assert "newer than the newest" in caplog.text


def test_rebound_functions_see_other_names() -> None:
    def outer() -> Any:
        captured = "closure"

        def function(a: str, b: str = "default", *, c: str = "keyword") -> tuple[Any, ...]:
            return (a, b, c, captured, ROOT_NAME)

        return function

    original = outer()
    assert daft_seams.rebound(original, {"ROOT_NAME": "theirs"})("a") == (
        "a",
        "default",
        "keyword",
        "closure",
        "theirs",
    )
    assert original("a")[-1] == "ours"


ROOT_NAME = "ours"


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
    from tests.queries import assert_untouched, daft_attributes

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
