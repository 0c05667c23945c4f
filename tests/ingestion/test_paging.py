"""Pages are followed to their end, and an end that never comes is noticed."""

import pytest

from ingestion.errors import Refused
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
