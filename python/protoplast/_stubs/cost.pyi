"""What the tasks of a query are expected to cost on a fleet."""

def expected_s(workers: int, slots: int, work_s: float, tasks: int) -> float:
    """Return the time that `auto` expects a query to take, in seconds.

    Args:
        workers: The workers of the fleet.
        slots: How many tasks run at once.
        work_s: How long the Python code takes in all tasks together, in seconds.
        tasks: The number of tasks, of about the same length.
    """

def hand_out_ms(workers: int) -> float:
    """Return the CPU time in which the runner hands out a task and takes its result, in milliseconds.

    Args:
        workers: The workers of the fleet.
    """

def reference_us() -> tuple[int, int]:
    """Return the CPU time of a shuffle's reference in the runner, and in all workers, in µs."""
