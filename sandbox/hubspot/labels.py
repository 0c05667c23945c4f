"""Labels: the types of associations that an account makes itself."""

from starlette.responses import Response

from sandbox.hubspot.associations import MANY, scope_of_pair
from sandbox.hubspot.gate import Call, Path
from sandbox.hubspot.kinds import SYSTEM
from sandbox.hubspot.links import FIRST_LABEL, LABELS, Links
from sandbox.hubspot.shapes import Document, Problem, object_body
from sandbox.store import Store
from sandbox.wire import answer


class Labels:
    """The types between two kinds."""

    def __init__(self, store: Store, links: Links) -> None:
        """Keep labels in the store."""
        self.store = store
        self.links = links

    def paths(self) -> list[Path]:
        """Return the paths."""
        all_of_pair = {
            "GET": self.labels,
            "POST": self.add_label,
            "PUT": self.rename_label,
        }
        one = {"DELETE": self.drop_label}
        return [
            Path(prefix + path, handlers, scope_of_pair)
            for prefix in MANY
            for path, handlers in (
                ("/{from}/{to}/labels", all_of_pair),
                ("/{from}/{to}/labels/{label}", one),
            )
        ]

    def _request_id(self) -> str:
        return f"hs_{self.store.number()}"

    async def labels(self, call: Call) -> Response:
        """Return the types between two kinds."""
        types = self.links.types(call.kind_in("from"), call.kind_in("to"))
        return answer({"results": types})

    async def add_label(self, call: Call) -> Response:
        """Make a label, and its inverse for the other direction."""
        kind, to = call.kind_in("from"), call.kind_in("to")
        body = await object_body(call.request)
        label, inverse = body.get("label"), body.get("inverseLabel")
        if (
            not isinstance(label, str)
            or not label
            or not isinstance(body.get("name"), str)
        ):
            raise Problem(400, "A label needs a label and a name")
        number = FIRST_LABEL + 2 * len(self.links.labels)
        made = [(kind, to, number, label, number + 1)]
        back = inverse if isinstance(inverse, str) and inverse else label
        made.append((to, kind, number + 1, back, number))
        request_id = self._request_id()
        with self.store.transaction():
            for origin, end, own, shown, other in made:
                paper = {
                    "id": str(own),
                    "pair": f"{origin.name}:{end.name}",
                    "typeId": own,
                    "label": shown,
                    "inverse": other,
                }
                self.store.create(
                    SYSTEM, LABELS, paper, actor="api", request_id=request_id
                )
        results = [
            {"category": "USER_DEFINED", "typeId": own, "label": shown}
            for _, _, own, shown, _ in made
        ]
        return answer({"results": results})

    async def rename_label(self, call: Call) -> Response:
        """Change the text of a label."""
        body = await object_body(call.request)
        label = body.get("label")
        if not isinstance(label, str) or not label:
            raise Problem(400, "A label needs a text")
        number = str(body.get("associationTypeId"))
        self._own(call, number)
        self.store.update(
            SYSTEM,
            LABELS,
            number,
            {"label": label},
            actor="api",
            request_id=self._request_id(),
        )
        return Response(status_code=204)

    async def drop_label(self, call: Call) -> Response:
        """Delete a label with its inverse."""
        held = self._own(call, call.part("label"))
        request_id = self._request_id()
        with self.store.transaction():
            for number in (held["typeId"], held["inverse"]):
                self.store.delete(
                    SYSTEM, LABELS, number, actor="api", request_id=request_id
                )
        return Response(status_code=204)

    def _own(self, call: Call, number: str) -> Document:
        held = self.links.labels.get(number)
        pair = f"{call.kind_in('from').name}:{call.kind_in('to').name}"
        if held is None or held["pair"] != pair:
            raise Problem(404, f"No label {number} of this account between them")
        return held
