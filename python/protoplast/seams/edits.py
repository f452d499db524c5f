"""Changes to attributes of others that can be taken back exactly."""

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
    """Attributes that were set, in order, with what was there before."""

    def __init__(self) -> None:
        self._done: list[_Edit] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or a class.

        Args:
            owner: The module or class. What it inherits is not looked at.
            name: The attribute.
            value: The new value.
        """
        before = vars(owner).get(name, _ABSENT)
        # Noted first: between the two, a Ctrl-C would leave a change that nobody knows of.
        self._done.append(_Edit(owner, name, before, value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Take everything back, the last change first, and see that it is as it was.

        Where it is interrupted, the rest is taken back when it is called again.

        Raises:
            ForeignPatchError: Others have changed some of the attributes since; those were left as
                they are, and all the rest was taken back.
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
