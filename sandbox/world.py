"""World: a company, what its systems say of it, and which of that is wrong."""

from dataclasses import dataclass
from datetime import date

from sandbox.company.company import Company, build
from sandbox.disorder.plant import Planted, plant
from sandbox.documents import Documents, documents
from sandbox.shapes import KEYS, Document


@dataclass(frozen=True)
class World:
    """The truth, the records and the mistakes planted in the records."""

    company: Company
    documents: Documents
    planted: tuple[Planted, ...]

    def tables(self, system: str) -> dict[str, dict[str, Document]]:
        """Return a system's records by object and id."""
        key = KEYS[system]
        return {
            name: {str(record[key]): record for record in records}
            for name, records in self.documents[system].items()
        }


def build_world(
    seed: int, customers: int, months: int, as_of: date, *, disorder: bool = True
) -> World:
    """Build the same world for the same arguments; ValueError if it is too small."""
    company = build(seed, customers, months, as_of)
    records = documents(company)
    planted = plant(company, records, seed) if disorder else ()
    return World(company, records, tuple(planted))
