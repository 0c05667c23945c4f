"""Zendesk's side-loading: `include=users,groups` puts the related records beside."""

from collections.abc import Iterable, Sequence

import orjson
from starlette.requests import Request

from sandbox.store import Document
from sandbox.wire import listing
from sandbox.zendesk.account import Account
from sandbox.zendesk.drift import shown
from sandbox.zendesk.kinds import GROUP, ORGANIZATION, TICKET, USER, Kind

# Which fields of a record name records of another kind.
_LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "ticket": {
        "users": (
            "requester_id",
            "submitter_id",
            "assignee_id",
            "collaborator_ids",
            "follower_ids",
        ),
        "organizations": ("organization_id",),
        "groups": ("group_id",),
    },
    "user": {"organizations": ("organization_id",), "groups": ("default_group_id",)},
    "organization": {"groups": ("group_id",)},
    "group_membership": {"users": ("user_id",), "groups": ("group_id",)},
    "organization_membership": {
        "users": ("user_id",),
        "organizations": ("organization_id",),
    },
    "ticket_audit": {"users": ("author_id",), "tickets": ("ticket_id",)},
    "comment": {"users": ("author_id",)},
}
_KINDS = {each.plural: each for each in (USER, ORGANIZATION, GROUP, TICKET)}


def asked_for(request: Request) -> tuple[str, ...]:
    """Return the names of the query's `include`."""
    return tuple(filter(None, request.query_params.get("include", "").split(",")))


def beside(
    account: Account, name: str, documents: Iterable[Document], include: Sequence[str]
) -> dict[str, orjson.Fragment]:
    """Return the related records by their plural; unknown names are passed over."""
    links = _LINKS.get(name, {})
    wanted = {each: _KINDS[each] for each in include if each in links}
    if not wanted:
        return {}
    ids: dict[str, dict[str, None]] = {each: {} for each in wanted}
    for document in documents:
        for plural in wanted:
            for field in links[plural]:
                value = document.get(field)
                values = value if isinstance(value, list) else [value]
                ids[plural] |= {str(each): None for each in values if each}
    return {
        plural: listing(json_of(account, kind, list(ids[plural])))
        for plural, kind in wanted.items()
    }


def json_of(
    account: Account, kind: Kind, ids: Sequence[str], where: str = "1"
) -> list[bytes]:
    """Return the JSON of the records with these ids, in the order of the ids."""
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    found = dict(
        account.held(kind.name).select(
            f"id, {shown(account, kind)}", f"id in ({marks}) and {where}", ids
        )
    )
    return [found[each].encode() for each in ids if each in found]
