"""Adds names that users of protoplast may call and that a release of Daft may lack.

While the patch is applied, each name is an alias of what the release calls it. Rollback removes the
alias.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from protoplast.seams.edits import Edits


@dataclass(frozen=True)
class _Alias:
    owner: str
    name: str
    source: str


# A place is `module` or `module:Class`; a source is `module:attribute.path`.
_TABLE = (
    _Alias("daft.context", "set_runner_ray", "daft:set_runner_ray"),  # gone since 0.7.0
    _Alias("daft", "set_runner_ray", "daft.context:set_runner_ray"),  # not there before 0.6.2
    _Alias("daft.dataframe:DataFrame", "compute", "daft.dataframe:DataFrame.collect"),
)


def add(edits: Edits) -> None:
    """Add every name that this Daft lacks.

    Args:
        edits: Records the changes to Daft.
    """
    for alias in _TABLE:
        owner = _resolve(alias.owner)
        source = _resolve(alias.source)
        if source is not None and alias.name not in vars(owner):
            edits.set(owner, alias.name, source)


def _resolve(place: str) -> Any:
    module, _, path = place.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split(".") if path else ():
        value = vars(value).get(name)
        if value is None:
            return None
    return value
