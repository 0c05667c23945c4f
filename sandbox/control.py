"""Control: /_sandbox/*, where a test learns the truth, spoils, edits and moves time."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.conditions import checked
from sandbox.faultdoor import Trace
from sandbox.faults import Faults
from sandbox.journal import lines
from sandbox.page import page
from sandbox.store import Store, column, parsed
from sandbox.wire import Api, Refusal, answer, body_of, dump, listing, parse

OWN = "sandbox"  # the system under which the store keeps the sandbox's own papers
# Where among them it stands who is who.
IDENTITIES = {
    "customers": "identity",
    "contacts": "identity_contacts",
    "products": "identity_products",
}
MOST_AT_ONCE = 100_000  # records in one answer
MAX_ADVANCE_SECONDS = 100 * 366 * 86_400


class Control:
    """The door that no vendor has."""

    def __init__(self, store: Store, faults: Faults, trace: Trace) -> None:
        """Look at the store, the faults that are waiting and the trace."""
        self.store = store
        self.faults = faults
        self.trace = trace

    def api(self) -> Api:
        """Return the routes."""
        return Api(
            [
                Route("/", self.page),
                Route("/health", self.health),
                Route("/truth", self.truth),
                Route("/identity", self.identity),
                Route("/journal", self.journal),
                Route("/records/{system}/{name}", self.records_of),
                Route("/faults", self.plan_faults, methods=["POST"]),
                Route("/edit", self.edit, methods=["POST"]),
                Route("/lock", self.lock, methods=["POST"]),
                Route("/conditions", self.conditions, methods=["GET", "POST"]),
                Route("/clock", self.clock, methods=["GET", "POST"]),
                Route("/trace", self.traced, methods=["GET", "POST"]),
            ],
            refuse,
        )

    def systems(self) -> tuple[str, ...]:
        """Return the vendors that hold records."""
        return tuple(each for each in self.store.systems() if each != OWN)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many records there are, by system and object."""
        return {
            system: {
                name: self.store.count(system, name)
                for name in self.store.objects(system)
            }
            for system in self.systems()
        }

    async def page(self, _request: Request) -> Response:
        """Show what the sandbox holds, for people."""
        kinds = planted_by_kind(self.store)
        return HTMLResponse(
            page(self.store, self.counts(), kinds, self.faults.waiting, self.trace)
        )

    async def health(self, _request: Request) -> Response:
        """Say that the sandbox is up, what it holds and what time it believes."""
        now = self.store.clock.now()
        return answer({"status": "ok", "now": now, "records": self.counts()})

    async def truth(self, _request: Request) -> Response:
        """Tell what was planted, what would be right, and what found no room."""
        return answer(truth(self.store))

    async def identity(self, request: Request) -> Response:
        """Tell who is who: each customer's records and lookalikes; paged as records.

        With `?of=contacts` or `products` it is each person's or product's records.
        """
        asked = request.query_params
        of = asked.get("of", "customers")
        if of not in IDENTITIES:
            raise Refusal(refuse(400, f"of must be one of {', '.join(IDENTITIES)}."))
        return answer(self._paged(OWN, IDENTITIES[of], of, asked))

    async def journal(self, request: Request) -> Response:
        """Tell every write since the start, field by field: all, or a page of them.

        A page has the lines of `?limit=n` writes; `&after=` what the one before said.
        """
        asked = request.query_params
        limit, after = _page(asked), _whole(asked, "after", 0)
        writes = self.store.writes(after, limit)
        # A full page may be the last one; the next is empty then.
        after_this = writes[-1].number if len(writes) == limit else None
        if "limit" not in asked and after_this is not None:
            sentence = f"There are {limit:,} writes or more: page with ?limit=."
            raise Refusal(refuse(400, sentence))
        told = [asdict(line) for write in writes for line in lines(write)]
        return answer({"journal": told, "after": after_this})

    async def records_of(self, request: Request) -> Response:
        """Hand out an object's documents as they stand: all, or a page of them.

        A page is `?limit=n`, and `&after=` what the page before it said.
        """
        system, name = request.path_params["system"], request.path_params["name"]
        self._check_object(system, name.lower())
        return answer(self._paged(system, name, "records", request.query_params))

    async def plan_faults(self, request: Request) -> Response:
        """Replace the faults that are waiting for a request."""
        wanted = await _json(request)
        try:
            self.faults.plan(wanted)
        except ValueError as error:
            raise Refusal(refuse(400, str(error))) from error
        return answer({"waiting": len(self.faults.waiting)})

    async def edit(self, request: Request) -> Response:
        """Change fields of a record as a person at that vendor's screen would.

        With `commit_after` seconds it is a long transaction: stamped now, seen later.
        """
        wanted = await _json(request)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("fields"), dict):
            sentence = "An edit is {system, object, id, fields: {name: value}}."
            raise Refusal(refuse(400, sentence))
        place = self._record(wanted)
        who = {"actor": "human", "request_id": f"edit_{self.store.number()}"}
        if "commit_after" in wanted:
            seconds = _seconds(wanted, "commit_after")
            self.store.commit_late(*place, wanted["fields"], seconds, **who)
            return answer({"commits_after": seconds})
        return answer(self.store.update(*place, wanted["fields"], **who))

    async def lock(self, request: Request) -> Response:
        """Hold a record's row for some seconds, as another transaction would."""
        wanted = await _json(request)
        if not isinstance(wanted, dict):
            raise Refusal(refuse(400, "A lock is {system, object, id, seconds}."))
        self.store.lock(*self._record(wanted), _seconds(wanted, "seconds"))
        return answer({"locked": True})

    async def conditions(self, request: Request) -> Response:
        """Show or change how things stand at a vendor: lags, budgets, latencies."""
        if request.method == "POST":
            try:
                wanted = checked(await _json(request))
            except ValueError as error:
                raise Refusal(refuse(400, str(error))) from error
            self.store.set_conditions(wanted)
        return answer(self.store.conditions)

    async def clock(self, request: Request) -> Response:
        """Show the vendors' clock, or move it forward by `advance` seconds."""
        if request.method == "POST":
            wanted = await _json(request)
            if not isinstance(wanted, dict):
                raise Refusal(refuse(400, "Say {advance: seconds}."))
            try:
                self.store.clock.advance(_seconds(wanted, "advance"))
            except ValueError as error:
                raise Refusal(refuse(400, str(error))) from error
        return answer({"now": self.store.clock.now()})

    async def traced(self, request: Request) -> Response:
        """Begin a trace of every byte, or tell its hash so far."""
        if request.method == "POST":
            self.trace.begin()
        return answer({"sha256": self.trace.digest, "exchanges": self.trace.exchanges})

    def _paged(
        self, system: str, name: str, what: str, asked: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return an object's documents under the word `what`, and where to go on."""
        limit = _page(asked)
        if "limit" not in asked and self.store.count(system, name) > limit:
            sentence = f"{name} has more than {limit:,} records: page with ?limit=."
            raise Refusal(refuse(400, sentence))
        rows = self.store.collection(system, name).select(
            "place, body",
            "place > ?",
            (_whole(asked, "after", 0),),
            order="place",
            limit=limit,
        )
        # A full page may be the last one; the next is empty then.
        after = rows[-1][0] if len(rows) == limit else None
        return {what: listing(body.encode() for _, body in rows), "after": after}

    def _check_object(self, system: str, name: str) -> None:
        if system not in self.systems() or name not in self.store.objects(system):
            raise Refusal(refuse(404, f"There is no object {name} in {system}."))

    def _record(self, wanted: Mapping[str, Any]) -> tuple[str, str, str]:
        """Return system, object and id of the record that is meant."""
        system, name = str(wanted.get("system")), str(wanted.get("object")).lower()
        record_id = str(wanted.get("id"))
        self._check_object(system, name)
        if self.store.collection(system, name).get(record_id) is None:
            raise Refusal(refuse(404, f"There is no {system} {name} {record_id}."))
        return system, name, record_id


async def _json(request: Request) -> Any:
    try:
        return parse(await body_of(request, refuse))
    except ValueError as error:
        raise Refusal(refuse(400, f"Not JSON: {error}")) from error


def _page(asked: Mapping[str, str]) -> int:
    """Return how many a page is to have."""
    limit = _whole(asked, "limit", MOST_AT_ONCE)
    if not 1 <= limit <= MOST_AT_ONCE:
        raise Refusal(refuse(400, f"limit is from 1 to {MOST_AT_ONCE}."))
    return limit


def _whole(asked: Mapping[str, str], name: str, default: int) -> int:
    """Return a parameter that is a whole number of at most 18 digits."""
    text = asked.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Refusal(refuse(400, f"{name} must be a whole number."))
    return int(text)


def _seconds(wanted: Mapping[str, Any], name: str) -> float:
    value = wanted.get(name)
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise Refusal(refuse(400, f"{name} must be a number of seconds."))
    if not 0 <= value <= MAX_ADVANCE_SECONDS:
        raise Refusal(refuse(400, f"{name} is from 0 to {MAX_ADVANCE_SECONDS}."))
    return float(value)


def enter(store: Store, world: Any) -> None:
    """Put a world into an empty store: its records, and what was planted in them.

    Args:
        store: the store.
        world: has `documents`, `planted` and `company`; `sandbox.world.World` also
            knows who is who, and what found no room.
    """
    store.load(world.documents)
    enter_planted(store, map(planted_record, world.planted))
    known = getattr(world, "identities", None)
    enter_identities(store, known() if known else {})
    short = getattr(world, "short", ())
    remember_company(store, world.company.seed, world.company.as_of, short)


def remember_company(
    store: Store, seed: int, as_of: date, short: Iterable[Any]
) -> None:
    """Write down whose truth it is, and which mistakes there was no room for.

    Args:
        store: has the planted mistakes already.
        seed: of the company.
        as_of: its last day.
        short: the `sandbox.disorder.plant.Short` of each of its parts.
    """
    told = {"seed": seed, "as_of": as_of, "short": _shortages(store, short)}
    store.remember("truth", dump(told).decode())


def _shortages(store: Store, short: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what the whole company fell short of, by the name of the disorder."""
    by_name: dict[str, list[Any]] = {}
    for each in short:
        by_name.setdefault(each.name, []).append(each)
    planted = planted_by_kind(store)
    found = []
    for name, parts in sorted(by_name.items()):
        missing = sum(part.wanted - part.planted for part in parts)
        count = planted.get(name, 0)
        if missing or not count:
            told = {"kind": name, "wanted": count + missing, "planted": count}
            found.append(told | {"needs_features": parts[0].needs})
    return found


def planted_by_kind(store: Store) -> dict[str, int]:
    """Return how many mistakes of each kind were planted."""
    table = store.collection(OWN, "planted").table
    return dict(
        store.rows(f"select {column('kind')}, count(*) from {table} group by 1")
    )


def enter_identities(
    store: Store, identities: Mapping[str, Iterable[dict[str, Any]]]
) -> None:
    """Add to those of whom is known which records are theirs."""
    with store.transaction():
        for name, told in identities.items():
            table = store.collection(OWN, IDENTITIES[name]).table
            # A large company's parts all have its products; the first to come stay.
            store.run_many(
                f"insert or ignore into {table} (id, body) values (?, ?)",
                ((each["id"], dump(each).decode()) for each in told),
            )


def planted_record(planted: Any) -> dict[str, Any]:
    """Return a planted mistake as JSON, with the record key that checks name."""
    key = f"{planted.system}:{planted.object.lower()}:{planted.record_id}"
    return {"record_key": key, **parse(dump(planted))}


def enter_planted(store: Store, planted: Iterable[dict[str, Any]]) -> None:
    """Add planted mistakes to the truth."""
    first = len(store.collection(OWN, "planted"))
    numbered = (
        {"id": str(number), **each} for number, each in enumerate(planted, start=first)
    )
    store.load({OWN: {"planted": numbered}})


def truth(store: Store) -> dict[str, Any]:
    """Return what was planted, with the record keys that checks name."""
    planted = list(store.collection(OWN, "planted"))
    for each in planted:
        del each["id"]
    return parsed(store.setting("truth") or "{}") | {"planted": planted}


def refuse(status: int, sentence: str) -> Response:
    """Return an error of the control door."""
    return answer({"error": sentence}, status)
