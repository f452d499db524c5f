"""What is changed is taken back exactly."""

from __future__ import annotations

from typing import Any

import pytest

from protoplast import ForeignPatchError
from protoplast.seams.edits import Edits


class Base:
    inherited = "base"


class Owner(Base):
    present = "before"


def test_undo_restores_and_deletes() -> None:
    before = dict(vars(Owner))
    edits = Edits()
    edits.set(Owner, "present", "first")
    edits.set(Owner, "present", "second")
    edits.set(Owner, "inherited", "own")
    edits.set(Owner, "absent", None)
    assert (Owner.present, Owner.inherited) == ("second", "own")
    edits.undo()
    assert dict(vars(Owner)) == before
    assert vars(Owner)["present"] is before["present"]
    edits.undo()
    assert dict(vars(Owner)) == before


class Interrupted(type):
    """A class whose attributes are changed before or after a Ctrl-C comes."""

    left = 0
    comes_before = False

    def _change(cls, change: Any) -> None:
        Interrupted.left -= 1
        if Interrupted.left == 0 and Interrupted.comes_before:
            raise KeyboardInterrupt
        change()
        if Interrupted.left == 0:
            raise KeyboardInterrupt

    def __setattr__(cls, name: str, value: Any) -> None:
        cls._change(lambda: super(Interrupted, cls).__setattr__(name, value))

    def __delattr__(cls, name: str) -> None:
        cls._change(lambda: super(Interrupted, cls).__delattr__(name))


class Fragile(metaclass=Interrupted):
    present = "before"


def change_and_undo(edits: Edits) -> None:
    edits.set(Fragile, "present", "first")
    edits.set(Fragile, "present", "second")
    edits.set(Fragile, "absent", None)
    edits.undo()


@pytest.mark.parametrize("comes_before", [True, False])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_ctrl_c_at_any_change_loses_none(at: int, comes_before: bool) -> None:
    before = dict(vars(Fragile))
    edits = Edits()
    Interrupted.left, Interrupted.comes_before = at, comes_before
    with pytest.raises(KeyboardInterrupt):
        change_and_undo(edits)
    Interrupted.left = 0
    edits.undo()
    assert dict(vars(Fragile)) == before


def test_what_others_have_changed_is_left_and_named() -> None:
    before = dict(vars(Owner))
    edits = Edits()
    edits.set(Owner, "present", "ours")
    edits.set(Owner, "absent", "ours")
    Owner.present = "theirs"
    try:
        with pytest.raises(ForeignPatchError, match=r"Owner\.present was patched again"):
            edits.undo()
        assert Owner.present == "theirs"
        assert "absent" not in vars(Owner)
        edits.undo()
    finally:
        Owner.present = before["present"]
    assert dict(vars(Owner)) == before
