"""Which runner Daft uses. It can be chosen once in a process and never changed after."""

from __future__ import annotations

import logging
import os
import threading

from protoplast.seams.daft import RAY_RUNNER_TYPE, RUNNER_VARIABLE, runner_type

logger = logging.getLogger(__name__)

# Held while the process's variable is looked at and set.
_LOCK = threading.RLock()


class RayByDefault:
    """Makes Ray the runner of a process that chooses none, by Daft's own environment variable.

    Daft reads the variable when it first needs a runner, so an explicit choice by the user, before
    or after, is left to stand.
    """

    def __init__(self) -> None:
        self._is_ours = False
        self._before: str | None = None

    def want(self, wanted: bool) -> None:
        """Set the variable where it is wanted and not set, or take back what was set here.

        Args:
            wanted: Whether any part of the patch asks for it now.
        """
        with _LOCK:
            self._want(wanted)

    def _want(self, wanted: bool) -> None:
        now = os.environ.get(RUNNER_VARIABLE)
        # Noted before it is set and until it is taken back: a Ctrl-C may come between the two.
        if wanted and not now:  # An empty variable is none, to Daft as well.
            self._is_ours, self._before = True, now
            os.environ[RUNNER_VARIABLE] = RAY_RUNNER_TYPE
        elif self._is_ours and not wanted:
            if now == RAY_RUNNER_TYPE:
                if self._before is None:
                    del os.environ[RUNNER_VARIABLE]
                else:
                    os.environ[RUNNER_VARIABLE] = self._before
            self._is_ours = False


def other_runner() -> str | None:
    """Return the type of the runner that was chosen, where it is another than Ray's.

    Daft has no question for that which chooses nothing: it names what it would infer. With Ray
    inferred, another answer can only have been chosen, in the process or by the variable.

    Returns:
        None where it is Ray's, or none was chosen, or Daft cannot say.
    """
    with _LOCK:
        inferred = RayByDefault()
        inferred.want(True)
        try:
            found = runner_type()
        except ValueError as error:
            # Daft says so itself when the first query needs a runner.
            logger.debug("Daft cannot tell its runner: %s", error)
            return None
        finally:
            inferred.want(False)
    return None if found == RAY_RUNNER_TYPE else found
