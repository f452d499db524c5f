"""Starts the process that asks a cluster. It is run by the path of this file.

Its arguments are the file descriptor of its channel and the address of the cluster, or nothing.
"""

import sys

# Python searches the folder of a script first, and that of `-m` is the working directory. The flag is
# of Python 3.11, and set where Python has been told to leave that folder out.
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _load_protoplast() -> None:
    """Import the protoplast of this file, which need not be on the path of this process."""
    folder = Path(__file__).parent.parent
    spec = spec_from_file_location(
        "protoplast", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no protoplast in {folder}")
    sys.modules["protoplast"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _load_protoplast()
    from protoplast.cluster_client.answers import serve

    serve(int(sys.argv[1]), sys.argv[2] or None)
