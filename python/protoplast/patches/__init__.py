"""The public face of the patch: `daft_flotilla` and `auto_patch`."""
