"""Load: bring the connected systems into the raw tables.

Systems are read at the same time, each in its own walks; what a walk brought stands in
the system's spool until it is loaded. What was read is compared with what is there, and
dlt merges the difference of a system as a whole; the place from which the next load
reads on arrives in the same package. A walk that fails takes nothing else with it.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ingestion.errors import SystemFault
from ingestion.raw import warehouse
from ingestion.raw.loading import SystemLoad
from ingestion.raw.task import EVERYTHING, Loaded, Place, Report, Wanted
from ingestion.systems import SYSTEMS, connected, system
from operations.store import Store

__all__ = [
    "EVERYTHING",
    "Loaded",
    "News",
    "Outcome",
    "Place",
    "Report",
    "Wanted",
    "load",
    "look",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load: what was loaded, and what went wrong with the rest."""

    loaded: tuple[Loaded, ...]
    faults: tuple[SystemFault, ...]

    def insist(self) -> tuple[Loaded, ...]:
        """Return what was loaded, if all was.

        Raises:
            SystemFault: the first fault; the others are its notes.
        """
        if self.faults:
            first, *others = self.faults
            for other in others:
                first.add_note(str(other))
            raise first
        return self.loaded


@dataclass(frozen=True, slots=True)
class News:
    """The names of the systems that have something new, and why others do not say."""

    systems: tuple[str, ...]
    faults: tuple[SystemFault, ...]


def load(
    place: Place,
    environ: Mapping[str, str],
    only: Collection[str] | None = None,
    wanted: Wanted = EVERYTHING,
    report: Report | None = None,
) -> Outcome:
    """Load the connected systems, or those of them that `only` names.

    Creates the raw tables of all systems that do not exist yet. No connection to the
    warehouse is open when it returns or raises.

    Args:
        place: where it works.
        environ: the settings.
        only: names of systems.
        wanted: what is brought.
        report: is told, in a sentence, what has been done.

    Raises:
        SystemFault: the warehouse cannot be opened.
        KeyError: `only` names a system that does not exist.
    """
    for name in only or ():
        system(name)
    tell = report or (lambda _sentence: None)
    known = SYSTEMS if wanted.is_stored else connected(environ)
    chosen = [one for one in known if only is None or one.name in only]
    loads = [SystemLoad(one, place, wanted) for one in chosen]
    with Store(place.operations) as store:
        _prepare(loads, place, store)
        _read(loads, environ, store)
        loaded: list[Loaded] = []
        for each in loads:
            tell(f"{each.system.name}: {each.told()}")
        with warehouse.opened(place.warehouse):
            for each in loads:
                try:
                    loaded += each.write(store, tell)
                except SystemFault as fault:  # the others are written all the same
                    each.faults.append(fault)
    faults = [fault for each in loads for fault in each.faults]
    return Outcome(tuple(loaded), tuple(faults))


def look(place: Place, environ: Mapping[str, str]) -> News:
    """Read what is new of all connected systems, and say which have something.

    What differs from the raw tables stays in the spool, and the load that follows asks
    for none of it again. Of the other systems all is done that a load does. A system
    of which nothing was loaded yet has news, and is left to its first load.

    Raises:
        SystemFault: the warehouse cannot be opened.
    """
    loads = [SystemLoad(one, place, EVERYTHING) for one in connected(environ)]
    with Store(place.operations) as store:
        _prepare(loads, place, store)
        again = [each for each in loads if not each.is_first]
        _read(again, environ, store)
        with warehouse.opened(place.warehouse):
            found = [each for each in loads if each.is_first or each.has_news(store)]
    faults = [fault for each in loads for fault in each.faults]
    return News(tuple(each.system.name for each in found), tuple(faults))


def _prepare(loads: Sequence[SystemLoad], place: Place, store: Store) -> None:
    """Create the tables that are missing, and find out what there is to ask."""
    # The warehouse is let go for the reading.
    with warehouse.prepared(place.warehouse, SYSTEMS):
        for each in loads:
            each.prepare(store)


def _read(
    loads: Sequence[SystemLoad], environ: Mapping[str, str], store: Store
) -> None:
    """Read systems, at the same time: they wait for their own servers."""
    with ThreadPoolExecutor(max(1, len(loads)), "reading") as pool:
        reads = [pool.submit(each.read, environ, store) for each in loads]
    for read in reads:
        read.result()
