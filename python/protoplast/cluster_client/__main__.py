"""The program of the process that asks a cluster. Python runs it by the path of this file.

Its arguments are the file descriptor of its channel, and the address of the cluster or an empty string.
"""

import sys

# Python searches the folder of a script first. The flag, new in Python 3.11, says that Python was told
# to leave that folder out.
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _load_protoplast() -> None:
    """Import the protoplast that this file belongs to, which may not be on the search path."""
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
