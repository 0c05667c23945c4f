"""Records: one record is read, made, changed or deleted, by id or by external id."""

from sandbox.salesforce import preconditions
from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.writer import Writer, manner, same
from sandbox.store import Document


class Records:
    """`/sobjects/{object}` and what lies below it, one record at a time."""

    def __init__(self, org: Org, writer: Writer) -> None:
        """Read from the organisation, write through the writer."""
        self.org = org
        self.writer = writer

    def create(self, call: Call, name: str) -> Reply:
        """Add a record."""
        sobject = self.org.object(name)
        how = manner(call.request_id, call.headers)
        record_id = self.writer.create(sobject, call.json(), how)
        return _made(call, sobject, record_id)

    def read(self, call: Call, name: str, record_id: str) -> Reply:
        """Return one record, or those of its fields that `fields=` names."""
        sobject = self.org.object(name)
        return self._shown(call, sobject, self.org.get(sobject, record_id))

    def update(self, call: Call, name: str, record_id: str) -> Reply:
        """Change fields of one record."""
        sobject = self.org.object(name)
        fields = call.json()
        document = self.org.get(sobject, record_id)
        preconditions.check(call, sobject, document)
        how = manner(call.request_id, call.headers)
        self.writer.update(sobject, document, fields, how)
        return Reply(204, headers=self._tagged(sobject, str(document["Id"])))

    def delete(self, call: Call, name: str, record_id: str) -> Reply:
        """Put one record into the recycle bin."""
        sobject = self.org.object(name)
        document = self.org.get(sobject, record_id)
        self.writer.delete(sobject, document, manner(call.request_id, call.headers))
        return Reply(204)

    def read_by(self, call: Call, name: str, field: str, value: str) -> Reply:
        """Return the record with an external id."""
        sobject = self.org.object(name)
        _, found = self.writer.by_external_id(sobject, field, value)
        if len(found) > 1:
            return _several(call, sobject, found)
        return self._shown(call, sobject, self._only(found))

    def upsert(self, call: Call, name: str, field: str, value: str) -> Reply:
        """Change the record with an external id, or add one."""
        sobject = self.org.object(name)
        fields = call.json()
        known, found = self.writer.by_external_id(sobject, field, value)
        if any(same(each, field) for each in fields):
            sentence = (
                f"The {known.name} field should not be specified in the sobject data."
            )
            raise Refused("INVALID_FIELD", sentence)
        if len(found) > 1:
            return _several(call, sobject, found)
        how = manner(call.request_id, call.headers)
        if not found:
            fields = {**fields, known.name: value}
            record_id = self.writer.create(sobject, fields, how)
            return _made(call, sobject, record_id, created=True)
        preconditions.check(call, sobject, found[0])
        self.writer.update(sobject, found[0], fields, how)
        if known.name == "Id":
            return Reply(204)
        return _made(call, sobject, str(found[0]["Id"]), created=False)

    def delete_by(self, call: Call, name: str, field: str, value: str) -> Reply:
        """Put the record with an external id into the recycle bin."""
        sobject = self.org.object(name)
        _, found = self.writer.by_external_id(sobject, field, value)
        if len(found) > 1:
            return _several(call, sobject, found)
        how = manner(call.request_id, call.headers)
        self.writer.delete(sobject, self._only(found), how)
        return Reply(204)

    def _shown(self, call: Call, sobject: SObject, document: Document) -> Reply:
        known = preconditions.unmodified(call, sobject, document)
        if known is not None:
            return known
        wanted = call.params.get("fields")
        names = list(sobject.fields) if wanted is None else wanted.split(",")
        body = row(call, sobject, document, names)
        return Reply(body=body, headers=self._tagged(sobject, str(document["Id"])))

    def _tagged(self, sobject: SObject, record_id: str) -> dict[str, str]:
        if sobject.name not in preconditions.TAGGED:
            return {}
        return {"ETag": preconditions.tag(self.org.find(sobject, record_id))}

    @staticmethod
    def _only(found: list[Document]) -> Document:
        if not found:
            sentence = "The requested resource does not exist"
            raise Refused("NOT_FOUND", sentence, (), 404)
        return found[0]


def row(call: Call, sobject: SObject, document: Document, names: list[str]) -> Document:
    """Return a record as the API shows it: the id, then the fields asked for."""
    url = call.url("sobjects", sobject.name, document["Id"])
    shown: Document = {"attributes": {"type": sobject.name, "url": url}}
    for name in ["Id", *names]:
        field = sobject.field(name.strip())
        if field is None:
            sentence = f"No such column '{name}' on sobject of type {sobject.name}"
            raise Refused("INVALID_FIELD", sentence)
        absent = False if field.type == "boolean" else None
        shown[field.name] = document.get(field.name, absent)
        if field.joined:
            parts = [document.get(each) for each in field.joined]
            shown[field.name] = " ".join(each for each in parts if each) or None
    return shown


def _made(
    call: Call, sobject: SObject, record_id: str, *, created: bool | None = None
) -> Reply:
    body = {"id": record_id, "success": True, "errors": []}
    if created is not None:
        body["created"] = created
    headers = {"Location": call.url("sobjects", sobject.name, record_id)}
    return Reply(200 if created is False else 201, body, headers)


def _several(call: Call, sobject: SObject, found: list[Document]) -> Reply:
    """Return the answer to an external id that is several records'."""
    return Reply(
        300, [call.url("sobjects", sobject.name, str(each["Id"])) for each in found]
    )
