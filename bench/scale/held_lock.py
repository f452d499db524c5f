"""Python code that keeps a lock of its process without using a core, as the GIL would be kept."""

from __future__ import annotations

from typing import Any

import daft


def holding(name: str, row_s: float) -> Any:
    """Make a UDF that holds the lock of its process for each row, and returns when its batch began.

    Args:
        name: The name of the UDF. What is known of Python code is known by its name.
        row_s: How long it takes for a row, in seconds.
    """

    def hold(rows: daft.Series) -> list[float]:
        import builtins
        import threading
        import time

        # All threads of a process share its builtins, however often the UDF is unpickled in it.
        with vars(builtins).setdefault("_bench_lock", threading.Lock()):
            began = time.monotonic()
            # A sleep per batch, so that what the clock rounds up is little.
            time.sleep(row_s * len(rows))
        return [began] * len(rows)

    hold.__name__ = hold.__qualname__ = name
    return daft.func.batch(return_dtype=daft.DataType.float64())(hold)
