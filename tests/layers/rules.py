"""The layers: what may read what.

A layer is a folder or a file right below the sources of a crate or package. It may read the layers that
are named for it, and what those may read. A folder that is not named here is an error: who adds one says
here what it may read.
"""

from __future__ import annotations

Layers = dict[str, tuple[str, ...]]

# Where the sources are: crates by the part of their name after `protoplast-`, and the package.
CRATES = {name: f"crates/{name}/src" for name in ("planner", "host", "cli", "python")}
PACKAGE = "python/protoplast"

# What each crate may depend on.
BETWEEN_CRATES: Layers = {
    "planner": (),
    "host": (),
    "cli": ("planner", "host"),
    "python": ("cli",),
}

# Pure: the planner asks no clock, no environment, no file, no network and no process.
IMPURE = {"planner": ("env", "fs", "net", "process", "time")}

IN_CRATE: dict[str, Layers] = {
    "planner": {
        "bytes": (),
        "keywords": (),
        "limits": (),
        "measured": (),
        "quoted": (),
        "udf_name": (),
        "error": ("bytes", "keywords", "limits", "measured", "quoted"),
        "cluster": ("error",),
        "layout": ("cluster", "udf_name"),
        "placement": ("layout",),
        "query": ("error",),
        "cost": ("measured",),
        "gil": (),
        "groups": ("placement", "cost"),
        "instances": ("error", "udf_name"),
        "decision": ("placement", "query", "instances", "cost"),
        "proof": ("decision", "gil"),
        "show": ("proof",),
        "profile": ("show",),
        "lib": ("profile", "groups"),
    },
    "host": {
        "cpu_set": (),
        "error": ("cpu_set",),
        "cpu_list": ("error",),
        "system": ("cpu_set",),
        "linux": ("system",),
        "thread_slice": (),
        "read": ("cpu_list", "system"),
        "assign": ("read",),
        "pin": ("assign",),
        "lib": ("pin", "linux", "thread_slice"),
    },
    "cli": {
        "limits": (),
        "names": (),
        "short_id": (),
        "unreachable": (),
        "error": ("limits", "names"),
        "gathered": ("error", "unreachable"),
        "output": ("error",),
        "surroundings": ("error",),
        "plan": ("error",),
        "status": ("gathered", "short_id"),
        "doctor": ("gathered", "output", "short_id"),
        "generate": ("names",),
        "command": ("plan", "status", "doctor", "generate"),
        "cluster_command": ("plan", "status", "doctor"),
        "parse": ("command", "output"),
        "run": ("cluster_command", "command", "surroundings"),
        "lib": ("parse", "run"),
    },
}

IN_PACKAGE: Layers = {
    "_stubs": (),
    "_core": ("_stubs",),
    "errors": ("_core",),
    "seams": ("errors",),
    "worker": ("seams",),
    "runner": ("worker",),
    "driver": ("runner",),
    "patches": ("driver",),
    "profiling": ("driver",),
    "cluster_client": ("runner",),
    "command": ("cluster_client",),
    "__init__": ("patches", "profiling"),
}
# No part of the package reads what is only in the repository.
OUTSIDE_PACKAGE = ("bench", "examples", "tests")

MOST_FILES = 16
MOST_LINES = 400
# A stub is no code: it is one file for the one module that it describes.
CODE = (".py", ".rs")
