"""Indexes: what pages, links and lookups go by in a table of a million rows."""

from collections.abc import Mapping

from sandbox.netsuite.tables import LINKS, TABLES, TYPES, number_of
from sandbox.store import Store, column

_RECORD = (
    "cast(id as integer), id",
    f"{column('lastmodifieddate')}, cast(id as integer)",
    column("externalid"),
)
_BOTH_DOCS = ("previousdoc", "nextdoc")


# What pages, links and lookups go by: every one of them must find its rows at once in
# a table of a million.
_INDEXES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("customer", "item"), _RECORD),
    **dict.fromkeys(TYPES, (*_RECORD, number_of("entity"))),
    "transactionline": (
        f"{number_of('transaction')}, {number_of('linesequencenumber')}",
        number_of("item"),
    ),
    **dict.fromkeys(
        LINKS,
        (
            ", ".join(number_of(name) for name in _BOTH_DOCS),
            number_of("nextdoc"),
        ),
    ),
    "entityaddress": _RECORD[:1],
    "deletedrecord": (column("deleteddate"), column("recordid")),
}
_PAPERS: Mapping[str, tuple[str, ...]] = {
    "_token": (),
    "_certificate": (),
    "_assertion": ("until",),
    "_nonce": ("until",),
    "_sequence": (),
    "_job": ("done", "due"),
    "_idempotency": (),
}
_UNIQUE_FIELDS = {"customer": "entityid", "item": "itemid"}


def prepare(store: Store) -> None:
    """Make the collections of all tables and papers, and their indexes.

    One that first appeared within a transaction would vanish if that is taken back.
    """
    for name, paths in _PAPERS.items():
        papers = store.collection("netsuite", name)
        if paths:
            papers.index(*paths)
    for table in TABLES.values():
        for name in table.objects:
            held = store.collection("netsuite", name)
            wanted = [*_INDEXES.get(name, ())]
            if name in _UNIQUE_FIELDS:
                wanted.append(column(_UNIQUE_FIELDS[name]))
            for place, columns in enumerate(wanted):
                store.run(
                    f'create index if not exists "netsuite/{name}/{place}"'
                    f" on {held.table} ({columns})"
                )
