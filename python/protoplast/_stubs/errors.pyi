"""The errors that Rust raises."""

class ProtoplastError(Exception):
    """The base class of all errors of protoplast."""

class LayoutError(ProtoplastError):
    """A layout, a node or a set of workers is invalid."""

class NotInEffectError(ProtoplastError):
    """The patch is applied, but a query would not run on the planned workers."""

class TaskTooLargeError(ProtoplastError):
    """A task of the query asks for more than any node of the cluster has."""
