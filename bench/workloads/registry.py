"""All workloads that systems are served with, in the order in which they run."""

from __future__ import annotations

from bench.workloads.gil.half_numpy import HalfNumpy
from bench.workloads.gil.one_parquet import OneParquet
from bench.workloads.gil.tokenise import Tokenise
from bench.workloads.gil.vcf import Vcf
from bench.workloads.mixed.small_result import SmallResult
from bench.workloads.mixed.udf_between import UdfBetween
from bench.workloads.mixed.udf_first import UdfFirst
from bench.workloads.models.embed import Embed
from bench.workloads.models.scoring import HEAVY, LIGHT, InMemory, ManyFiles, OneFile
from bench.workloads.native.many_results import ManyResults
from bench.workloads.native.tpch_query import QUERIES, TpchQuery
from bench.workloads.sizes import Sizes
from bench.workloads.workload import Workload


def all_workloads(sizes: Sizes) -> dict[str, Workload]:
    """Workloads by family/name."""
    workloads: list[Workload] = [
        *(kind(sizes) for kind in (Tokenise, Vcf, HalfNumpy, OneParquet)),
        *(TpchQuery(sizes, number) for number in QUERIES),
        ManyResults(sizes),
        *(kind(sizes) for kind in (UdfFirst, SmallResult, UdfBetween)),
        *(
            kind(sizes, weight=weight)
            for weight in (LIGHT, HEAVY)
            for kind in (OneFile, ManyFiles, InMemory)
        ),
        Embed(sizes),
    ]
    return {f"{workload.family}/{workload.name}": workload for workload in workloads}
