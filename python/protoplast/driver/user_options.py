"""Knows which of Daft's execution options the user has set.

A user may set an option to its default, which its value does not show. So while the patch is applied,
protoplast watches the calls of Daft's function that sets options.
"""

from __future__ import annotations

import collections
import functools
import inspect
import pickle
import threading
from collections.abc import Callable
from typing import Any

from protoplast.seams import daft as daft_seams
from protoplast.seams import optional as optional_seams
from protoplast.seams.edits import Edits

# How many calls are remembered, because `execution_config_ctx` restores the config from before a call.
# Blocks are not nested deeper than that.
_REMEMBERED = 1000


class UserOptions:
    """The options that the user set while the patch was applied, for the whole process as in Daft."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        # The config that `_names` belongs to, or None if no option was set yet.
        self._config: bytes | None = None
        # For each call that changed options: the config before the call, and the names set until then.
        self._earlier: collections.deque[tuple[bytes, frozenset[str]]] = collections.deque(
            maxlen=_REMEMBERED
        )

    @property
    def names(self) -> frozenset[str]:
        """The names of the options that the user has set.

        Empty if the config in force is one that was set while nobody watched.
        """
        with self._lock:
            is_known = self._config == pickle.dumps(daft_seams.execution_config())
            return self._names if is_known else frozenset()

    def watch(self, edits: Edits) -> None:
        """Watch from now on which options are set. Options that were set earlier stay unknown.

        Args:
            edits: Records the changes to Daft.
        """
        if not optional_seams.SETTING.is_available():
            return
        places = [
            (owner, name, vars(owner)[name])
            for owner, name in optional_seams.config_setters()
            if name in vars(owner)
        ]
        seen = {original: self._seen(original) for _, _, original in places}
        for owner, name, original in places:
            edits.set(owner, name, seen[original])

    def note(self, before: Any, config: Any, given: frozenset[str], after: Any) -> None:
        """Note that options were set.

        Args:
            before: The config that was in force before the call.
            config: The config that the call put in force, or None if it kept `before`.
            given: The names of the options that the call set on top.
            after: The config that is in force after the call.
        """
        with self._lock:
            of_before = pickle.dumps(before)
            names = self._names if self._config == of_before else frozenset()
            earlier = None if config is None else self._names_of(pickle.dumps(config))
            if earlier is None:  # The call does not restore an earlier config.
                self._earlier.append((of_before, names))
                earlier = names if config is None else frozenset()
            self._names = earlier | given
            self._config = pickle.dumps(after)

    def _names_of(self, config: bytes) -> frozenset[str] | None:
        """Return the names set when this config was last in force, and forget all later calls."""
        for back, (earlier, names) in enumerate(reversed(self._earlier)):
            if earlier == config:
                for _ in range(back + 1):
                    self._earlier.pop()
                return names
        return None

    def _seen(self, original: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(original)

        @functools.wraps(original)
        def set_execution_config(*args: Any, **kwargs: Any) -> Any:
            before = daft_seams.execution_config()
            answer = original(*args, **kwargs)
            given = parameters.bind(*args, **kwargs).arguments
            config = given.pop("config", None)
            set_now = (name for name, value in given.items() if value is not None)
            self.note(before, config, frozenset(set_now), daft_seams.execution_config())
            return answer

        return set_execution_config


USER_OPTIONS = UserOptions()
