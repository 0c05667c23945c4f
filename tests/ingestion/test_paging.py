"""Pages are followed to their end, and an end that never comes is noticed."""

import pytest

from ingestion.errors import Refused, Transient
from ingestion.paging import follow


def test_pages_are_followed_in_order() -> None:
    """Each page says where the next one is; None ends them."""
    pages = {None: ("a", 1), 1: ("b", 2), 2: ("c", None)}

    assert list(follow("vendor", "thing", pages.__getitem__)) == ["a", "b", "c"]


def test_a_list_without_an_end_is_refused() -> None:
    """The same next page twice would be read until the disk is full."""
    pages = {None: ("a", 1), 1: ("b", 2), 2: ("c", 1)}

    with pytest.raises(Refused, match=r"thing: .*twice.*no end"):
        list(follow("vendor", "thing", pages.__getitem__))


def test_pages_that_go_on_for_hours_are_ended() -> None:
    """A server that always has one more page does not hold the load for ever."""
    hours = iter(range(100))

    with pytest.raises(Transient, match=r"vendor thing: .*longer than 6 hours"):
        for _ in follow(
            "vendor",
            "thing",
            lambda place: ("page", (place or 0) + 1),
            lambda: next(hours) * 3600.0,
        ):
            pass
