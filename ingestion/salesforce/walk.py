"""Walk: one stream's records, page by page: over REST, and by a bulk job if many.

A walk begins by asking the survey whether there is anything to read. It reads in the
order of stamp and id, so that it can go on after any record when Salesforce has
forgotten the query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.errors import Refused, SystemFault, Transient, naming
from ingestion.readings import (
    Arrival,
    Batch,
    Document,
    Gone,
    Known,
    Mark,
    Page,
    Place,
    Reading,
    Step,
)
from ingestion.salesforce.access import DATA, documented
from ingestion.salesforce.bulk import Job, Query, advance
from ingestion.salesforce.soql import moment, soql, soql_of
from ingestion.salesforce.streams import STREAMS
from ingestion.salesforce.survey import Survey
from ingestion.streams import Stream
from ingestion.transport.budget import WALL, Timer
from ingestion.transport.rest import Rest

# Our choice. Formula fields change without a stamp, and what is purged from the bin may
# be forgotten by the vendor: once a week everything is read.
SWEEP_EVERY = timedelta(days=7)
# 200 ids make 6 kB of address; Salesforce takes 16 kB [M], and the fields need 1 kB.
_NAMED = 200
_IDS = (15, 18)
_QUERY = f"{DATA}/queryAll"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records make a page.

    Attributes:
        page: over REST; Salesforce takes 200 to 2,000 (REST API guide, Query Options
            Header).
        bulk: from so many more records on, the rest is read by a job. Salesforce
            advises it from 2,000 on (Bulk API 2.0 guide, introduction). A job costs
            about seven calls (one to make it, five looks in half a minute, a piece),
            so it pays from ten pages on.
        piece: of a job's results; what Salesforce's own clients ask for.
    """

    page: int = 2000
    bulk: int = 20_000
    piece: int = 50_000


SIZES = Sizes()


def readings(
    known: Known, sizes: Sizes = SIZES, timer: Timer = WALL
) -> Sequence[Reading]:
    """Return one walk for each stream, so that one that fails fails alone.

    Where nothing changed, they cost together as many calls as the survey: two
    subrequests for each object, 25 of them in a call.

    Args:
        known: what was read before.
        sizes: how many records make a page.
        timer: by which to wait for bulk jobs.
    """
    due = {
        stream.name: stream.name not in known.since
        or stream.name not in known.swept
        or known.now - known.swept[stream.name] >= SWEEP_EVERY
        for stream in STREAMS
    }
    since = {name: at for name, at in known.since.items() if not due.get(name, True)}
    survey = Survey(STREAMS, since, known.now)
    return [
        Reading(
            stream.name,
            (stream.name,),
            _Walk(stream, survey, due[stream.name], sizes, timer).fetch,
            lists=(stream.name,) if due[stream.name] else (),
        )
        for stream in STREAMS
    ]


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over just these records; those that are not there are Gone.

    Raises:
        KeyError: there is no stream of that name.
    """
    by_name = {each.name: each for each in STREAMS}
    walk = _Named(by_name[stream], tuple(dict.fromkeys(ids)))
    return Reading(f"{stream} by id", (stream,), walk.fetch)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One stream in one load.

    Attributes:
        stream: the stream.
        survey: what changed.
        is_whole: everything is read, whatever changed.
        sizes: how many records make a page.
        timer: by which to wait for a bulk job.
    """

    stream: Stream
    survey: Survey
    is_whole: bool
    sizes: Sizes
    timer: Timer

    def fetch(self, step: Step) -> Page:
        """Return the page at a place."""
        with naming(self.stream.object):
            match step.place:
                case None:
                    return self._first(step)
                case ["rest", str(path), str(stamp), str(last)]:
                    return self._next(step, path, (stamp, last))
                case ["bulk", [*job], str(stamp), str(last)]:
                    return self._bulk(step, Job.of(job), (stamp, last))
            raise Refused(
                step.rest.system,
                f"{str(step.place)[:60]!r} is no place of this walk",
                "run again; the stream is read from its start",
            )

    def _first(self, step: Step) -> Page:
        since, until = self._bounds(step)
        first: list[Arrival] = []
        if until is None and (since is None or self._window in (None, since)):
            told = self.survey.of(step.rest, self.stream)
            if told is not None:
                # Before the records: one that was restored meanwhile is not gone.
                first = [
                    Mark(self.stream.name, told.covered),
                    Gone(self.stream.name, told.gone),
                ]
                if told.quiet and since is not None:
                    return Page(first)
        answer = _asked(step.rest, soql(self.stream, since, until), self.sizes)
        records = Batch(self.stream.name, answer.records)
        if answer.total - len(answer.records) >= self.sizes.bulk:
            # What changes meanwhile comes twice, so there is no total to compare; the
            # job has its own.
            after = _last(step.rest, answer)
            return Page([*first, records], ["bulk", Job().place, *after])
        following = self._following(step.rest, answer)
        return Page([*first, records], following, answer.total)

    @property
    def _window(self) -> datetime | None:
        return self.survey.since.get(self.stream.name)

    def _bounds(self, step: Step) -> tuple[datetime | None, datetime | None]:
        if self.is_whole and step.until is None:
            return None, None
        return step.since, step.until

    def _next(self, step: Step, path: str, after: Sequence[str]) -> Page:
        try:
            answer = _answer(step.rest, step.rest.get(path))
        except SystemFault as fault:
            if fault.code != "INVALID_QUERY_LOCATOR":
                raise
            # Salesforce keeps a query for two days, and a limited number of them.
            statement = soql(self.stream, *self._bounds(step), after)
            answer = _asked(step.rest, statement, self.sizes)
        records = Batch(self.stream.name, answer.records)
        return Page([records], self._following(step.rest, answer))

    def _following(self, rest: Rest, answer: "_Answer") -> Place | None:
        if answer.following is None:
            return None
        return ["rest", rest.path_of(answer.following), *_last(rest, answer)]

    def _bulk(self, step: Step, job: Job, after: Sequence[str]) -> Page:
        # The page before ended within this second; some of its records come again.
        since, until = moment(after[0]), self._bounds(step)[1]
        statement = soql(self.stream, since, until, ordered=False)
        query = Query(self.stream, statement, self.sizes.piece, self.timer)
        piece = advance(step.rest, query, job)
        following: Place | None = None
        if piece.job is not None:
            following = ["bulk", piece.job.place, *after]
        return Page([Batch(self.stream.name, piece.records)], following)


