"""Scene: the records in which mistakes are planted, and who already has one."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.company.cast import scaled
from sandbox.company.company import Company
from sandbox.company.facts import Customer
from sandbox.documents import Documents
from sandbox.shapes import KEYS, Document


@dataclass(frozen=True, slots=True)
class Planted:
    """One mistake: the record holds `wrong` in `field` where `expected` is right.

    Without a field the record as a whole is wrong or missing; `note` says how. It
    begins with who repairs it: `automatic`, `approval` (a person agrees first) or
    `person` (a person decides).
    """

    kind: str
    system: str
    object: str
    record_id: str
    field: str | None
    expected: Any
    wrong: Any
    note: str

    @property
    def record_key(self) -> str:
        """Return how a check names the record."""
        return f"{self.system}:{self.object.lower()}:{self.record_id}"


class Scene:
    """The company's records, each found by its id, and the customers still unhurt."""

    def __init__(self, company: Company, documents: Documents, seed: int) -> None:
        """Take the documents: what is planted changes them in place."""
        self.company = company
        self.documents = documents
        self.rng = random.Random(f"{seed}:disorder")
        self._hurt: set[str] = set()
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    def pick(
        self, kind: str, per_400: int, suits: Callable[[Customer], bool]
    ) -> list[Customer]:
        """Return customers nobody picked before. ValueError if too few of them suit.

        A customer with a missing cross reference is spared: with a second mistake on
        top nobody could tell any more to whom its records belong.
        """
        count = scaled(per_400, len(self.company.customers))
        free: Sequence[Customer] = [
            each
            for each in self.company.customers
            if each.key not in self._hurt and not each.missing_links and suits(each)
        ]
        if len(free) < count:
            raise ValueError(
                f"{count} customers are needed for {kind} and {len(free)} suit;"
                " build a larger company or a longer history"
            )
        picked = self.rng.sample(free, count)
        self._hurt.update(each.key for each in picked)
        return picked

    def record(self, system: str, name: str, record_id: object) -> Document:
        """Return the record with this id. KeyError if there is none."""
        place = self._index(system, name)[str(record_id)]
        return self.documents[system][name][place]

    def add(self, system: str, name: str, document: Document) -> None:
        """Add a record."""
        self.documents[system][name].append(document)
        self._places.pop((system, name), None)

    def put(self, system: str, name: str, document: Document) -> None:
        """Put a record in the place of the one with the same id."""
        place = self._index(system, name)[str(document[KEYS[system]])]
        self.documents[system][name][place] = document

    def remove(self, system: str, name: str, record_id: object) -> None:
        """Take a record away. KeyError if there is none."""
        del self.documents[system][name][self._index(system, name)[str(record_id)]]
        self._places.pop((system, name), None)

    def has(self, system: str, name: str, record_id: object) -> bool:
        """Return whether there is a record with this id."""
        return str(record_id) in self._index(system, name)

    def _index(self, system: str, name: str) -> dict[str, int]:
        places = self._places.get((system, name))
        if places is None:
            records: Iterable[Document] = self.documents[system][name]
            key = KEYS[system]
            places = {str(each[key]): place for place, each in enumerate(records)}
            self._places[system, name] = places
        return places
