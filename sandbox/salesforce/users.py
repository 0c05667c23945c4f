"""Users: who works in the organisation: the integration, and a few sales people.

They are the same in every company, so that no chance decides whose an account is: the
customer's number does. The sales people are those whom HubSpot calls owners.
"""

import zlib
from collections.abc import Sequence

from sandbox.salesforce.ids import full_id
from sandbox.shapes import Document

# The user as whom every session writes.
USER_ID = "005Hs0000000001IAA"
_BEGAN = "2020-01-01T00:00:00.000+0000"
_PROFILES = {
    "Minimum Access - API Only Integrations": full_id("00eHs0000000001"),
    "Standard User": full_id("00eHs0000000002"),
}
_INTEGRATION, _STANDARD = _PROFILES.values()


def stamps(created_by: str) -> Document:
    """Return the stamps of what the organisation began with."""
    return {
        "CreatedDate": _BEGAN,
        "CreatedById": created_by,
        "LastModifiedDate": _BEGAN,
        "LastModifiedById": created_by,
        "SystemModstamp": _BEGAN,
    }


def _person(number: int, first: str, last: str, *, is_active: bool = True) -> Document:
    name = f"{first}.{last}".lower()
    return {
        "Id": full_id(f"005Hs000000000{number}"),
        "Username": f"{name}@concord.example",
        "FirstName": first,
        "LastName": last,
        "Email": f"{name}@marketing.example",
        "Alias": f"{first[0]}{last[:4]}".lower(),
        "IsActive": is_active,
        "UserType": "Standard",
        "ProfileId": _STANDARD,
        **stamps(USER_ID),
    }


SELLERS: Sequence[Document] = (
    _person(2, "Mara", "Lindqvist"),
    _person(3, "Theo", "Abara"),
    _person(4, "Yuki", "Sato"),
)
# Somebody who left: some records cannot be given to her any more.
_LEFT = _person(5, "Clara", "Moreau", is_active=False)
USERS: Sequence[Document] = (
    {
        "Id": USER_ID,
        "Username": "integration@concord.example",
        "FirstName": "Concord",
        "LastName": "Integration",
        "Email": "integration@concord.example",
        "Alias": "concord",
        "IsActive": True,
        "UserType": "Standard",
        "ProfileId": _INTEGRATION,
        **stamps(USER_ID),
    },
    *SELLERS,
    _LEFT,
)
PROFILES: Sequence[Document] = tuple(
    {"Id": profile_id, "Name": name, "UserType": "Standard", **stamps(USER_ID)}
    for name, profile_id in _PROFILES.items()
)


def user_of(actor: str) -> str:
    """Return the id of the user as whom a person or a program writes."""
    return str(SELLERS[0]["Id"]) if actor == "human" else USER_ID


def seller_id(number: int) -> str:
    """Return the id of the seller who looks after a customer, by its number."""
    return str(SELLERS[number % len(SELLERS)]["Id"])


def seller_of(key: str) -> str:
    """Return the id of the seller of what is no customer yet, by its key."""
    return seller_id(zlib.crc32(key.encode()))
