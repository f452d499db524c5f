"""What a query has held is freed although a task of it runs on."""

from __future__ import annotations

import gc
import time
import weakref

import pytest

from protoplast.worker import freeing


class Model:
    def fail(self) -> None:
        raise ValueError("no")


def test_an_error_that_comes_after_the_end_of_the_query_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(freeing, "SECOND_LOOK_S", 0.1)
    model = Model()
    alive = weakref.ref(model)
    freeing.let_go([model])
    # Later than at the second look, as on a machine that is busy. Daft keeps the error.
    time.sleep(0.25)
    with pytest.raises(ValueError, match="no") as kept:
        model.fail()
    del model
    deadline = time.monotonic() + 30
    while alive() is not None and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.02)
    assert alive() is None
    assert kept.value.__traceback__ is not None


class WithoutReferences:
    __slots__ = ()


def test_instances_that_take_no_weak_references_are_let_go_once() -> None:
    freeing.let_go([WithoutReferences(), 7])
