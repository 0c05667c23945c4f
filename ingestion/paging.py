"""Paging: follow a system's pages to their end, and notice when there is none."""

from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from ingestion.errors import Refused

Page = TypeVar("Page")
Place = TypeVar("Place", bound=Hashable)


def follow(
    system: str,
    object_name: str,
    fetch: Callable[[Place | None], tuple[Page, Place | None]],
) -> Iterator[Page]:
    """Yield pages; `fetch` takes a place and returns the page and the next place.

    The first place is None, and None as the next place ends the pages.

    Raises:
        Refused: the system names the same next place twice, so there is no end.
    """
    seen: set[Place] = set()
    place: Place | None = None
    while True:
        page, place = fetch(place)
        yield page
        if place is None:
            return
        if place in seen:
            raise Refused(
                system,
                f"the page after {str(place)[:60]!r} was announced twice, so the list"
                " has no end",
                "report it to the vendor; nothing of this reading was kept",
                object=object_name,
            )
        seen.add(place)
