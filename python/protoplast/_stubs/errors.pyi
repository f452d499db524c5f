"""The errors that Rust raises."""

class ProtoplastError(Exception):
    """Base of every error of protoplast's."""

class LayoutError(ProtoplastError):
    """A layout, a node or a set of workers is not as it has to be."""

class NotInEffectError(ProtoplastError):
    """The patch is applied, but a query would not run on the workers that it stands for."""

class TaskTooLargeError(ProtoplastError):
    """A task of the query asks for more than any node of the cluster has."""
