"""Load: bring the connected systems into the raw tables.

Systems are read at the same time, each in its own walks; what a walk brought stands in
the system's spool until it is loaded. What was read is compared with what is there, and
dlt merges the difference of a system as a whole; the place from which the next load
reads on arrives in the same package. A walk that fails takes nothing else with it.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ingestion.errors import SystemFault
from ingestion.raw import warehouse
from ingestion.raw.loading import SystemLoad
from ingestion.raw.task import EVERYTHING, Loaded, Place, Report, Wanted
from ingestion.systems import SYSTEMS, connected, system
from operations.store import Store

__all__ = ["EVERYTHING", "Loaded", "Outcome", "Place", "Report", "Wanted", "load"]


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
    warehouse.prepare(place.warehouse, SYSTEMS)
    loads = [SystemLoad(one, place, wanted) for one in chosen]
    if not loads:
        return Outcome((), ())
    with Store(place.operations) as store:
        for each in loads:
            each.prepare(store)
        # Systems wait for their own servers, so they are read at the same time.
        with ThreadPoolExecutor(len(loads), "reading") as pool:
            reads = [pool.submit(each.read, environ, store) for each in loads]
        for each, read in zip(loads, reads, strict=True):
            read.result()
            tell(f"{each.system.name}: {each.told()}")
        loaded: list[Loaded] = []
        for each in loads:
            try:
                loaded += each.write(store, tell)
            except SystemFault as fault:  # the others are written all the same
                each.faults.append(fault)
    faults = [fault for each in loads for fault in each.faults]
    return Outcome(tuple(loaded), tuple(faults))
