"""Control: /_sandbox/*, where a test learns the truth, spoils, edits and moves time."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.faultdoor import Trace
from sandbox.faults import Faults, rates_of
from sandbox.page import page
from sandbox.store import Store, parsed
from sandbox.wire import Api, Refusal, answer, body_of, dump, parse

OWN = "sandbox"  # the system under which the store keeps the sandbox's own papers
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
                name: len(self.store.collection(system, name))
                for name in self.store.objects(system)
            }
            for system in self.systems()
        }

    async def page(self, _request: Request) -> Response:
        """Show what the sandbox holds, for people."""
        kinds: dict[str, int] = {}
        for each in truth(self.store)["planted"]:
            kinds[each["kind"]] = kinds.get(each["kind"], 0) + 1
        return HTMLResponse(
            page(self.store, self.counts(), kinds, self.faults.waiting, self.trace)
        )

    async def health(self, _request: Request) -> Response:
        """Say that the sandbox is up, what it holds and what time it believes."""
        now = self.store.clock.now()
        return answer({"status": "ok", "now": now, "records": self.counts()})

    async def truth(self, _request: Request) -> Response:
        """Tell what was planted, and what would be right instead."""
        return answer(truth(self.store))

    async def journal(self, request: Request) -> Response:
        """Tell every write since the start; `?after=n` leaves out the first n lines."""
        text = request.query_params.get("after", "0")
        if not text.isdecimal():
            raise Refusal(refuse(400, "after must be a whole number."))
        lines = self.store.journal[int(text) :]
        return answer({"journal": [asdict(line) for line in lines]})

    async def records_of(self, request: Request) -> Response:
        """Hand out all documents of one object as they stand."""
        system, name = request.path_params["system"], request.path_params["name"]
        self._check_object(system, name.lower())
        return answer({"records": list(self.store.collection(system, name))})

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
            wanted = await _json(request)
            if not isinstance(wanted, dict) or not all(
                isinstance(each, dict) for each in wanted.values()
            ):
                sentence = "Conditions are {system: {name: value, or null}}."
                raise Refusal(refuse(400, sentence))
            try:
                for each in wanted.values():
                    if each.get("faults") is not None:
                        each["faults"] = rates_of(each["faults"])
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
            self.store.clock.advance(_seconds(wanted, "advance"))
        return answer({"now": self.store.clock.now()})

    async def traced(self, request: Request) -> Response:
        """Begin a trace of every byte, or tell its hash so far."""
        if request.method == "POST":
            self.trace.begin()
        return answer({"sha256": self.trace.digest, "exchanges": self.trace.exchanges})

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
        world: has `documents`, `planted` and `company`; `sandbox.world.World` does.
    """
    store.load(world.documents)
    company = {"seed": world.company.seed, "as_of": world.company.as_of}
    store.remember("truth", dump(company).decode())
    planted = [
        {
            "id": str(number),
            "record_key": f"{each.system}:{each.object.lower()}:{each.record_id}",
            **parse(dump(each)),
        }
        for number, each in enumerate(world.planted)
    ]
    store.load({OWN: {"planted": planted}})


def truth(store: Store) -> dict[str, Any]:
    """Return what was planted, with the record keys that checks name."""
    planted = list(store.collection(OWN, "planted"))
    for each in planted:
        del each["id"]
    return parsed(store.setting("truth") or "{}") | {"planted": planted}


def refuse(status: int, sentence: str) -> Response:
    """Return an error of the control door."""
    return answer({"error": sentence}, status)
