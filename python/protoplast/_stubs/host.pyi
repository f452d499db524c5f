"""The machine and the process that this runs in."""

from protoplast._stubs.plan import Worker

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

def pin_worker(worker: Worker) -> str | None:
    """Pin this process, a worker's, to its CPUs or its NUMA node; all its threads, also those to come.

    Args:
        worker: The worker that it is.

    Returns:
        The CPUs, as the kernel writes a list of them; None if it is not to be pinned.

    Raises:
        NotInEffectError: There are fewer CPUs than the workers of the node have, or the system refused.
            Nothing was changed.
    """
