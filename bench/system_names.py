"""The names of the systems that a run compares."""

from __future__ import annotations

STOCK, PER_CORE, AUTO, NATIVE = "stock", "per-core", "auto", "native"
USE_PROCESS, MAX_CONCURRENCY = "use_process", "max_concurrency"
RAY_DATA, DASK, LIMIT = "ray-data", "dask", "limit"
NAMES = (STOCK, PER_CORE, AUTO, NATIVE, USE_PROCESS, MAX_CONCURRENCY, RAY_DATA, DASK, LIMIT)
# The systems that share one Ray cluster.
ON_RAY = (STOCK, PER_CORE, AUTO, USE_PROCESS, MAX_CONCURRENCY, RAY_DATA)
