"""Shorthand: how the catalogue writes down fields in a line each."""

from dataclasses import replace

from sandbox.salesforce.field import Field, SObject

_STAMPS = (
    Field("Id", "id", 18, writable=False),
    Field("IsDeleted", "boolean", writable=False),
    Field("CreatedDate", "datetime", writable=False),
    Field("CreatedById", "reference", 18, "User", writable=False, defaulted=True),
    Field("LastModifiedDate", "datetime", writable=False),
    Field("LastModifiedById", "reference", 18, "User", writable=False, defaulted=True),
    Field("SystemModstamp", "datetime", writable=False),
)
# What several objects have.
CURRENCY = Field("CurrencyIsoCode", "picklist", 3)
FULL_NAME = Field(
    "Name", "string", 121, calculated=True, joined=("FirstName", "LastName")
)
# A lead or an order may also be a queue's; the organisation has no queues.
OWNER = Field("OwnerId", "reference", 18, "User", defaulted=True)
# The one field that a system outside keys its upserts on.
OURS = Field("Concord_Id__c", "string", 64, external_id=True, unique=True)


def text(name: str, length: int = 255, *, required: bool = False) -> Field:
    """Return a text field."""
    return Field(name, "string", length, required=required)


def ref(name: str, target: str, children: str = "", *, fixed: bool = False) -> Field:
    """Return a reference to another object's record."""
    return Field(name, "reference", 18, target, children, fixed=fixed)


def part_of(name: str, target: str, children: str, *, fixed: bool = True) -> Field:
    """Return a reference to the record that this one does not outlive."""
    return replace(ref(name, target, children, fixed=fixed), cascades=True)


def pick(name: str, *values: str, required: bool = False, only: bool = False) -> Field:
    """Return a picklist; `only` its values are taken, if so."""
    return Field(
        name, "picklist", 255, required=required, picklist=values, restricted=only
    )


def typed(kind: str, *names: str) -> tuple[Field, ...]:
    """Return fields of one type that needs no more said."""
    return tuple(Field(name, kind) for name in names)


def made(kind: str, *names: str) -> tuple[Field, ...]:
    """Return fields that Salesforce or the CPQ package calculates."""
    return tuple(Field(name, kind, 255, calculated=True) for name in names)


def sobject(name: str, prefix: str, *fields: Field) -> SObject:
    """Return an object with its fields and those that every object has."""
    every = (*_STAMPS, *fields)
    return SObject(name, prefix, {field.name: field for field in every})


def standing(name: str, prefix: str, *fields: Field) -> SObject:
    """Return an object whose records are never deleted."""
    every = sobject(name, prefix, *fields)
    kept = {key: each for key, each in every.fields.items() if key != "IsDeleted"}
    return replace(every, fields=kept)
