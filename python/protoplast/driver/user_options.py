"""Which of Daft's execution options the user has set.

An option may be set to the value that is its default, so it does not show in its value. While the patch
is applied, Daft's own function that sets options is seen to be called.
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

# So many calls are remembered, for what `execution_config_ctx` puts back. Blocks are not nested deeper.
_REMEMBERED = 1000


class UserOptions:
    """The options that were set while the patch was applied. For the whole process, as Daft's are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        # The config that these names are of; None if none was set yet.
        self._config: bytes | None = None
        # Before each call that changed options: the config as it was, and the names set until then.
        self._earlier: collections.deque[tuple[bytes, frozenset[str]]] = collections.deque(
            maxlen=_REMEMBERED
        )

    @property
    def names(self) -> frozenset[str]:
        """The names of the options that are set now.

        Without the patch a config may have been put in force that is not known. It has no names.
        """
        with self._lock:
            is_known = self._config == pickle.dumps(daft_seams.execution_config())
            return self._names if is_known else frozenset()

    def watch(self, edits: Edits) -> None:
        """See from now on which options are set. What was set before and not seen is not known.

        Args:
            edits: Where the changes to Daft are recorded.
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
            before: The config that was in force.
            config: The config that was put in its place; None if `before` was kept.
            given: The names of the options that were set over it.
            after: The config that is in force now.
        """
        with self._lock:
            of_before = pickle.dumps(before)
            names = self._names if self._config == of_before else frozenset()
            earlier = None if config is None else self._names_of(pickle.dumps(config))
            if earlier is None:  # It is not one that is put back.
                self._earlier.append((of_before, names))
                earlier = names if config is None else frozenset()
            self._names = earlier | given
            self._config = pickle.dumps(after)

    def _names_of(self, config: bytes) -> frozenset[str] | None:
        """Return what was set when this config was last in force; what came after it is over."""
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
