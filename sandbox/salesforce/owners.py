"""Owners: to whom a record may be given."""

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject

# Since Spring '15 these may be given to somebody who left, as may custom objects
# (release notes, quoted in github.com/SalesforceFoundation/NPSP/pull/1484).
_KEPT_BY_INACTIVE = ("Account", "Opportunity")


def check_owner(sobject: SObject, user: Mapping[str, Any]) -> None:
    """Refuse to give a record to a user who left, where that matters."""
    if user.get("IsActive") or sobject.custom or sobject.name in _KEPT_BY_INACTIVE:
        return
    sentence = (
        f"operation performed with inactive user [{user['Id'][:15]}] as owner of "
        f"{sobject.name.lower()}"
    )
    raise Refused("INACTIVE_OWNER_OR_USER", sentence)


def check_owner_kept(changes: Mapping[str, Any]) -> None:
    """Refuse to leave a record without an owner."""
    if changes.get("OwnerId", "") is None:
        sentence = "Owner ID: owner cannot be blank"
        raise Refused("INVALID_CROSS_REFERENCE_KEY", sentence, ("OwnerId",))
