"""Zendesk's organizations: unique names, and what they leave behind when deleted."""

from sandbox.store import Document, column
from sandbox.zendesk.kinds import ORGANIZATION, ORGANIZATION_FIELD, TICKET
from sandbox.zendesk.records import Records, wrong
from sandbox.zendesk.tickets import Tickets

# Compared without case, as Zendesk's own database compares names.
_SAME_NAME = f"{column('name')} = ? collate nocase"


class Organizations(Records):
    """The organizations of one account."""

    kind = ORGANIZATION
    custom_kind = ORGANIZATION_FIELD
    writable = {  # noqa: RUF012 -- nobody changes it
        "name": "text",
        "external_id": "text",
        "details": "text",
        "notes": "text",
        "domain_names": "texts",
        "tags": "texts",
        "group_id": "number",
        "shared_tickets": "flag",
        "shared_comments": "flag",
    }
    tickets: Tickets

    def create(self, item: Document, request_id: str) -> Document:
        """Add an organization."""
        self.check(item, None)
        self.named(item, None, "name")
        self._unique(item["name"], None)
        document = self.begun() | {
            "name": None,
            "external_id": None,
            "domain_names": [],
            "details": None,
            "notes": None,
            "group_id": None,
            "shared_tickets": False,
            "shared_comments": False,
            "tags": [],
            "created_at": self.account.now(),
        }
        return self.add(document, item, request_id)

    def update(self, document: Document, item: Document, request_id: str) -> Document:
        """Change an organization."""
        self.check(item, document)
        self.named(item, document, "name")
        if "name" in item:
            self._unique(item["name"], document["id"])
        return self.set(document, self.changes(item), request_id)

    def delete(self, document: Document, request_id: str) -> None:
        """Delete an organization; its people and tickets stay without one."""
        self.check({}, document)
        with self.account.store.transaction():
            self.set(document, {"deleted_at": self.account.now()}, request_id)
            where, values = f"{column('organization_id')} = ?", (document["id"],)
            for name in ("user", TICKET.name):
                self.account.index(name, column("organization_id"), column("id"))
                for each in self.account.held(name).find(where, values):
                    fields = {"organization_id": None}
                    if name == TICKET.name:
                        self.tickets.by_system(each, fields, request_id)
                        continue
                    self.account.store.update(
                        "zendesk",
                        name,
                        each["id"],
                        fields,
                        actor="system",
                        request_id=request_id,
                    )

    def _unique(self, name: str, own_id: int | None) -> None:
        self.account.index("organization", f"{column('name')} collate nocase")
        taken = self.held.find(f"{_SAME_NAME} and {ORGANIZATION.shown}", (name,))
        if any(each["id"] != own_id for each in taken):
            sentence = f"{name} has already been taken"
            raise wrong("name", sentence, "DuplicateValue")
