"""Loads: what may be asked of ingestion, and how one system's load is carried out.

Both doors come through here: the command `concord` and the steps of Dagster. A load
owns the warehouse while it runs, and what a system had told us is done only once the
load that covers it has committed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from ingestion.errors import SystemFault
from ingestion.load import (
    EVERYTHING,
    News,
    Outcome,
    Place,
    Report,
    Wanted,
    load,
    look,
)
from ingestion.raw import warehouse
from ingestion.systems import System, system
from operations.events import Concerned, concerned, covered
from operations.store import Store
from orchestration.home import Home, NotReadyError, writing

# Records that are read one by one or by the hundred; a whole load of what is new asks
# a vendor for less than so many.
MOST_NAMED = 200


class NotKnownError(Exception):
    """A person named what does not exist; the text says what does."""


def known_system(name: str) -> System:
    """Return the system of that name.

    Raises:
        NotKnownError: there is none.
    """
    try:
        return system(name)
    except KeyError as error:
        sentence = str(error.args[0])
        raise NotKnownError(f"{sentence[:1].upper()}{sentence[1:]}.") from None


def known_streams(one: System, names: Iterable[str]) -> frozenset[str] | None:
    """Return the streams of those names; None, which is all, where none is named.

    Raises:
        NotKnownError: the system has no such stream.
    """
    known = [stream.name for stream in one.streams]
    chosen = frozenset(names)
    for name in sorted(chosen - set(known)):
        raise NotKnownError(
            f"{one.name} has no stream {name!r}; there are {', '.join(known)}."
        )
    return chosen or None


def known_day(text: str) -> date | None:
    """Return the day that is written; None where nothing is.

    Raises:
        NotKnownError: it is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotKnownError(f"{text!r} is no day: write it as in 2026-10-31.") from None


def again(
    streams: frozenset[str] | None, since: date | None, until: date | None
) -> Wanted:
    """Return what loads a window of days (UTC, both included) once more.

    Without a bound it is everything from the start, deletions included.

    Raises:
        NotKnownError: the window ends before it begins.
    """
    if since is None and until is None:
        return Wanted(streams=streams, is_full=True)
    if since is not None and until is not None and until < since:
        raise NotKnownError(f"The window ends on {until}, before it begins on {since}.")
    return Wanted(
        streams=streams,
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def carry_out(home: Home, one: System, wanted: Wanted, report: Report) -> Outcome:
    """Load of one system what is wanted.

    Raises:
        NotReadyError: the system would have to be asked and is not connected, or
            another run kept the warehouse.
        SystemFault: the warehouse cannot be opened.
    """
    if not wanted.is_stored and not one.is_connected(home.environ):
        missing = [name for name in one.required if not home.environ.get(name)]
        raise NotReadyError(
            f"{one.name} is not connected in the environment {home.name}: set "
            f"{', '.join(missing)}, then run again."
        )
    with writing(home, f"the load of {one.name}"):
        return _load(home, one, wanted, report)


def load_new(home: Home, one: System, wanted: Wanted, report: Report) -> Outcome:
    """Load what is new; where that is all of it, what we were told of is done then.

    Where the system is not connected its tables are made, and stay empty.
    """
    with writing(home, f"the load of {one.name}"):
        if wanted != EVERYTHING or not one.is_connected(home.environ):
            return _load(home, one, wanted, report)
        return _covering(home, one, lambda _store: EVERYTHING, report)


def load_told(home: Home, one: System, report: Report) -> Outcome:
    """Load the records that a system told us of, or all that is new.

    That is where they cannot be read by themselves, and before the first load.
    """
    with writing(home, f"the load of {one.name}"):
        return _covering(home, one, lambda store: _told(home, one, store), report)


def news(home: Home) -> News:
    """Ask all connected systems whether anything is new, and load nothing.

    Raises:
        NotReadyError: a run writes the warehouse.
        SystemFault: the warehouse cannot be opened.
    """
    with writing(home, "a look at the systems", seconds=0):
        return look(_place(home), home.environ)


def named(one: System, told: Concerned) -> dict[str, list[str]]:
    """Return the ids to read by stream, where pending events name all that changed.

    Nothing, where one of them names no record, or a record that no stream reads by its
    id, or where they are more than `MOST_NAMED`: then the whole system is asked.
    """
    streams = _streams_by_word(one)
    found: dict[str, list[str]] = {}
    for word, ids in told.records.items():
        known = sorted(each for each in ids if each is not None)
        if word not in streams or len(known) < len(ids):
            return {}
        found.setdefault(streams[word], []).extend(known)
    if sum(map(len, found.values())) > MOST_NAMED or not filled(one, found):
        return {}
    return found


def filled(one: System, ids: Mapping[str, list[str]]) -> frozenset[str]:
    """Return the streams that reading these records fills; none where one cannot be."""
    try:
        walks = [one.vendor.named(name, some) for name, some in ids.items()]
    except KeyError:
        return frozenset()
    return frozenset(name for walk in walks for name in walk.fills)


def word_of_set(stream: str) -> str:
    """Return Business Central's word for the set of a stream's records."""
    first, *others = stream.split("_")
    return first + "".join(each.title() for each in others)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _told(home: Home, one: System, store: Store) -> Wanted:
    pending = [each for each in concerned(store) if each.system == one.name]
    ids = named(one, pending[0]) if pending else {}
    if not ids or not _were_loaded(home, one, filled(one, ids)):
        return EVERYTHING
    return Wanted(ids=ids)


def _were_loaded(home: Home, one: System, streams: frozenset[str]) -> bool:
    """Tell whether tables were filled once: single records would make them look so."""
    if not home.warehouse.exists():
        return False
    with warehouse.opened(home.warehouse) as connection:
        known = warehouse.known(connection, one, datetime.now(UTC))
    return streams <= known.since.keys()


def _streams_by_word(one: System) -> dict[str, str]:
    """Return a system's streams by what its events call their records.

    That is the object; Business Central names the set of them, as in `salesInvoices`.
    An object that fills several streams names none of them.
    """
    number = Counter(stream.object for stream in one.streams)
    sets = {word_of_set(stream.name): stream.name for stream in one.streams}
    objects = {
        stream.object: stream.name
        for stream in one.streams
        if number[stream.object] == 1
    }
    return sets | objects


def _covering(
    home: Home, one: System, choose: Callable[[Store], Wanted], report: Report
) -> Outcome:
    """Load, and mark done what the system had told us before, once all of it came."""
    outcome = Outcome((), ())
    with Store(home.operations) as store:
        try:
            with covered(store, one.name, lambda: datetime.now(UTC)):
                # Only now: what arrives while it is chosen is read, and not yet done.
                outcome = _load(home, one, choose(store), report)
                outcome.insist()
        except SystemFault as fault:
            return outcome if outcome.faults else Outcome((), (fault,))
    return outcome


def _load(home: Home, one: System, wanted: Wanted, report: Report) -> Outcome:
    return load(_place(home), home.environ, [one.name], wanted, report)


def _place(home: Home) -> Place:
    return Place(home.warehouse, home.folder, home.operations)
