"""Zendesk's users: matched by address or external id, deleted in two steps."""

import re
from typing import Any

from sandbox.store import Document, column
from sandbox.zendesk.kinds import USER, USER_FIELD
from sandbox.zendesk.records import Records, Rejected, wrong
from sandbox.zendesk.shapes import problem

ROLES = ("end-user", "agent", "admin")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SAME_EMAIL = f"{column('email')} = ? collate nocase"


class Users(Records):
    """The users of one account."""

    kind = USER
    custom_kind = USER_FIELD
    writable = {  # noqa: RUF012 -- nobody changes it
        "name": "text",
        "email": "text",
        "role": "text",
        "external_id": "text",
        "organization_id": "number",
        "default_group_id": "number",
        "alias": "text",
        "details": "text",
        "notes": "text",
        "phone": "text",
        "locale": "text",
        "time_zone": "text",
        "tags": "texts",
        "verified": "flag",
        "suspended": "flag",
    }

    def by_email(self, email: Any) -> Document | None:
        """Return the user with this address."""
        if not isinstance(email, str):
            return None
        self.account.index("user", f"{column('email')} collate nocase")
        found = self.held.find(f"{_SAME_EMAIL} and {USER.shown}", (email,), limit=1)
        return found[0] if found else None

    def match(self, item: Document) -> Document | None:
        """Return the user that a create-or-update means: by address, then by id."""
        return self.by_email(item.get("email")) or super().match(item)

    def create(self, item: Document, request_id: str) -> Document:
        """Add a user."""
        self._rules(item, None)
        document = self.begun() | {
            "name": None,
            "email": None,
            "role": "end-user",
            "organization_id": None,
            "default_group_id": None,
            "active": True,
            "verified": False,
            "suspended": False,
            "external_id": None,
            "alias": None,
            "details": None,
            "notes": None,
            "phone": None,
            "locale": "en-US",
            "time_zone": "Etc/UTC",
            "tags": [],
            "created_at": self.account.now(),
        }
        return self.add(document, item, request_id)

    def update(self, document: Document, item: Document, request_id: str) -> Document:
        """Change a user."""
        self._rules(item, document)
        return self.set(document, self.changes(item), request_id)

    def delete(self, document: Document, request_id: str) -> None:
        """Delete a user, who stays in exports without a right to sign in."""
        self.check({}, document)
        self.set(document, {"active": False}, request_id)

    def delete_for_good(self, document: Document, request_id: str) -> Document:
        """Forget a deleted user: only the id stays."""
        fields = {
            "name": "Permanently Deleted User",
            "email": None,
            "external_id": None,
            "phone": None,
            "details": None,
            "notes": None,
            "alias": None,
            "permanently_deleted": True,
        }
        return self.set(document, fields, request_id)

    def _rules(self, item: Document, document: Document | None) -> None:
        self.check(item, document)
        self.named(item, document, "name")
        email = item.get("email")
        if email is not None:
            if not _ADDRESS.fullmatch(email):
                sentence = f"{email} is not properly formatted"
                raise wrong("email", sentence, "InvalidValue")
            other = self.by_email(email)
            if other is not None and (not document or other["id"] != document["id"]):
                sentence = f"{email} is already being used by another user"
                raise wrong("email", sentence, "DuplicateValue")
        if item.get("role") not in (None, *ROLES):
            raise wrong("role", "is not included in the list", "InvalidValue")
        number = item.get("organization_id")
        if number is not None and not self.account.held("organization").count(
            "id = ?", (str(number),)
        ):
            raise Rejected(problem("organization", "is invalid", "InvalidValue"))
