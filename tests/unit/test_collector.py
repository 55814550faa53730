"""The garbage collector is paused and left as it was found."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from dagwright.collector import collector_paused, never_garbage

Pause = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    enabled = gc.isenabled()
    yield
    gc.unfreeze()
    (gc.enable if enabled else gc.disable)()


@pytest.mark.parametrize("pause", [collector_paused, never_garbage])
@pytest.mark.parametrize("enabled", [True, False])
def test_it_is_as_it_was_also_after_an_error(pause: Pause, enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()

    def fail() -> None:
        with pause():
            assert not gc.isenabled()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled() is enabled


def test_what_is_never_garbage_is_walked_no_more() -> None:
    gc.unfreeze()
    with never_garbage():
        kept: list[list[int]] = [[] for _ in range(1000)]
    assert gc.get_freeze_count() > len(kept)
    gc.unfreeze()
    with collector_paused():
        pass
    assert gc.get_freeze_count() == 0
