"""Zendesk's tickets: comments and audits, safe updates, deletion that exports tell."""

from typing import Any

from sandbox.store import Document
from sandbox.zendesk.account import seconds_of
from sandbox.zendesk.audits import Audits
from sandbox.zendesk.fields import PRIORITIES, STATUSES, TYPES
from sandbox.zendesk.kinds import TICKET
from sandbox.zendesk.limits import TICKET_UPDATES, TICKET_UPDATES_SECONDS, Budget
from sandbox.zendesk.records import Records, Rejected, conflict, wrong
from sandbox.zendesk.shapes import problem
from sandbox.zendesk.users import Users

# developer.zendesk.com, rate limits: 30 updates in ten minutes per user and ticket.
UPDATES_OF_ONE = Budget("ticket-updates", TICKET_UPDATES, TICKET_UPDATES_SECONDS)
# What stands where the words of a ticket stood that was deleted for good.
SCRUBBED = "SCRUBBED"
_CHOICES = {"status": STATUSES, "priority": PRIORITIES, "type": TYPES}
_REFERENCES = {
    "requester_id": "user",
    "submitter_id": "user",
    "assignee_id": "user",
    "organization_id": "organization",
}


class Tickets(Records):
    """The tickets of one account."""

    kind = TICKET
    is_external_unique = False
    writable = {  # noqa: RUF012 -- nobody changes it
        "subject": "text",
        "status": "text",
        "priority": "text",
        "type": "text",
        "requester_id": "number",
        "submitter_id": "number",
        "assignee_id": "number",
        "organization_id": "number",
        "group_id": "number",
        "external_id": "text",
        "problem_id": "number",
        "due_at": "text",
        "tags": "texts",
        "collaborator_ids": "numbers",
    }
    users: Users
    audits: Audits

    def create(self, item: Document, request_id: str) -> Document:
        """Add a ticket with its first comment."""
        self._rules(item, None)
        comment = self._comment(item)
        if comment is None:
            raise wrong("description", "cannot be blank", "BlankValue")
        me = self.account.me()["id"]
        with self.account.store.transaction():
            requester = self._requester(item, request_id) or me
            now = self.account.now()
            document = self.begun() | {
                "subject": None,
                "raw_subject": item.get("subject"),
                "description": comment["body"],
                "status": "new" if item.get("assignee_id") is None else "open",
                "priority": None,
                "type": None,
                "organization_id": self._organization_of(requester),
                "requester_id": requester,
                "submitter_id": requester,
                "assignee_id": None,
                "group_id": None,
                "external_id": None,
                "problem_id": None,
                "due_at": None,
                "tags": [],
                "collaborator_ids": [],
                "custom_fields": _custom(item, []),
                "via": {"channel": "api"},
                "created_at": now,
            }
            item = {name: value for name, value in item.items() if value is not None}
            item["requester_id"] = requester
            created = self.add(document, item, request_id)
            author = comment.get("author_id") or requester
            self.audits.created(created, comment, author)
        return created

    def update(self, document: Document, item: Document, request_id: str) -> Document:
        """Change a ticket, unless it changed since `updated_stamp`."""
        self._rules(item, document)
        if item.get("safe_update") is True:
            _check_stamp(document, item.get("updated_stamp"))
        me = self.account.me()["id"]
        if self.account.limits.spend(
            UPDATES_OF_ONE, f"{me}/{document['id']}"
        ).is_exceeded:
            raise Rejected(
                problem("base", "too many updates to this ticket", "TooManyUpdates"),
                "TooManyUpdates",
                429,
            )
        if document["status"] == "closed":
            raise wrong("status", "closed prevents ticket update", "InvalidValue")
        comment = self._comment(item)
        fields = self.changes(item)
        fields |= _tags(document, item)
        if "custom_fields" in item:
            fields["custom_fields"] = _custom(item, document.get("custom_fields"))
        if "subject" in fields:
            fields["raw_subject"] = fields["subject"]
        with self.account.store.transaction():
            requester = self._requester(item, request_id)
            if requester:
                fields["requester_id"] = requester
            changed = self.set(document, fields, request_id)
            author = (comment or {}).get("author_id") or me
            self.audits.changed(document, changed, comment, author)
        return changed

    def delete(self, document: Document, request_id: str) -> None:
        """Delete a ticket: exports go on telling of it, with the status `deleted`."""
        self.check({}, document)
        before = document["status"]
        fields = {"status": "deleted", "previous_state": before}
        changed = self.set(document, fields, request_id)
        self.audits.changed(document, changed, None, self.account.me()["id"])

    def forget(self, document: Document, request_id: str) -> None:
        """Take a ticket's words away: exports go on telling that it was deleted."""
        words = dict.fromkeys(("subject", "raw_subject", "description"), SCRUBBED)
        fields: Document = {
            **words,
            "tags": [],
            "custom_fields": [],
            "external_id": None,
        }
        self.set(document, fields, request_id)

    def restore(self, document: Document, request_id: str) -> Document:
        """Show a deleted ticket again."""
        status = document.get("previous_state") or "open"
        return self.set(document, {"status": status}, request_id)

    def by_system(
        self, document: Document, fields: Document, request_id: str
    ) -> Document:
        """Change a ticket as Zendesk itself does: `updated_at` stays where it was."""
        store = self.account.store
        with store.transaction():
            changed = store.update(
                "zendesk",
                TICKET.name,
                document["id"],
                fields,
                actor="system",
                request_id=request_id,
            )
            # The store stamps every write; this one's stamp is taken back.
            changed["updated_at"] = document["updated_at"]
            store.keep("zendesk", TICKET.name, changed)
        return changed

    def _rules(self, item: Document, document: Document | None) -> None:
        self.check(item, document)
        for name, choices in _CHOICES.items():
            if item.get(name) not in (None, *choices):
                sentence = f"{item[name]} is not included in the list"
                raise wrong(name, sentence, "InvalidValue")
        for name, kind in _REFERENCES.items():
            number = item.get(name)
            if number is not None and not self.account.held(kind).count(
                "id = ?", (str(number),)
            ):
                label = name.removesuffix("_id")
                raise wrong(label, f"{number} is invalid", "InvalidValue")
        custom = item.get("custom_fields")
        if custom is not None and not (
            isinstance(custom, list)
            and all(isinstance(each, dict) and "id" in each for each in custom)
        ):
            raise wrong("custom_fields", "must be a list of objects", "InvalidValue")

    def _comment(self, item: Document) -> Document | None:
        """Return the comment of a write; `description` is short for the first."""
        comment = item.get("comment")
        if comment is None and isinstance(item.get("description"), str):
            comment = item["description"]
        if isinstance(comment, str):
            comment = {"body": comment}
        if comment is None:
            return None
        if not isinstance(comment, dict):
            raise wrong("comment", "must be an object", "InvalidValue")
        body = comment.get("body") or comment.get("html_body")
        if not isinstance(body, str) or not body.strip():
            raise wrong("comment", "cannot be blank", "BlankValue")
        author = comment.get("author_id")
        if author is not None and not self.account.held("user").count(
            "id = ?", (str(author),)
        ):
            raise wrong("author", "is invalid", "InvalidValue")
        is_public = comment.get("public", True) is not False
        return {"body": body, "public": is_public, "author_id": author}

    def _requester(self, item: Document, request_id: str) -> int | None:
        """Return the requester's id; one named by address is added if unknown."""
        named = item.get("requester")
        if isinstance(named, dict):
            known = self.users.by_email(named.get("email"))
            return int((known or self.users.create(named, request_id))["id"])
        number = item.get("requester_id")
        return None if number is None else int(number)

    def _organization_of(self, user_id: int) -> Any:
        found = self.account.held("user").get(user_id)
        return found.get("organization_id") if found else None


