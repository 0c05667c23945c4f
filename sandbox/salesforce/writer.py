"""Writer: one record is made, changed or deleted, or it is said why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.derived import derived
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import Field, SObject
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.org import SYSTEM, Org
from sandbox.salesforce.owners import check_owner, check_owner_kept
from sandbox.salesforce.rules import Rules
from sandbox.salesforce.users import USER_ID
from sandbox.salesforce.values import checked, missing_fields
from sandbox.store import Document

_UNDELETABLE = "INVALID_TYPE_FOR_OPERATION"  # believed, unverified
# Numbers that Salesforce gives to new records, and how they look.
_NUMBERED = {
    ("Contract", "ContractNumber"): "{:08}",
    ("Order", "OrderNumber"): "{:08}",
    ("OrderItem", "OrderItemNumber"): "{:010}",
    ("SBQQ__Quote__c", "Name"): "Q-{:05}",
    ("SBQQ__ProductOption__c", "Name"): "PO-{:05}",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request writes.

    Attributes:
        request_id: under which its writes are journaled.
        allow_duplicates: it knows that the record may be there already.
    """

    request_id: str
    allow_duplicates: bool = False


def manner(request_id: str, headers: Mapping[str, str]) -> Manner:
    """Return how a request with these headers writes."""
    options = headers.get("sforce-duplicate-rule-header", "")
    pairs = [each.partition("=") for each in options.replace(",", ";").split(";")]
    allowed = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    return Manner(request_id, allowed.get("allowsave") == "true")


