"""Changes attributes of other libraries, and can undo each change exactly."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from protoplast.errors import ForeignPatchError

logger = logging.getLogger(__name__)

_ABSENT: Any = object()


@dataclass(frozen=True)
class _Edit:
    owner: Any
    name: str
    before: Any
    after: Any


class Edits:
    """The attributes that were set, in order, each with its earlier value."""

    def __init__(self) -> None:
        self._done: list[_Edit] = []

    @property
    def are_set(self) -> bool:
        """Whether attributes are set and not undone."""
        return bool(self._done)

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or a class.

        Args:
            owner: The module or class. Inherited attributes do not count.
            name: The attribute.
            value: The new value.
        """
        before = vars(owner).get(name, _ABSENT)
        # Noted first, because a Ctrl-C between the two would leave a change that is not recorded.
        self._done.append(_Edit(owner, name, before, value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Undo every change, the last one first, and check that each attribute is as it was.

        If this is interrupted, the next call undoes the remaining changes.

        Raises:
            ForeignPatchError: Another library has changed some of the attributes since. They were left
                as they are, and every other change was undone.
        """
        foreign = []
        while self._done:
            edit = self._done[-1]
            now = vars(edit.owner).get(edit.name, _ABSENT)
            if now is edit.after:
                if edit.before is _ABSENT:
                    delattr(edit.owner, edit.name)
                else:
                    setattr(edit.owner, edit.name, edit.before)
                assert vars(edit.owner).get(edit.name, _ABSENT) is edit.before
            elif now is not edit.before:
                foreign.append(f"{edit.owner.__name__}.{edit.name}")
            self._done.pop()
        if foreign:
            raise ForeignPatchError(
                f"{', '.join(foreign)} was patched again after protoplast's patch and was left as it "
                "is; queries run on Daft's own workers all the same. Take the other patch back first"
            )
