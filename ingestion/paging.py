"""Paging: follow a system's pages to their end, and notice when there is none."""

import time
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from ingestion.errors import Refused, Transient

Page = TypeVar("Page")
Place = TypeVar("Place", bound=Hashable)


# A million rows at Zendesk's ten exports a minute take 100 minutes; what takes longer
# than this does not end.
LONGEST_SECONDS = 6 * 3600.0


def follow(
    system: str,
    object_name: str,
    fetch: Callable[[Place | None], tuple[Page, Place | None]],
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Page]:
    """Yield pages; `fetch` takes a place and returns the page and the next place.

    The first place is None, and None as the next place ends the pages.

    Raises:
        Refused: the system names the same next place twice, so there is no end.
        Transient: the pages take longer than `LONGEST_SECONDS`.
    """
    began = now()
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
        if now() - began > LONGEST_SECONDS:
            raise Transient(
                system,
                f"its {len(seen):,} pages so far took longer than"
                f" {LONGEST_SECONDS / 3600:.0f} hours",
                object=object_name,
            )