class Writer:
    """Writes the records of one organisation."""

    def __init__(self, org: Org) -> None:
        """Write to the organisation's store, within its rules."""
        self.org = org
        self.rules = Rules(org)

    def create(self, sobject: SObject, fields: Mapping[str, Any], how: Manner) -> str:
        """Add a record and return its id."""
        changes = self._checked(sobject, fields, new=True)
        lacking = [
            field.name
            for field in sobject.fields.values()
            if field.required and changes.get(field.name) is None
        ]
        if lacking:
            raise missing_fields(lacking)
        number = self.org.store.number()
        at = self.org.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        document: Document = {"Id": new_id(sobject.prefix, number)}
        for field in sobject.fields.values():
            if field.name != "Id":
                document[field.name] = False if field.type == "boolean" else None
        document |= {"CreatedDate": at, "CreatedById": USER_ID}
        for (name, field_name), form in _NUMBERED.items():
            if name == sobject.name:
                document[field_name] = form.format(number)
        document |= derived(sobject, document, changes)
        if "OwnerId" in document:
            document["OwnerId"] = document["OwnerId"] or USER_ID
        self._check(sobject, document, changes, "create", how)
        self.org.table(sobject.name)
        self.org.store.create(
            SYSTEM, sobject.name, document, actor="api", request_id=how.request_id
        )
        return str(document["Id"])

    def update(
        self,
        sobject: SObject,
        document: Document,
        fields: Mapping[str, Any],
        how: Manner,
    ) -> None:
        """Change fields of a record."""
        changes = self._checked(sobject, fields, new=False)
        changes = derived(sobject, document, changes)
        check_owner_kept(changes)
        self._check_free(sobject, document)
        self._check(sobject, document | changes, changes, "update", how)
        self._put(sobject, document, changes, how)

    def delete(self, sobject: SObject, document: Document, how: Manner) -> None:
        """Put a record and its parts into the recycle bin, where queryAll sees them."""
        self._check_deletable(sobject)
        self._check_free(sobject, document)
        with self.org.store.transaction():
            self._put(sobject, document, {"IsDeleted": True}, how)
            for below in self.org.objects.values():
                for field in below.fields.values():
                    if field.cascades and field.refers_to == sobject.name:
                        self._delete_parts(below, field, str(document["Id"]), how)

    def _delete_parts(
        self, sobject: SObject, field: Field, whole: str, how: Manner
    ) -> None:
        while parts := self.org.matching(sobject, field, whole):
            for part in parts:
                self.delete(sobject, part, how)

    def hard_delete(self, sobject: SObject, document: Document, how: Manner) -> None:
        """Delete a record for good."""
        self._check_deletable(sobject)
        self._check_free(sobject, document)
        self.org.store.delete(
            *(SYSTEM, sobject.name, document["Id"]),
            actor="api",
            request_id=how.request_id,
        )

    def by_external_id(
        self, sobject: SObject, name: str, value: str
    ) -> tuple[Field, list[Document]]:
        """Return the field and the records that have a value in it.

        Raises:
            Refused: the field is no external id.
        """
        field = sobject.field(name)
        if field is None or not (field.external_id or field.name == "Id"):
            sentence = (
                "Provided external ID field does not exist or is not accessible: "
                f"{name}"
            )
            raise Refused("NOT_FOUND", sentence, (), 404)
        if field.name == "Id":
            return field, [self.org.get(sobject, value)]
        return field, self.org.matching(sobject, field, value)

    def upsert(
        self, sobject: SObject, name: str, fields: Mapping[str, Any], how: Manner
    ) -> tuple[str, bool]:
        """Change the record with the external id that `fields` has, or add one.

        Returns:
            Its id and whether it was created.
        """
        rest = {key: value for key, value in fields.items() if not same(key, name)}
        value = next((each for key, each in fields.items() if same(key, name)), None)
        if same(name, "Id") and value in (None, ""):
            return self.create(sobject, rest, how), True
        if value in (None, "") or not isinstance(value, str):
            sentence = f"{name} not specified"
            raise Refused("MISSING_ARGUMENT", sentence, (name,))
        field, found = self.by_external_id(sobject, name, value)
        if len(found) > 1:
            ids = ", ".join(str(each["Id"]) for each in found)
            sentence = (
                f"{name}: more than one record found for external id field: [{ids}]"
            )
            raise Refused("DUPLICATE_EXTERNAL_ID", sentence, (name,))
        if found:
            self.update(sobject, found[0], rest, how)
            return str(found[0]["Id"]), False
        return self.create(sobject, rest | {field.name: value}, how), True

    def _put(
        self, sobject: SObject, document: Document, changes: Document, how: Manner
    ) -> None:
        self.org.store.update(
            *(SYSTEM, sobject.name, document["Id"]),
            changes,
            actor="api",
            request_id=how.request_id,
        )

    def _checked(
        self, sobject: SObject, fields: Mapping[str, Any], *, new: bool
    ) -> Document:
        """Return the changes as Salesforce spells them, or say what is wrong."""
        changes: Document = {}
        for name, value in fields.items():
            if name == "attributes":
                continue
            field = sobject.field(name)
            if field is None:
                reference = sobject.parents.get(name.lower())
                if reference is not None and isinstance(value, dict):
                    changes[reference.name] = self._referred(reference, value)
                    continue
                sentence = f"No such column '{name}' on sobject of type {sobject.name}"
                raise Refused("INVALID_FIELD", sentence)
            if not (field.createable if new else field.updateable):
                raise _not_writable(field)
            changes[field.name] = checked(sobject, field, value)
            if changes[field.name] is not None and field.refers_to:
                self._check_reference(sobject, field, changes[field.name])
        return changes

    def _check_reference(self, sobject: SObject, field: Field, value: str) -> None:
        target = self.org.objects[field.refers_to.lower()]
        if not value.startswith(target.prefix):
            label = field.name if field.custom else f"{field.relationship} ID"
            sentence = f"{label}: id value of incorrect type: {value}"
            raise Refused("FIELD_INTEGRITY_EXCEPTION", sentence, (field.name,))
        held = self.org.collection(target.name).get(value)
        if held is None:
            sentence = "invalid cross reference id"
            raise Refused("INVALID_CROSS_REFERENCE_KEY", sentence, (field.name,))
        if held.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", (field.name,))
        if field.name == "OwnerId":
            check_owner(sobject, held)

    def _referred(self, reference: Field, value: Mapping[str, Any]) -> str:
        """Return the id of the record that a nested external id names."""
        target = self.org.objects[reference.refers_to.lower()]
        given = [(key, each) for key, each in value.items() if key != "attributes"]
        if len(given) != 1 or not isinstance(given[0][1], str):
            sentence = f"{reference.relationship}: one external id is needed"
            raise Refused("INVALID_FIELD", sentence)
        name, wanted = given[0]
        try:
            _, found = self.by_external_id(target, name, wanted)
        except Refused as refused:
            sentence = f"{reference.relationship}: {refused}"
            raise Refused("INVALID_FIELD", sentence) from refused
        if len(found) != 1:
            sentence = (
                f"Foreign key external ID: {wanted} not found for field {name} in "
                f"entity {target.name}"
            )
            raise Refused("INVALID_FIELD", sentence)
        return str(found[0]["Id"])

    def _check(
        self,
        sobject: SObject,
        document: Document,
        changes: Iterable[str],
        event: str,
        how: Manner,
    ) -> None:
        for name in changes:
            field = sobject.fields.get(name)
            if field is not None and field.unique and document.get(name) is not None:
                self._check_value_unique(sobject, field, document)
        self.rules.check_valid(sobject, document)
        self.rules.check_unique(sobject, document, event, allowed=how.allow_duplicates)

    def _check_value_unique(
        self, sobject: SObject, field: Field, document: Document
    ) -> None:
        for other in self.org.matching(sobject, field, str(document[field.name])):
            if other["Id"] != document["Id"]:
                sentence = (
                    f"duplicate value found: {field.name} duplicates value on record "
                    f"with id: {other['Id'][:15]}"
                )
                raise Refused("DUPLICATE_VALUE", sentence)

    def _check_free(self, sobject: SObject, document: Document) -> None:
        if self.org.store.is_locked(SYSTEM, sobject.name, document["Id"]):
            sentence = (
                "unable to obtain exclusive access to this record or 1 records: "
                f"{document['Id']}"
            )
            raise Refused("UNABLE_TO_LOCK_ROW", sentence)

    @staticmethod
    def _check_deletable(sobject: SObject) -> None:
        if "IsDeleted" not in sobject.fields:
            sentence = f"entity type {sobject.name} does not support delete"
            raise Refused(_UNDELETABLE, sentence)


def same(left: str, right: str) -> bool:
    """Say whether two names are the same to Salesforce."""
    return left.lower() == right.lower()


def _not_writable(field: Field) -> Refused:
    return Refused(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {field.name}. Please check the security "
        "settings of this field and verify that it is read/write for your profile or "
        "permission set.",
        (field.name,),
    )
