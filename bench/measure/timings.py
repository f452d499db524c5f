"""The times of a workload's rounds."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.measure.turns import Footprint, Round

Timings = dict[str, list[float]]


@dataclass(frozen=True)
class WorkloadResult:
    """The seconds of each system, round by round, and the CPU seconds of the Python code in them.

    A workload with models has their footprints as well.
    """

    family: str
    name: str
    seconds: Timings
    python_s: Timings
    footprints: dict[str, list[Footprint]] = field(default_factory=dict)

    def plus(self, turns: Round) -> WorkloadResult:
        """Return the result with one more round."""
        seconds, python_s = dict(self.seconds), dict(self.python_s)
        footprints = dict(self.footprints)
        for name, turn in turns.items():
            seconds[name] = [*seconds.get(name, ()), turn.seconds]
            python_s[name] = [*python_s.get(name, ()), turn.python_s]
            if turn.footprint is not None:
                footprints[name] = [*footprints.get(name, ()), turn.footprint]
        return WorkloadResult(self.family, self.name, seconds, python_s, footprints)

    @property
    def rounds(self) -> int:
        """The rounds that were measured; a system that runs seldom has fewer."""
        return max(map(len, self.seconds.values()), default=0)

    @property
    def has_pace(self) -> bool:
        """Whether the Python code was counted in every turn."""
        return all(map(all, self.python_s.values()))

    def at_one_pace(self) -> WorkloadResult:
        """The result as if the Python code had always been as fast as in its fastest turn."""
        least = min(map(min, self.python_s.values()))
        seconds = {
            system: [
                second * least / python_s
                for second, python_s in zip(timed, self.python_s[system], strict=True)
            ]
            for system, timed in self.seconds.items()
        }
        return WorkloadResult(self.family, self.name, seconds, {})

    @property
    def path(self) -> str:
        return f"{self.family}/{self.name}"
