"""Reference: what describes the account: owners, pipelines, schemas, details."""

from starlette.responses import Response

from sandbox.hubspot.definitions import Definitions, described
from sandbox.hubspot.gate import Call, Gate, Path
from sandbox.hubspot.kinds import KINDS, SYSTEM, Kind
from sandbox.hubspot.pipelines import PIPELINES, Pipeline
from sandbox.hubspot.shapes import Document, Problem, flag, whole
from sandbox.hubspot.tokens import PORTAL
from sandbox.instants import to_milliseconds
from sandbox.store import column
from sandbox.wire import answer

MOST_OWNERS = 500
USUAL_OWNERS = 100
OWNERS = "owners"
SINCE = "2024-01-01T00:00:00.000Z"  # when the account was opened


def _dated(path: str, place: str = "/crm") -> tuple[str, ...]:
    name, _, rest = path.partition("/")
    rest = f"/{rest}" if rest else ""
    return (f"{place}/v3/{name}{rest}", f"{place}/{name}/{{version}}{rest}")


class Reference:
    """What an account tells about itself."""

    def __init__(self, definitions: Definitions, gate: Gate) -> None:
        """Read owners from the store and the rest from what never changes."""
        self.definitions = definitions
        self.store = definitions.store
        self.gate = gate

    def paths(self) -> list[Path]:
        """Return the paths."""
        paths = [
            (_dated("owners"), self.owners, _owners),
            (("/crm/v3/owners/",), self.owners, _owners),
            (_dated("owners/{id}"), self.owner, _owners),
            (_dated("pipelines/{type}"), self.pipelines, None),
            (_dated("pipelines/{type}/{id}"), self.pipeline, None),
            (_dated("pipelines/{type}/{id}/stages"), self.stages, None),
            (_dated("pipelines/{type}/{id}/stages/{stage}"), self.stage, None),
            (
                ("/crm/v3/schemas", "/crm-object-schemas/{version}/schemas"),
                self.schemas,
                None,
            ),
            (
                (
                    "/crm/v3/schemas/{type}",
                    "/crm-object-schemas/{version}/schemas/{type}",
                ),
                self.schema,
                None,
            ),
            (
                ("/account-info/v3/details", "/account-info/{version}/details"),
                self.details,
                None,
            ),
            (
                (
                    "/account-info/v3/api-usage/daily/private-apps",
                    "/account-info/{version}/api-usage/daily/private-apps",
                ),
                self.usage,
                None,
            ),
        ]
        return [
            Path(path, {"GET": handler}, needs or (lambda _call: None))
            for places, handler, needs in paths
            for path in places
        ]

    async def owners(self, call: Call) -> Response:
        """Return a page of the people who may own records."""
        query = call.request.query_params
        limit = whole(query.get("limit", USUAL_OWNERS), "limit", 1, MOST_OWNERS)
        after = query.get("after", "")
        if after:
            after = f"{whole(after, 'after', 0, 999_999_999_999_999):015}"
        where = f"{column('archived')} = ? and {column('id')} > ?"
        values: list[str | int] = [int(flag(call.request, "archived")), after]
        if query.get("email"):
            where += f" and {column('email')} = ?"
            values.append(query["email"].lower())
        held = self.store.collection(SYSTEM, OWNERS)
        found = held.find(where, values, order=column("id"), limit=limit + 1)
        body: Document = {"results": found[:limit]}
        if len(found) > limit:
            body["paging"] = {"next": {"after": found[limit - 1]["id"]}}
        return answer(body)

    async def owner(self, call: Call) -> Response:
        """Return one owner, by its own id or its user's."""
        by = call.request.query_params.get("idProperty", "id")
        if by not in ("id", "userId"):
            raise Problem(400, "idProperty must be id or userId")
        found = self.store.collection(SYSTEM, OWNERS).find(
            f"cast({column(by)} as text) = ?", (call.part("id"),), limit=1
        )
        if not found or found[0]["archived"] != flag(call.request, "archived"):
            raise Problem(404, "resource not found")
        return answer(found[0])

    async def pipelines(self, call: Call) -> Response:
        """Return the pipelines of a kind."""
        found = PIPELINES.get(call.kind.name, ())
        return answer({"results": [_pipeline(each) for each in found]})

    def _found(self, call: Call) -> Document:
        for each in PIPELINES.get(call.kind.name, ()):
            if each.id == call.part("id"):
                return _pipeline(each)
        raise Problem(404, f"Pipeline {call.part('id')} does not exist")

    async def pipeline(self, call: Call) -> Response:
        """Return one pipeline."""
        return answer(self._found(call))

    async def stages(self, call: Call) -> Response:
        """Return the stages of a pipeline."""
        return answer({"results": self._found(call)["stages"]})

    async def stage(self, call: Call) -> Response:
        """Return one stage of a pipeline."""
        for each in self._found(call)["stages"]:
            if each["id"] == call.part("stage"):
                return answer(each)
        raise Problem(404, f"Stage {call.part('stage')} does not exist")

    async def schemas(self, _call: Call) -> Response:
        """Return the account's own object types: it has none."""
        return answer({"results": []})

    async def schema(self, call: Call) -> Response:
        """Return what is known of one kind, with its properties."""
        return answer(self._schema(call.kind))

    def _schema(self, kind: Kind) -> Document:
        defined = self.definitions.of(kind).values()
        return {
            "id": kind.type_id,
            "name": kind.singular,
            "objectTypeId": kind.type_id,
            "fullyQualifiedName": kind.label,
            "labels": {
                "singular": kind.singular.replace("_", " ").capitalize(),
                "plural": kind.name.replace("_", " ").capitalize(),
            },
            "primaryDisplayProperty": kind.shown[0],
            "requiredProperties": [],
            "searchableProperties": list(kind.searched),
            "secondaryDisplayProperties": [],
            "properties": [described(kind, each) for each in defined],
            "associations": [
                {"fromObjectTypeId": kind.type_id, "toObjectTypeId": other.type_id}
                for other in KINDS
                if other is not kind
            ],
            "archived": False,
        }

    async def details(self, _call: Call) -> Response:
        """Return the account's own details."""
        return answer(
            {
                "portalId": PORTAL,
                "accountType": "STANDARD",
                "timeZone": "UTC",
                "companyCurrency": "USD",
                "additionalCurrencies": ["EUR", "GBP", "JPY"],
                "utcOffset": "+00:00",
                "utcOffsetMilliseconds": 0,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "na1",
            }
        )

    async def usage(self, _call: Call) -> Response:
        """Return how many calls of the day are used up."""
        now = self.store.clock.now()
        used, most = self.gate.used_today()
        midnight = now.replace(hour=23, minute=59, second=59, microsecond=999_000)
        usage = {
            "name": "private-apps-api-calls-daily",
            "currentUsage": used,
            "usageLimit": most,
            "collectedAt": to_milliseconds(now),
            "fetchStatus": "SUCCESS",
            "resetsAt": to_milliseconds(midnight),
        }
        return answer({"results": [usage]})


def _owners(_call: Call) -> str | None:
    return "crm.objects.owners.read"


def _pipeline(pipeline: Pipeline) -> Document:
    always = {"createdAt": SINCE, "updatedAt": SINCE, "archived": False}
    return {
        "id": pipeline.id,
        "label": pipeline.label,
        "displayOrder": 0,
        "stages": [
            {
                "id": stage.id,
                "label": stage.label,
                "displayOrder": place,
                "metadata": dict(stage.metadata),
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                **always,
            }
            for place, stage in enumerate(pipeline.stages)
        ],
        **always,
    }
