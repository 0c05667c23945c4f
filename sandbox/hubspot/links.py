"""Links: associations between records, and the types that label them.

Each association is held twice, once from either side, so that both ends find it by an
index. The first company of a contact, deal or ticket is its primary one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.hubspot.kinds import SYSTEM, Kind, kind_named
from sandbox.hubspot.shapes import Document, Problem
from sandbox.store import Store, column

LINKS = "associations"
LABELS = "association_labels"
DEFINED, OWN = "HUBSPOT_DEFINED", "USER_DEFINED"
FIRST_LABEL = 100  # numbers of the types that an account makes itself

Spec = tuple[str, int]  # category and number of a type
End = tuple[Kind, str]
Wanted = tuple[Kind, str, list[Spec]]

# HubSpot's numbers, the same in every account, by direction: unlabelled, primary.
# Those of the pairs with leads and between equals are believed, unverified.
_TYPES: dict[tuple[str, str], tuple[int, int | None]] = {
    ("contacts", "companies"): (279, 1),
    ("companies", "contacts"): (280, 2),
    ("deals", "contacts"): (3, None),
    ("contacts", "deals"): (4, None),
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("contacts", "tickets"): (15, None),
    ("tickets", "contacts"): (16, None),
    ("deals", "line_items"): (19, None),
    ("line_items", "deals"): (20, None),
    ("companies", "tickets"): (340, 25),
    ("tickets", "companies"): (339, 26),
    ("deals", "tickets"): (27, None),
    ("tickets", "deals"): (28, None),
    ("deals", "quotes"): (63, None),
    ("quotes", "deals"): (64, None),
    ("quotes", "line_items"): (67, None),
    ("line_items", "quotes"): (68, None),
    ("quotes", "contacts"): (69, None),
    ("contacts", "quotes"): (70, None),
    ("quotes", "companies"): (71, None),
    ("companies", "quotes"): (72, None),
    ("leads", "contacts"): (608, 578),
    ("contacts", "leads"): (609, 579),
    ("leads", "companies"): (610, None),
    ("companies", "leads"): (611, None),
    ("contacts", "contacts"): (449, None),
    ("companies", "companies"): (450, None),
    ("deals", "deals"): (451, None),
    ("tickets", "tickets"): (452, None),
}
PARENT_TO_CHILD, CHILD_TO_PARENT = 13, 14


def unlabelled(kind: Kind, to: Kind) -> Spec:
    """Return the type of an association without a label; a 400 if there is none."""
    found = _TYPES.get((kind.name, to.name))
    if found is None:
        raise Problem(400, f"{kind.label} and {to.label} cannot be associated")
    return (DEFINED, found[0])


def _primary(kind: Kind, to: Kind) -> Spec | None:
    number = _TYPES.get((kind.name, to.name), (0, None))[1]
    return None if number is None else (DEFINED, number)


class Links:
    """The associations of one account."""

    def __init__(self, store: Store) -> None:
        """Write to the store."""
        self.store = store
        self.held = store.collection(SYSTEM, LINKS)
        self.held.index("from", "toType", "toId")
        self.labels = store.collection(SYSTEM, LABELS)

    def of(
        self, kind: Kind, record_id: str, to: Kind, after: str = "", limit: int = -1
    ) -> list[Document]:
        """Return the associations of a record with another kind, by the other's id."""
        return self.held.find(
            f"{column('from')} = ? and {column('toType')} = ? and {column('toId')} > ?",
            (f"{kind.name}:{record_id}", to.name, after),
            order=column("toId"),
            limit=limit,
        )

    def types(self, kind: Kind, to: Kind) -> list[Document]:
        """Return the types that an association in this direction may have."""
        plain = unlabelled(kind, to)
        found = [{"category": DEFINED, "typeId": plain[1], "label": None}]
        primary = _primary(kind, to)
        if primary is not None:
            found.append(
                {"category": DEFINED, "typeId": primary[1], "label": "Primary"}
            )
        if kind.name == to.name == "companies":
            found += [
                {"category": DEFINED, "typeId": number, "label": label}
                for number, label in (
                    (PARENT_TO_CHILD, "Child Company"),
                    (CHILD_TO_PARENT, "Parent Company"),
                )
            ]
        mine = self.labels.find(f"{column('pair')} = ?", (f"{kind.name}:{to.name}",))
        return found + [
            {"category": OWN, "typeId": each["typeId"], "label": each["label"]}
            for each in mine
        ]

    def specs(self, kind: Kind, to: Kind, given: object) -> list[Spec]:
        """Return the types that a request names; a 400 for an unknown one."""
        if not isinstance(given, list):
            raise Problem(400, "Invalid input JSON: types must be a list")
        known = {(each["category"], each["typeId"]) for each in self.types(kind, to)}
        specs = []
        for each in given:
            spec = each if isinstance(each, dict) else {}
            pair = (spec.get("associationCategory"), spec.get("associationTypeId"))
            if not all(isinstance(part, str | int) for part in pair) or (
                pair not in known
            ):
                raise Problem(
                    400,
                    f"{pair[0]} association type {pair[1]} does not exist between"
                    f" {kind.label} and {to.label}",
                )
            specs.append((str(pair[0]), int(str(pair[1]))))
        return specs or [unlabelled(kind, to)]

    def wanted(self, kind: Kind, given: object) -> list[Wanted]:
        """Return the associations that the body of a create asks for."""
        if given is None:
            return []
        if not isinstance(given, list) or not all(isinstance(e, dict) for e in given):
            raise Problem(400, "Invalid input JSON: associations must be a list")
        wanted = []
        for each in given:
            target = each.get("to")
            record_id = target.get("id") if isinstance(target, dict) else None
            types = each.get("types")
            if not isinstance(record_id, str | int) or not isinstance(types, list):
                raise Problem(400, "An association needs to.id and types")
            to = self._target(kind, types)
            specs = self.specs(kind, to, types)
            wanted.append((to, str(record_id), specs))
        return wanted

    def _target(self, kind: Kind, types: Sequence[Any]) -> Kind:
        """Return the kind at the other end, which only the types tell."""
        first = types[0] if types and isinstance(types[0], dict) else {}
        number = first.get("associationTypeId")
        if first.get("associationCategory") == OWN:
            for label in self.labels:
                origin, _, name = label["pair"].partition(":")
                if label["typeId"] == number and origin == kind.name:
                    return kind_named(name) or kind
        for (origin, name), numbers in _TYPES.items():
            if origin == kind.name and number in numbers and number is not None:
                return kind_named(name) or kind
        if kind.name == "companies" and number in (PARENT_TO_CHILD, CHILD_TO_PARENT):
            return kind
        raise Problem(400, f"Unknown association type {number} of {kind.label}")

    def put(self, start: End, end: End, specs: Sequence[Spec], request_id: str) -> None:
        """Associate two records, or add types to their association."""
        kind, to = start[0], end[0]
        types, back = list(specs), [self._back(kind, to, spec) for spec in specs]
        plain = unlabelled(kind, to)
        primary, mirrored = _primary(kind, to), _primary(to, kind)
        if plain not in types:
            types.append(plain)
            back.append(unlabelled(to, kind))
        if primary and mirrored:
            # A lead's contact, and everybody's company, may be the primary one.
            inward = to.name == "companies" or kind.name == "leads"
            one, many = (start, to) if inward else (end, kind)
            mine = primary if inward else mirrored
            others = self.of(*one, many)
            if not others and primary not in types:
                types.append(primary)
                back.append(mirrored)
            elif primary in types:
                self._demote(one, many, others, mine, request_id)
        self._add(start, end, types, request_id)
        self._add(end, start, back, request_id)

    def _demote(
        self,
        one: End,
        many: Kind,
        others: Sequence[Document],
        primary: Spec,
        request_id: str,
    ) -> None:
        """Make room for another primary association: a record has one at most."""
        for other in others:
            if list(primary) in other["types"]:
                self.take(one, (many, other["toId"]), request_id, [primary])

    def _back(self, kind: Kind, to: Kind, spec: Spec) -> Spec:
        """Return the type that an association has seen from its other end."""
        category, number = spec
        if category == OWN:
            return next(
                (
                    (OWN, each["inverse"])
                    for each in self.labels
                    if each["typeId"] == number
                ),
                spec,
            )
        if number in (PARENT_TO_CHILD, CHILD_TO_PARENT) and kind.name == "companies":
            return (DEFINED, PARENT_TO_CHILD + CHILD_TO_PARENT - number)
        if spec == _primary(kind, to):
            return _primary(to, kind) or unlabelled(to, kind)
        return unlabelled(to, kind)

    def _add(
        self,
        start: End,
        end: End,
        specs: Sequence[Spec],
        request_id: str,
    ) -> None:
        document = link(start[0].name, start[1], end[0].name, end[1], specs)
        before = self.held.get(document["id"])
        if before is not None:
            kept = [each for each in before["types"] if each not in document["types"]]
            document["types"] = [*kept, *document["types"]]
            if document["types"] == before["types"]:
                return
        self.store.create(SYSTEM, LINKS, document, actor="api", request_id=request_id)

    def take(
        self,
        start: End,
        end: End,
        request_id: str,
        specs: Sequence[Spec] = (),
    ) -> None:
        """End an association, or take only these types from it."""
        ends = [(start, end, specs)]
        back = [self._back(start[0], end[0], spec) for spec in specs]
        ends.append((end, start, back))
        for (kind, record_id), (to, to_id), gone in ends:
            name = link_id(kind.name, record_id, to.name, to_id)
            held = self.held.get(name)
            if held is None:
                continue
            left = [each for each in held["types"] if tuple(each) not in gone]
            if specs and left:
                who: Mapping[str, str] = {"actor": "api", "request_id": request_id}
                self.store.update(SYSTEM, LINKS, name, {"types": left}, **who)
            else:
                self.store.delete(
                    SYSTEM, LINKS, name, actor="api", request_id=request_id
                )

    def drop_all(self, kind: Kind, record_id: str, request_id: str) -> None:
        """End all associations of a record."""
        for each in self.held.find(
            f"{column('from')} = ?", (f"{kind.name}:{record_id}",)
        ):
            to = kind_named(each["toType"])
            if to is not None:
                self.take((kind, record_id), (to, each["toId"]), request_id)

    def move(self, kind: Kind, gone: str, kept: str, request_id: str) -> None:
        """Give a record's associations to the record that took it in."""
        for each in self.held.find(f"{column('from')} = ?", (f"{kind.name}:{gone}",)):
            to = kind_named(each["toType"])
            if to is None:
                continue
            self.take((kind, gone), (to, each["toId"]), request_id)
            if (to.name, each["toId"]) != (kind.name, kept):
                primary = _primary(kind, to)
                specs = [
                    (category, number)
                    for category, number in each["types"]
                    if (category, number) != primary
                ]
                self.put((kind, kept), (to, each["toId"]), specs, request_id)


def link_id(origin: str, record_id: str, to: str, to_id: str) -> str:
    """Return the name of one direction of an association."""
    return f"{origin}:{record_id}:{to}:{to_id}"


def link(
    origin: str, record_id: str, to: str, to_id: str, specs: Sequence[Spec]
) -> Document:
    """Return one direction of an association as it is kept."""
    return {
        "id": link_id(origin, record_id, to, to_id),
        "from": f"{origin}:{record_id}",
        "toType": to,
        "toId": to_id,
        "types": [list(spec) for spec in dict.fromkeys(specs)],
    }
