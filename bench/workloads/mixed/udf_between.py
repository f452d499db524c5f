"""A join, a UDF over a good part of its rows, then a groupby and a sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.workloads.mixed.plan import MixedPlan
from bench.workloads.native import tpch_tables
from bench.workloads.workload import UdfOptions

if TYPE_CHECKING:
    import daft


def common_letters(one: str, other: str) -> int:
    """How many pairs of letters two texts have in common."""
    pairs = {one[at : at + 2] for at in range(len(one) - 1)}
    return sum(other[at : at + 2] in pairs for at in range(len(other) - 1))


class UdfBetween(MixedPlan):
    """How alike the comments on an order and on its customer are, by market segment."""

    @property
    def name(self) -> str:
        return "udf_between"

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        common = daft.func(common_letters, return_dtype=daft.DataType.int64(), **udf_options)
        joined = daft.sql(
            """
            SELECT c_mktsegment, o_orderpriority, o_comment, c_comment
            FROM orders
            JOIN customer ON o_custkey = c_custkey
            WHERE o_orderdate >= DATE '1996-01-01'
            """,
            register_globals=False,
            **tpch_tables.read(self.sizes),
        )
        joined = joined.with_column("common", common(joined["o_comment"], joined["c_comment"]))
        groups = joined.groupby("c_mktsegment", "o_orderpriority").agg(
            joined["common"].count().alias("orders"), joined["common"].mean().alias("mean")
        )
        return groups.sort(["c_mktsegment", "o_orderpriority"])
