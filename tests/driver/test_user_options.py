"""Which of Daft's options the user has set is known, whatever they are set to."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

from protoplast.driver.user_options import USER_OPTIONS, UserOptions
from protoplast.patches.auto_patch import patched_daft
from protoplast.seams.check import release
from protoplast.seams.optional import SETTING, SPLIT

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(SETTING.since), reason="scans are not split for this Daft"
)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test sets is known in the same process for ever, as it is to be."""
    for name, value in vars(UserOptions()).items():
        monkeypatch.setattr(USER_OPTIONS, name, value)


def names() -> set[str]:
    return set(USER_OPTIONS.names)


def test_an_option_that_is_set_to_its_default_is_set() -> None:
    import daft

    before = daft.context.set_execution_config, daft.set_execution_config
    with patched_daft():
        assert names() == set()
        with daft.execution_config_ctx(**{SPLIT: False}):
            assert names() == {SPLIT}
            with daft.execution_config_ctx(default_morsel_size=10):
                assert names() == {SPLIT, "default_morsel_size"}
            assert names() == {SPLIT}
        assert names() == set()
        daft.set_execution_config(scantask_max_parallel=8)
        with daft.execution_config_ctx(scantask_max_parallel=8, default_morsel_size=None):
            assert names() == {"scantask_max_parallel"}
        assert names() == {"scantask_max_parallel"}
    assert (daft.context.set_execution_config, daft.set_execution_config) == before


def test_what_was_set_is_known_in_the_next_block_too() -> None:
    import daft

    config: Any = daft.context.get_context().daft_execution_config
    with patched_daft():
        daft.set_execution_config(**{SPLIT: False})
        assert names() == {SPLIT}
    with patched_daft():
        assert names() == {SPLIT}
        # A config of another origin for a block has no names, and the user's is in force again after it.
        other = config.with_config_values(default_morsel_size=7)
        with daft.execution_config_ctx(config=other):
            assert names() == set()
        assert names() == {SPLIT}
    daft.set_execution_config(config=config.with_config_values(default_morsel_size=9))
    assert names() == set(), "what is set without the patch is not seen"
    with patched_daft():
        assert names() == set()
    daft.set_execution_config(config=config)


def test_what_cannot_be_set_is_not_set() -> None:
    import daft

    with patched_daft():
        with pytest.raises(TypeError):
            daft.set_execution_config(no_such_option=1)
        assert names() == set()


def test_a_function_that_was_imported_before_is_seen_through_its_blocks() -> None:
    from daft.context import execution_config_ctx

    with patched_daft():
        with execution_config_ctx(**{SPLIT: False}):
            assert names() == {SPLIT}
        assert names() == set()


def test_blocks_that_never_end_are_not_remembered_for_ever() -> None:
    import daft

    config: Any = daft.context.get_context().daft_execution_config
    with patched_daft():
        for size in range(3000):
            daft.set_execution_config(sample_size_for_sort=size + 1000)
        assert names() == {"sample_size_for_sort"}
        daft.set_execution_config(config=config)
        assert names() == set()
