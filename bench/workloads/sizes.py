"""How much the workloads have to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sizes:
    """How much there is to do, and where the inputs are.

    Args:
        data: The directory of the inputs, which are written once.
        size: The GIL-bound work; at 1.0 the limit takes two cores some five seconds.
        scale: The scale factor of TPC-H.
        load_s: The seconds that a load of a model waits.
        load_mb: The megabytes that the model holds.
    """

    data: Path
    size: float
    scale: float
    load_s: float
    load_mb: int
