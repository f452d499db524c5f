"""The machine and the process that this runs in."""

from typing import Any, final

@final
class ProcessReport:
    """What a process has, read from the system.

    `cpus` is the list of the CPUs that it may run on, as the kernel writes it (`0-3,8`); `pss_bytes` is
    None where the system does not say.
    """

    def __new__(
        cls,
        pid: int,
        rss_bytes: int,
        pss_bytes: int | None,
        threads: int,
        cpus: str,
    ) -> ProcessReport: ...
    @property
    def pid(self) -> int: ...
    @property
    def rss_bytes(self) -> int: ...
    @property
    def pss_bytes(self) -> int | None: ...
    @property
    def threads(self) -> int: ...
    @property
    def cpus(self) -> str: ...
    def __reduce__(self) -> tuple[Any, tuple[int, int, int | None, int, str]]: ...

def process_report() -> ProcessReport:
    """Read what this process has."""

def files_being_written() -> list[str]:
    """Return the files that this process is writing, by path; not those that it only appends to.

    Raises:
        NotInEffectError: The system does not show them.
    """

def has_computed() -> bool:
    """Return whether Daft has computed in this process, so that it has read its environment."""

def machine() -> tuple[float | None, int, int | None]:
    """Read what this process may use of its machine.

    Returns:
        What the quotas of its cgroups come to in CPUs, None without one; the memory of the machine in
        bytes; the limit of its cgroups in bytes, None without one.

    Raises:
        NotInEffectError: The system does not say.
    """

def most_workers() -> int:
    """Return how many workers the machine of this process can start, by the threads that it allows."""

def numa_nodes() -> list[tuple[int, int, int]]:
    """Return the NUMA nodes that this process may use: id, allowed CPUs, memory in bytes."""

def parent_variable(name: str) -> str | None:
    """Return an environment variable of the process that started this one; None where it has none.

    Raises:
        NotInEffectError: The system does not show that process's environment.
    """

def pin_worker(to_numa: bool, widths: list[int], index: int) -> str:
    """Bind this process, one of the workers of a node, to its CPUs; all its threads, also those to come.

    Args:
        to_numa: Whether to bind to a NUMA node, with other workers, and not to CPUs of its own.
        widths: The CPUs of each worker of the node.
        index: Which of them this is, counted from 0.

    Returns:
        The CPUs, as the kernel writes a list of them.

    Raises:
        NotInEffectError: There are fewer CPUs than the workers have, or the system refused. Nothing
            was changed.
    """
