"""How the class UDFs of a query are marked, and what the driver remembers of them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import daft
import pytest
from ray import cloudpickle

from protoplast.driver.python_code.learned import LearnedInstances
from protoplast.driver.python_code.tags import FoundInstance, TaggedPlan, tagged
from protoplast.runner.messages import Footprint, InstanceReport
from protoplast.seams import class_udfs, pickling
from protoplast.seams.edits import Edits
from protoplast.worker.instances import TAG, InstanceTag

INT = daft.DataType.int64()


class Costly:
    def __init__(self, size: int = 3) -> None:
        self.data = list(range(size))

    def __call__(self, value: int) -> int:
        return value + len(self.data)


class Plain:
    def __init__(self, size: int) -> None:
        self.size = size
        self.model = None

    def __call__(self, value: int) -> int:
        return value + self.size


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    edits = Edits()
    pickling.watch(edits)
    yield
    edits.undo()
    for found in (class_udfs.class_base(), class_udfs.legacy_class()):
        assert "__reduce_ex__" not in vars(found)


def tags(result: TaggedPlan) -> list[InstanceTag]:
    sent = cloudpickle.loads(cloudpickle.dumps(result.pickled))
    return [InstanceTag(*vars(udf)[TAG]) for udf in sent if TAG in vars(udf)]


def legacy(user_class: Any, **options: Any) -> Any:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        return daft.udf(return_dtype=INT, **options)(user_class)


def test_each_object_has_a_key_of_its_own() -> None:
    model = daft.cls(Costly)
    one, other = model(), model()
    first, again, second = tags(tagged([one, one, other], "q"))
    assert first == again
    assert first.key != second.key
    (later,) = tags(tagged([one], "r"))
    assert (later.key, later.query) == (first.key, "r")
    assert TAG not in vars(one), "the user's object stays as it is"


def test_nothing_is_marked_outside_a_query() -> None:
    one = daft.cls(Costly)()
    tagged([one], "q")
    assert TAG not in vars(pickle.loads(cloudpickle.dumps(one)))


def test_classes_of_both_kinds_are_found_with_their_names() -> None:
    new, old = daft.cls(Costly)(), legacy(Costly)
    result = tagged([new, old.wrapped_inner], "q")
    assert len({tag.key for tag in tags(result)}) == 2
    name = f"{__name__}.Costly"
    assert [found.name for found in result.found.values()] == [name, name]
    equal = legacy(Costly).with_init_args(1)
    assert equal.wrapped_inner == legacy(Costly).with_init_args(2).wrapped_inner
    pair = [legacy(Costly).with_init_args(size).wrapped_inner for size in (1, 2)]
    assert len({tag.key for tag in tags(tagged(pair, "q"))}) == 2, "equal objects are two objects"


def test_functions_and_processes_of_their_own_are_not_marked() -> None:
    function = daft.func(lambda value: value, return_dtype=INT)
    old = legacy(lambda value: value)
    process = daft.cls(Costly, use_process=True)()
    pool = daft.cls(Costly, max_concurrency=2)()
    result = tagged([function._cls, old.wrapped_inner, process, pool], "q")
    assert (result.has_tags, tags(result), result.found) == (False, [], {})


def test_async_classes_with_a_limit_run_in_the_workers() -> None:
    class Waits(Costly):
        async def __call__(self, value: int) -> int:  # type: ignore[override]
            return value

    (tag,) = tags(tagged([daft.cls(Waits, max_concurrency=2)()], "q"))
    assert not tag.is_cheap


def test_a_class_is_cheap_only_if_its_init_certainly_is() -> None:
    class Imports(Plain):
        def __init__(self) -> None:
            import json

            self.json = json

    class Repeats(Plain):
        def __init__(self) -> None:
            self.data = [0] * 10**8

    class Inherits(Plain):
        pass

    class NoInit:
        def __call__(self, value: int) -> int:
            return value

    def is_cheap(user_class: type, *args: Any) -> bool:
        result = tagged([daft.cls(user_class)(*args)], "q")
        (tag,) = tags(result)
        assert result.has_tags
        assert (result.found == {}) == tag.is_cheap
        return tag.is_cheap

    assert is_cheap(Plain, 1)
    assert is_cheap(Inherits, 1)
    assert is_cheap(NoInit)
    assert not is_cheap(Costly)
    assert not is_cheap(Imports)
    assert not is_cheap(Repeats)


def test_objects_of_the_same_class_and_arguments_are_alike() -> None:
    def alike(*args: Any) -> str | None:
        (found,) = tagged([daft.cls(Costly)(*args)], "q").found.values()
        return found.alike

    assert alike(1) == alike(1)
    assert alike(1) != alike(2)
    assert alike("x" * (2 << 20)) is None, "too long to compare"
    (found,) = tagged([legacy(Costly).with_init_args(1).wrapped_inner], "q").found.values()
    assert found.alike is None, "the arguments of such a class are not in the object"


def test_what_a_query_has_shown_is_remembered_by_name() -> None:
    learned = LearnedInstances()
    footprint = Footprint(100, 120, 2.0, 0.1)
    report = InstanceReport("k", footprint, 3, 16, True, "'Costly' takes 100 B")
    learned.learn(FoundInstance("k", "m.Costly", "alike"), report)
    assert learned.footprint("alike") == footprint
    assert learned.footprint("other") is learned.footprint(None) is None
    assert learned.scarce() == [("m.Costly", 3, 16)]
    assert learned.lines(["m.Costly.__call__"]) == ["'Costly' takes 100 B"]
    assert learned.lines(["m.Costly"]) == ["'Costly' takes 100 B"]
    assert learned.lines(["m.CostlyToo.__call__", "x"]) == []
