"""Zendesk's kinds of records: their names, and which of them are shown."""

from dataclasses import dataclass

from sandbox.store import column


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    Attributes:
        name: in a body, and of the store's collection.
        plural: in a path and in a list.
        label: in a sentence.
        shown: SQL that leaves out what lists don't show. The plus keeps SQLite from
            searching by it: nearly all records are shown.
        gone: SQL that finds the rest by an index over `marked`.
        marked: the expression that tells them apart.
        custom: the field that holds fields of the account's own.
    """

    name: str
    plural: str
    label: str
    shown: str = "1"
    custom: str = ""
    gone: str = ""
    marked: str = ""


ORGANIZATION = Kind(
    "organization",
    "organizations",
    "Organization",
    shown=f"+{column('deleted_at')} is null",
    custom="organization_fields",
    gone=f"{column('deleted_at')} > ''",
    marked=column("deleted_at"),
)
USER = Kind(
    "user",
    "users",
    "User",
    shown=f"+{column('active')} is not 0",
    custom="user_fields",
    gone=f"{column('active')} = 0",
    marked=column("active"),
)
TICKET = Kind(
    "ticket",
    "tickets",
    "Ticket",
    shown=f"+{column('status')} is not 'deleted'",
    gone=f"{column('status')} = 'deleted'",
    marked=column("status"),
)
GROUP = Kind("group", "groups", "Group")
GROUP_MEMBERSHIP = Kind("group_membership", "group_memberships", "Group membership")
MEMBERSHIP = Kind(
    "organization_membership", "organization_memberships", "Organization membership"
)
TICKET_FIELD = Kind("ticket_field", "ticket_fields", "Ticket field")
ORGANIZATION_FIELD = Kind(
    "organization_field", "organization_fields", "Organization field"
)
USER_FIELD = Kind("user_field", "user_fields", "User field")
AUDIT = Kind("ticket_audit", "audits", "Audit")
RATING = Kind("satisfaction_rating", "satisfaction_ratings", "Satisfaction rating")

RECORDS = (ORGANIZATION, USER, TICKET)
DEFINITIONS = (TICKET_FIELD, ORGANIZATION_FIELD, USER_FIELD)
