"""What a workload is, and what its answer looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import daft
    import ray.data

    from bench.workloads.sizes import Sizes

# Rows of plain values; the columns are in the order of their names.
Rows = list[list[Any]]
Totals = dict[str, float]
# What a system declares UDFs with, as keywords of `daft.func` and `daft.cls`.
UdfOptions = dict[str, Any]
# A file and a part of it: the number of a row group, or 0 for all of a text file.
Piece = tuple[str, int]


@dataclass(frozen=True)
class Workload(ABC):
    """A query in Daft over an input that is written once.

    Args:
        sizes: How much there is to do, and where the inputs are.
    """

    sizes: Sizes
    family: ClassVar[str]
    systems: ClassVar[tuple[str, ...]]
    # Whether each system has a Ray of its own and works whole turns. If this user can make cgroups, the
    # system is frozen while others work, and its memory is measured.
    is_apart: ClassVar[bool] = False

    @property
    @abstractmethod
    def name(self) -> str:
        """The name within the family."""

    @property
    def is_sorted(self) -> bool:
        """Whether the query sorts, so that the order of the answer counts."""
        return False

    @abstractmethod
    def write(self) -> None:
        """Write the input if it is not there yet."""

    def of_turn(self) -> Workload:
        """The workload for one turn."""
        return self

    def counted(self) -> dict[str, int]:
        """Return what the turn that this workload was for has counted."""
        return {}

    @abstractmethod
    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        """The query in Daft; UDFs are declared with these options."""


class PythonWorkload(Workload):
    """GIL-bound work, which systems other than Daft can do as well: its answer is a row of sums."""

    family = "gil"

    @abstractmethod
    def pieces(self) -> list[Piece]:
        """The input as it is split."""

    @abstractmethod
    def totals(self, piece: Piece) -> Totals:
        """Read a piece and do its work."""

    @abstractmethod
    def dataset(self) -> ray.data.Dataset:
        """The totals of each block, in Ray Data."""


def rows_of(records: Iterable[Mapping[str, Any]]) -> Rows:
    return [[record[name] for name in sorted(record)] for record in records]


def summed(parts: Iterable[Mapping[str, Any]]) -> Rows:
    """One row: the sums of totals."""
    sums: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            sums[name] = sums.get(name, 0) + value
    return rows_of([sums])
