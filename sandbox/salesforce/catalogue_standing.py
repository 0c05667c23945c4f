"""Catalogue: what stands before any business: the organisation and who works in it.

Their records are never deleted and have no IsDeleted. The session's user may not change
them: its profile has none of the permissions for that.
"""

from sandbox.salesforce.field import Field
from sandbox.salesforce.shorthand import FULL_NAME, standing

USER_TYPES = ("Standard", "PowerPartner", "CspLitePortal", "Guest", "CloudIntegration")

ORGANIZATION = standing(
    "Organization",
    "00D",
    Field("Name", "string", 80, writable=False),
    Field("IsSandbox", "boolean", writable=False),
    Field("InstanceName", "string", 5, writable=False),
    Field("OrganizationType", "string", 40, writable=False),
)
PROFILE = standing(
    "Profile",
    "00e",
    Field("Name", "string", 255, writable=False),
    Field("UserType", "picklist", 40, writable=False, picklist=USER_TYPES),
)
USER = standing(
    "User",
    "005",
    Field("Username", "string", 80, writable=False),
    FULL_NAME,
    Field("FirstName", "string", 40, writable=False),
    Field("LastName", "string", 80, writable=False),
    Field("Email", "email", 128, writable=False),
    Field("Alias", "string", 8, writable=False),
    Field("IsActive", "boolean", writable=False),
    Field("UserType", "picklist", 40, writable=False, picklist=USER_TYPES),
    Field("ProfileId", "reference", 18, "Profile", "Users", writable=False),
)
