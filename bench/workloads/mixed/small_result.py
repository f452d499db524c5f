"""A join and a groupby first, then a UDF over the few rows that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.workloads.mixed.plan import MixedPlan
from bench.workloads.native import tpch_tables
from bench.workloads.workload import UdfOptions

if TYPE_CHECKING:
    import daft

# The payments of a loan.
MONTHS = 60


def instalment(amount: float, rate: float) -> float:
    """Return the instalment that pays back an amount in a number of months, found by bisection."""
    low, high = 0.0, amount
    for _ in range(40):
        middle = (low + high) / 2
        rest = amount
        for _ in range(MONTHS):
            rest = rest * (1 + rate / 12) - middle
        low, high = (middle, high) if rest > 0 else (low, middle)
    return high


class SmallResult(MixedPlan):
    """The turnover of each customer nation and month, and the instalment that would pay it."""

    @property
    def name(self) -> str:
        return "small_result"

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        paid = daft.func(instalment, return_dtype=daft.DataType.float64(), **udf_options)
        turnover = daft.sql(
            """
            SELECT
                c_nationkey,
                year,
                month,
                CAST(SUM(l_extendedprice) AS DOUBLE) AS amount,
                CAST(AVG(l_discount) AS DOUBLE) AS rate
            FROM (
                SELECT
                    c_nationkey,
                    EXTRACT(YEAR FROM o_orderdate) AS year,
                    EXTRACT(MONTH FROM o_orderdate) AS month,
                    l_extendedprice,
                    l_discount
                FROM lineitem
                JOIN orders ON l_orderkey = o_orderkey
                JOIN customer ON o_custkey = c_custkey
            ) AS sales
            GROUP BY c_nationkey, year, month
            """,
            register_globals=False,
            **tpch_tables.read(self.sizes),
        )
        turnover = turnover.with_column("paid", paid(turnover["amount"], turnover["rate"]))
        return turnover.sort(["c_nationkey", "year", "month"])
