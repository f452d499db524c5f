"""The machine and the process that the caller runs in."""

from protoplast._stubs.plan import Worker

def available_memory() -> tuple[int, int]:
    """Read how much memory the processes of this machine, or of this container, can still take.

    File pages that the kernel would drop first count as memory that can be taken.

    Returns:
        The memory that can still be taken in bytes, at least 0; all memory of the machine or container
        in bytes.

    Raises:
        NotInEffectError: The system does not tell.
    """

def files_being_written() -> list[str]:
    """Return the paths of the files that this process is writing, except those that it appends to.

    Raises:
        NotInEffectError: The system does not list the open files.
    """

def has_computed() -> bool:
    """Return whether Daft has computed in this process, and so has read the environment."""

def machine() -> tuple[float | None, int, int | None]:
    """Read what this process may use of its machine.

    Returns:
        The CPU quota of the process's cgroups in CPUs, or None if there is none; the memory of the
        machine in bytes; the memory limit of the cgroups in bytes, or None if there is none.

    Raises:
        NotInEffectError: The system does not tell.
    """

def has_room(bytes_needed: int, /) -> bool:
    """Return whether an instance of so many bytes has room on this node beside what it holds."""

def memory_use() -> tuple[int, int]:
    """Read the memory of this process.

    Returns:
        The memory in bytes, where memory that N processes share counts as an Nth (or in full, if the
        system does not tell); the most memory since the process started or `reset_peak_memory`, in
        bytes. The second counts shared memory in full, so compare it only with another one.

    Raises:
        NotInEffectError: The system does not tell.
    """

def most_workers() -> int:
    """Return how many workers this machine can start, given the threads that it allows."""

def numa_nodes() -> list[tuple[int, int, int]]:
    """Return the NUMA nodes that this process may use: id, allowed CPUs, memory in bytes."""

def parent_variable(name: str) -> str | None:
    """Return an environment variable of the process that started this one; None if it is not set.

    Raises:
        NotInEffectError: The system does not show that process's environment.
    """

def pin_worker(worker: Worker) -> str | None:
    """Pin all threads of this worker's process, and those that they start, to CPUs or a NUMA node.

    Args:
        worker: The worker that this process is.

    Returns:
        The CPUs, in the kernel's list format; None if the worker is not to be pinned.

    Raises:
        NotInEffectError: The workers of the node need more CPUs than there are, or the system refused.
            Nothing was changed.
    """

def reset_peak_memory() -> bool:
    """Lower the peak that `memory_use` reads to what this process holds now.

    Returns:
        Whether the system has done so.
    """