def _check_stamp(document: Document, expected: Any) -> None:
    """Refuse a safe update of a ticket that changed meanwhile."""
    try:
        is_same = seconds_of(str(expected)) >= seconds_of(document["updated_at"])
    except ValueError as broken:
        raise wrong("updated_stamp", "is invalid", "InvalidValue") from broken
    if not is_same:
        sentence = (
            "Safe Update prevented this ticket from being updated: it was changed"
            f" at {document['updated_at']}"
        )
        raise conflict("UpdateConflict", sentence)


def _tags(document: Document, item: Document) -> Document:
    """Return the tags after `additional_tags` and `remove_tags`."""
    added, removed = item.get("additional_tags"), item.get("remove_tags")
    if added is None and removed is None:
        return {}
    for name, value in (("additional_tags", added), ("remove_tags", removed)):
        if value is not None and not isinstance(value, list):
            raise wrong(name, "must be a list", "InvalidValue")
    tags = dict.fromkeys([*document.get("tags", []), *map(str, added or ())])
    return {"tags": [tag for tag in tags if tag not in map(str, removed or ())]}


def _custom(item: Document, before: Any) -> list[Document]:
    """Return custom fields with the given ones in place of theirs."""
    values = {str(each["id"]): each for each in before or () if isinstance(each, dict)}
    for each in item.get("custom_fields") or ():
        values[str(each["id"])] = {"id": each["id"], "value": each.get("value")}
    return list(values.values())
