"""Keeps the layouts in force, and changes Daft while there is one.

The layouts form a stack of layers: one for `apply_flotilla_patches`, and one for each open
`patched_daft` block. The last layer counts. The first layer applies the patch, and removing the last
layer undoes it.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from protoplast import _core
from protoplast._core import LAYOUT_VARIABLE
from protoplast.driver import route
from protoplast.driver.fleets import FLEETS
from protoplast.driver.outputs import OUTPUTS
from protoplast.driver.profiling.recorder import current
from protoplast.driver.ray_errors import translate_read_errors
from protoplast.driver.runner_choice import RayByDefault, other_runner
from protoplast.driver.user_options import USER_OPTIONS
from protoplast.errors import LayoutError
from protoplast.seams import aliases, pickling
from protoplast.seams import daft as daft_seams
from protoplast.seams.edits import Edits

logger = logging.getLogger(__name__)

# A layout, its text, or the rules that `Layout.by_node` takes.
LayoutGiven: TypeAlias = "_core.Layout | str | Sequence[tuple[str, _core.Layout | str]]"


@dataclass(eq=False)
class Layer:
    """A layout in force, and whether it chooses Ray's runner for a process that has chosen none."""

    layout: _core.Layout
    choose_ray: bool


def layout_of(given: LayoutGiven | None) -> _core.Layout:
    """Return the layout that a user asks for.

    Args:
        given: A layout, its text, the rules that `Layout.by_node` takes, or None for the text of the
            environment variable `PROTOPLAST_LAYOUT` or else the default.

    Raises:
        LayoutError: `given` or the variable is not a layout. The message names the variable.
    """
    if given is not None:
        return _core.as_layout(given)
    text = os.environ.get(LAYOUT_VARIABLE)
    if text is None:
        return _core.Layout.default()
    try:
        return _core.Layout.parse(text)
    except LayoutError as error:
        raise LayoutError(f"{LAYOUT_VARIABLE}: {error}") from None


class Patch:
    """The patch of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._layers: list[Layer] = []
        self._edits = Edits()
        self._ray_by_default = RayByDefault()

    @property
    def layout(self) -> _core.Layout | None:
        """The layout in force, or None if the patch is not applied."""
        layers = self._layers
        try:
            return layers[-1].layout
        except IndexError:
            return None

    def apply(self, layout: _core.Layout) -> None:
        """Replace the layout in force, or apply the patch if there is none."""
        with self._lock:
            if self._layers:
                self._layers[-1].layout = layout
                self._changed()
            else:
                self.push(Layer(layout, choose_ray=False))

    def push(self, layer: Layer) -> None:
        """Put a layout in force on top of the others, until its layer is removed."""
        with self._lock:
            if not self._layers:
                self._edits.undo()  # Finishes an earlier rollback that a Ctrl-C has stopped.
                self._put_in()
            self._layers.append(layer)
            try:
                self._changed()
            except BaseException:
                self.remove(layer)
                raise
            if found := other_runner():
                logger.warning(
                    "layout %s: this process runs its queries on Daft's %s runner, so the patch has no "
                    "effect; choose Ray's with daft.set_runner_ray() before the first query",
                    layer.layout,
                    found,
                )

    def remove(self, layer: Layer) -> None:
        """Remove a layer. Does nothing if the layer is not there any more."""
        with self._lock:
            self._leave([other for other in self._layers if other is not layer])

    def roll_back(self) -> None:
        """Remove all layers, and with them the patch."""
        with self._lock:
            self._leave([])

    def _leave(self, layers: list[Layer]) -> None:
        self._layers = layers
        try:
            if not layers:
                self._edits.undo()
        finally:
            self._changed()

    def _changed(self) -> None:
        logger.info("layout in force: %s", self.layout)
        self._ray_by_default.want(any(layer.choose_ray for layer in self._layers))
        FLEETS.keep_only(frozenset(layer.layout for layer in self._layers))

    def _put_in(self) -> None:
        seams = daft_seams.load()
        original = vars(seams.ray_runner_class)["run_iter"]
        try:
            self._edits.set(seams.ray_runner_class, "run_iter", self._patched(original, seams))
            translate_read_errors(self._edits, seams)
            USER_OPTIONS.watch(self._edits)
            OUTPUTS.watch(self._edits, seams)
            aliases.add(self._edits)
            pickling.watch(self._edits)
        except BaseException:
            self._edits.undo()
            raise

    def _patched(self, original: Callable[..., Any], seams: daft_seams.Seams) -> Callable[..., Any]:
        @functools.wraps(original)
        def run_iter(ray_runner: Any, *args: Any, **kwargs: Any) -> Any:
            layout = self.layout
            if layout is None:  # Another library still calls this function after the rollback.
                return original(ray_runner, *args, **kwargs)
            builder = args[0] if args else kwargs.get("builder")
            output, collects = OUTPUTS.of(builder), OUTPUTS.is_collecting()
            recorder = current()
            of_query = None if recorder is None else recorder.new_query()
            given = (original, seams, layout, output, collects, of_query)
            query = functools.partial(route.run_iter, *given)
            return query(ray_runner, *args, **kwargs)

        return run_iter


PATCH = Patch()
