"""Pages: one answer of a set, and whether it is what it says of itself."""

from dataclasses import dataclass
from typing import Any

from ingestion.errors import Refused, Transient
from ingestion.transport.rest import Rest

# The most records of a page: operational limits for Business Central Online.
PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The records of a page, and the path of the next one."""

    records: list[dict[str, Any]]
    next: str | None


def page(rest: Rest, path: str, size: int = PAGE, *, is_first: bool = True) -> Answer:
    """Fetch one page; reads go to a copy of the database where there is one.

    Of a set that is one page long, the number of records is known and compared: of a
    longer one, records may come and go while it is read.

    Raises:
        Transient: it holds another number of records than it says.
        Refused: it is no page, or leads to another host.
    """
    headers = {
        "Prefer": f"odata.maxpagesize={size}",
        "Data-Access-Intent": "ReadOnly",
    }
    answer = rest.parsed(rest.get(path, headers=headers))
    records = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(records, list) or not all(
        isinstance(record, dict) for record in records
    ):
        raise Refused(
            rest.system,
            "the answer is no page of records",
            "check that BUSINESS_CENTRAL_URL is the address of the API, then run again",
        )
    link = answer.get("@odata.nextLink")
    if link is not None and not records:
        raise Transient(rest.system, "a page is empty and announces another one")
    counted = answer.get("@odata.count")
    is_whole = is_first and link is None
    if is_whole and counted is not None and counted != len(records):
        raise Transient(
            rest.system,
            f"it counts {counted:,} records and gives {len(records):,}",
        )
    return Answer(records, None if link is None else rest.path_of(link))
