"""The collector of cycles belongs to the whole process."""

import gc
from threading import Barrier, Thread

import pytest

from inventory.garbage import nothing_to_collect


@pytest.mark.parametrize("was_on", [True, False])
def test_it_is_still_inside_and_afterwards_as_it_was(was_on):
    (gc.enable if was_on else gc.disable)()
    try:
        with nothing_to_collect():
            with nothing_to_collect():
                pass
            assert not gc.isenabled()
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


def test_the_first_of_two_threads_to_leave_does_not_wake_it():
    both_in, first_out = Barrier(2, timeout=10), Barrier(2, timeout=10)

    def first():
        with nothing_to_collect():
            both_in.wait()
        first_out.wait()

    thread = Thread(target=first)
    thread.start()
    with nothing_to_collect():
        both_in.wait()
        first_out.wait()
        assert not gc.isenabled()
    thread.join()
    assert gc.isenabled()
