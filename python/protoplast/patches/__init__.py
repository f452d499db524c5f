"""The public entry points of the patch: `daft_flotilla` and `auto_patch`."""
