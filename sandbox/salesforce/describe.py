"""Describe: what Salesforce says about its objects, its versions and its limits."""

from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import NUMBER_TYPES, TEXT_TYPES, Field, SObject
from sandbox.salesforce.org import Org

_SOAP = {"boolean": "xsd:boolean", "int": "xsd:int", "id": "tns:ID"}


class Describe:
    """`/sobjects`, `/sobjects/{object}/describe` and the list of resources."""

    def __init__(self, org: Org) -> None:
        """Describe the organisation."""
        self.org = org

    def resources(self, call: Call) -> Reply:
        """List what a version offers."""
        names = ("sobjects", "query", "queryAll", "composite", "jobs", "limits")
        return Reply(body={name: call.url(name) for name in names})

    def all_objects(self, call: Call) -> Reply:
        """Describe all objects briefly."""
        return Reply(
            body={
                "encoding": "UTF-8",
                "maxBatchSize": 200,
                "sobjects": [_brief(call, each) for each in self.org.objects.values()],
            }
        )

    def object(self, call: Call, name: str) -> Reply:
        """Describe one object briefly."""
        sobject = self.org.object(name)
        return Reply(body={"objectDescribe": _brief(call, sobject), "recentItems": []})

    def whole(self, call: Call, name: str) -> Reply:
        """Describe one object with its fields and children."""
        sobject = self.org.object(name)
        children = [
            {
                "cascadeDelete": field.cascades,
                "childSObject": child.name,
                "deprecatedAndHidden": False,
                "field": field.name,
                "relationshipName": field.children or None,
            }
            for child in self.org.objects.values()
            for field in child.fields.values()
            if field.refers_to == sobject.name
        ]
        fields = [_field(each) for each in sobject.fields.values()]
        return Reply(
            body=_brief(call, sobject)
            | {"childRelationships": children, "fields": fields, "recordTypeInfos": []}
        )

    def record_count(self, call: Call) -> Reply:
        """Tell roughly how many records the objects have."""
        wanted = call.params.get("sObjects")
        objects = self.org.objects
        if wanted is None:
            chosen = list(objects.values())
        else:
            names = [each.strip().lower() for each in wanted.split(",")]
            chosen = [objects[name] for name in names if name in objects]
        if wanted is not None and not chosen:
            raise Refused("NOT_FOUND", "The requested resource does not exist", (), 404)
        counted = [
            {"count": self.org.collection(each.name).count(), "name": each.name}
            for each in chosen
        ]
        return Reply(body={"sObjects": counted})


def _brief(call: Call, sobject: SObject) -> dict[str, Any]:
    writable = any(field.createable for field in sobject.fields.values())
    url = call.url("sobjects", sobject.name)
    return {
        "activateable": False,
        "createable": writable,
        "custom": sobject.custom,
        "deletable": writable,
        "deprecatedAndHidden": False,
        "keyPrefix": sobject.prefix,
        "label": _label(sobject.name),
        "labelPlural": _label(sobject.name) + "s",
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "undeletable": writable,
        "updateable": writable,
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
        },
    }


def _field(field: Field) -> dict[str, Any]:
    text = field.type in TEXT_TYPES
    numeric = field.type in NUMBER_TYPES
    length = (field.length or 255) if text and "date" not in field.type else 0
    always = field.type in ("boolean", "id")
    stamp = field.type == "datetime" and not field.writable
    filled = always or stamp or field.defaulted
    return {
        "name": field.name,
        "label": _label(field.name),
        "type": field.type,
        "soapType": _SOAP.get(field.type, "xsd:double" if numeric else "xsd:string"),
        "length": length,
        "byteLength": length * 3,
        "precision": 18 if numeric else 0,
        "scale": 0 if field.type == "int" or not numeric else 2,
        "digits": 8 if field.type == "int" else 0,
        "custom": field.custom,
        "nillable": not (field.required or filled),
        "createable": field.createable,
        "updateable": field.updateable,
        "calculated": field.calculated,
        "defaultedOnCreate": filled,
        "filterable": True,
        "sortable": True,
        "groupable": field.type not in ("datetime", "textarea"),
        "aggregatable": field.type != "boolean",
        "externalId": field.external_id,
        "idLookup": field.external_id or field.type == "id",
        "unique": field.unique,
        "caseSensitive": False,
        "nameField": field.name == "Name",
        "referenceTo": [field.refers_to] if field.refers_to else [],
        "relationshipName": field.relationship or None,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": value, "value": value}
            for value in field.picklist
        ],
    }


def _label(name: str) -> str:
    plain = name.removesuffix("__c").removeprefix("SBQQ__").replace("_", " ")
    letters = [
        f" {each}" if place and each.isupper() and plain[place - 1].islower() else each
        for place, each in enumerate(plain)
    ]
    return "".join(letters)
