"""Which layout is in force, and the patch that comes and goes with it.

The layouts in force are layers: one that was applied, and one for each open `patched_daft` block. The
last one counts. The patch is put in with the first layer and taken out with the last.
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
from protoplast.driver.ray_errors import translate_read_errors
from protoplast.driver.runner_choice import RayByDefault, other_runner
from protoplast.driver.user_options import USER_OPTIONS
from protoplast.errors import LayoutError
from protoplast.seams import aliases
from protoplast.seams import daft as daft_seams
from protoplast.seams.edits import Edits

logger = logging.getLogger(__name__)

# A layout, its text, or what `Layout.by_node` takes.
LayoutGiven: TypeAlias = "_core.Layout | str | Sequence[tuple[str, _core.Layout | str]]"


@dataclass(eq=False)
class Layer:
    """A layout in force, and whether Ray is to be the runner of a process that chooses none."""

    layout: _core.Layout
    choose_ray: bool


def layout_of(given: LayoutGiven | None) -> _core.Layout:
    """Return the layout that a user asks for.

    Args:
        given: A layout, its text, rules as for `Layout.by_node`, or None for the text of
            `PROTOPLAST_LAYOUT` or else the default.

    Raises:
        LayoutError: It is not a layout; the message says where it came from.
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
        """The layout in force, or None where the patch is not applied."""
        layers = self._layers
        try:
            return layers[-1].layout
        except IndexError:
            return None

    def apply(self, layout: _core.Layout) -> None:
        """Put a layout in force in place of the one that is, or as the first."""
        with self._lock:
            if self._layers:
                self._layers[-1].layout = layout
                self._changed()
            else:
                self.push(Layer(layout, choose_ray=False))

    def push(self, layer: Layer) -> None:
        """Put a layout in force over those that are, until its layer is removed."""
        with self._lock:
            if not self._layers:
                self._edits.undo()  # What a Ctrl-C has left of an earlier rollback.
                self._put_in()
            self._layers.append(layer)
            try:
                self._changed()
            except BaseException:
                self.remove(layer)
                raise
            if found := other_runner():
                logger.warning(
                    "layout %s: queries of this process run on Daft's %s runner, on which the patch "
                    "means nothing; choose Ray's with daft.set_runner_ray() before the first query",
                    layer.layout,
                    found,
                )

    def remove(self, layer: Layer) -> None:
        """Take a layer away. One that is gone already stays gone."""
        with self._lock:
            self._leave([other for other in self._layers if other is not layer])

    def roll_back(self) -> None:
        """Take all layers and the patch away."""
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
        except BaseException:
            self._edits.undo()
            raise

    def _patched(self, original: Callable[..., Any], seams: daft_seams.Seams) -> Callable[..., Any]:
        @functools.wraps(original)
        def run_iter(ray_runner: Any, *args: Any, **kwargs: Any) -> Any:
            layout = self.layout
            if layout is None:  # Another library has kept this function past the rollback.
                return original(ray_runner, *args, **kwargs)
            builder = args[0] if args else kwargs.get("builder")
            output = OUTPUTS.of(builder)
            return route.run_iter(original, seams, layout, output, ray_runner, *args, **kwargs)

        return run_iter


PATCH = Patch()