@dataclass(frozen=True, slots=True)
class _Named:
    """The walk over some records; a place is the number of the first id of a query."""

    stream: Stream
    ids: tuple[str, ...]

    def fetch(self, step: Step) -> Page:
        """Return the records of up to 200 ids, and which of them are not there."""
        start = step.place if isinstance(step.place, int) else 0
        wanted = self.ids[start : start + _NAMED]
        # Anything else is no id at Salesforce, and no record has it.
        askable = [each for each in wanted if each.isalnum() and len(each) in _IDS]
        records: Sequence[Document] = ()
        if askable:
            with naming(self.stream.object):
                answer = _asked(step.rest, soql_of(self.stream, askable), SIZES)
                if answer.following is not None:
                    raise Transient(step.rest.system, "ids had more records than ids")
            records = answer.records
        # The last three of 18 characters only tell capitals from small letters.
        found = {str(record["Id"])[:15] for record in records}
        gone = [each for each in wanted if each[:15] not in found]
        arrivals: list[Arrival] = [Batch(self.stream.name, records)]
        if gone:
            arrivals.append(Gone(self.stream.name, gone))
        end = start + _NAMED
        return Page(arrivals, end if end < len(self.ids) else None)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A page of a query."""

    records: Sequence[Document]
    total: int
    following: str | None


def _asked(rest: Rest, statement: str, sizes: Sizes) -> _Answer:
    options = {"Sforce-Query-Options": f"batchSize={sizes.page}"}
    response = rest.get(_QUERY, params={"q": statement}, headers=options)
    return _answer(rest, response)


def _answer(rest: Rest, response: Any) -> _Answer:
    answer = rest.parsed(response)
    with documented(_QUERY):
        following = answer.get("nextRecordsUrl")
        if following is None and not answer["done"]:
            raise Transient(rest.system, "the query ended before its last page")
        # Their attributes are about the request: with another version of the API, every
        # record would look changed.
        records = [
            {name: value for name, value in record.items() if name != "attributes"}
            for record in answer["records"]
        ]
        return _Answer(records, int(answer["totalSize"]), following)


def _last(rest: Rest, answer: _Answer) -> tuple[str, str]:
    """Return stamp and id of the last record, after which the query goes on."""
    if not answer.records:
        raise Transient(rest.system, "an empty page said that there are more")
    last = answer.records[-1]
    return str(last["SystemModstamp"]), str(last["Id"])
