"""Control: /_sandbox/*, where a test learns the truth, spoils and edits."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Faults
from sandbox.store import KEYS, Store
from sandbox.wire import Api, Refusal, answer, body_of, dump, parse


class Control:
    """The door that no vendor has."""

    def __init__(self, world: Any, store: Store, faults: Faults) -> None:
        """Look at the world, the store and the faults that are waiting."""
        self.world = world
        self.store = store
        self.faults = faults

    def api(self) -> Api:
        """Return the routes."""
        return Api(
            [
                Route("/health", self.health),
                Route("/truth", self.truth),
                Route("/journal", self.journal),
                Route("/records/{system}/{name}", self.records_of),
                Route("/faults", self.plan_faults, methods=["POST"]),
                Route("/edit", self.edit, methods=["POST"]),
            ],
            refuse,
        )

    async def health(self, _request: Request) -> Response:
        """Say that the sandbox is up, what it holds and what time it believes."""
        counts = {
            system: {
                name: len(self.store.collection(system, name))
                for name in self.store.objects(system)
            }
            for system in KEYS
        }
        return answer(
            {"status": "ok", "now": self.store.clock.now(), "records": counts}
        )

    async def truth(self, _request: Request) -> Response:
        """Tell what was planted, and what would be right instead."""
        return answer(truth(self.world))

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

    def _check_object(self, system: str, name: str) -> None:
        if system not in KEYS or name not in self.store.objects(system):
            raise Refusal(refuse(404, f"There is no object {name} in {system}."))

    async def plan_faults(self, request: Request) -> Response:
        """Replace the faults that are waiting for a request."""
        try:
            self.faults.plan(parse(await body_of(request, refuse)))
        except ValueError as error:
            raise Refusal(refuse(400, str(error))) from error
        return answer({"waiting": len(self.faults.waiting)})

    async def edit(self, request: Request) -> Response:
        """Change fields of a record as a person at that vendor's screen would."""
        try:
            wanted = parse(await body_of(request, refuse))
        except ValueError as error:
            raise Refusal(refuse(400, f"Not JSON: {error}")) from error
        if not isinstance(wanted, dict) or not isinstance(wanted.get("fields"), dict):
            sentence = "An edit is {system, object, id, fields: {name: value}}."
            raise Refusal(refuse(400, sentence))
        system, name = str(wanted.get("system")), str(wanted.get("object")).lower()
        record_id = str(wanted.get("id"))
        self._check_object(system, name)
        if self.store.collection(system, name).get(record_id) is None:
            raise Refusal(refuse(404, f"There is no {system} {name} {record_id}."))
        number = self.store.number()
        document = self.store.update(
            system,
            name,
            record_id,
            wanted["fields"],
            actor="human",
            request_id=f"edit_{number}",
        )
        return answer(document)


def truth(world: Any) -> Mapping[str, Any]:
    """Return what was planted in a world, with the record keys that checks name."""
    return {
        "seed": world.company.seed,
        "as_of": world.company.as_of,
        "planted": [
            {"record_key": f"{each.system}:{each.object.lower()}:{each.record_id}"}
            | orjson.loads(dump(each))
            for each in world.planted
        ],
    }


def refuse(status: int, sentence: str) -> Response:
    """Return an error of the control door."""
    return answer({"error": sentence}, status)
