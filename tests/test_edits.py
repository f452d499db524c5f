"""What is changed is taken back exactly."""

from __future__ import annotations

import pytest

from protoplast import ForeignPatchError
from protoplast.edits import Edits


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
