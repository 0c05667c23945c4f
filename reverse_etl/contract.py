"""Contract: who owns each canonical field, and which systems receive it.

Read from the properties of the canonical models, and of those of the revenue subledger
that have receivers: the one place where it is said.

- a model's `meta.receivers` names each `<system>.<Object>` that its rows are written
  to: the staging model that shows what is there (`model`) and the canonical column
  that names the record (`key`); with `create`, a record is made where `key` is empty;
- a column's `meta.push` maps a system to `<Object>.<field>`; `owner`, `then` and
  `rule` say where the value comes from; `approval: required` asks a person first;
  `nulls: clear` empties the field there when the golden value is empty;
  `policy: fill_empty` writes where the field there is empty, and nowhere else.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# libyaml's takes a thirtieth of the time, where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_POLICIES = ("own", "fill_empty")
# Folders with models that may be pushed; a folder is also the schema of its models.
_LAYERS = ("canonical", "revenue")


class ContractError(Exception):
    """The contract contradicts itself; the sentence names file, model and column."""


@dataclass(frozen=True, slots=True)
class Field:
    """A canonical column that has an owner or receivers."""

    name: str
    data_type: str
    owner: str | None
    then: tuple[str, ...]
    rule: str | None
    push: Mapping[str, str]  # system -> "<Object>.<field there>"
    approval: bool
    clears: bool
    fills: bool = False  # only where there is nothing: what stands there is theirs

    def pushed_to(self, system: str, object_name: str) -> str | None:
        """Return the field's name in that object, None when it goes elsewhere."""
        at = self.push.get(system, "")
        found, _, field = at.partition(".")
        return field if found == object_name else None


@dataclass(frozen=True, slots=True)
class Create:
    """When and under which key of ours a missing record is made."""

    key: str  # canonical column that becomes the new record's external key
    requires: tuple[str, ...]  # canonical columns that must have a value
    approval: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """An object of a system that receives an entity's rows."""

    system: str
    object: str
    model: str | None  # staging model that shows what is there; None: only made
    key: str  # canonical column that names the record there
    create: Create | None


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical model with its identity, its columns and its receivers."""

    name: str
    key: str
    columns: frozenset[str]
    fields: tuple[Field, ...]
    receivers: tuple[Receiver, ...]
    schema: str = "canonical"

    def pushed(self, receiver: Receiver) -> tuple[tuple[Field, str], ...]:
        """Return the fields that a receiver gets, each with its name there."""
        return tuple(
            (field, name)
            for field in self.fields
            if (name := field.pushed_to(receiver.system, receiver.object))
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """All canonical entities, and a hash that changes when any word of theirs does."""

    entities: tuple[Entity, ...]
    hash: str


def load_contract(models: Path) -> Contract:
    """Read the contract from `<models>/canonical/*.yml` and `<models>/revenue/*.yml`.

    Raises:
        ContractError: There are no files, or a column names a receiver that its model
            does not describe, or a receiver is not fully described.
    """
    paths = [
        path for layer in _LAYERS for path in sorted((models / layer).glob("*.yml"))
    ]
    if not paths:
        raise ContractError(f"{models / 'canonical'} holds no properties file.")
    digest = hashlib.sha256()
    entities = []
    for path in paths:
        content = path.read_bytes()
        digest.update(content)
        entities += [
            _entity(path, model)
            for model in yaml.load(content, _LOADER).get("models", [])  # noqa: S506  # both are safe
            if path.parent.name == "canonical" or "receivers" in _meta(model)
        ]
    _check_single_origin(entities)
    return Contract(tuple(entities), digest.hexdigest())


def _check_single_origin(entities: Iterable[Entity]) -> None:
    origins: dict[tuple[str, str], str] = {}
    for entity in entities:
        for field in entity.fields:
            for system, at in field.push.items():
                here = f"{entity.name}.{field.name}"
                other = origins.setdefault((system, at), here)
                if other != here:
                    raise ContractError(
                        f"{other} and {here} are both pushed to {system} {at}."
                    )


def _entity(path: Path, model: Mapping[str, Any]) -> Entity:
    file = path.name
    name = model["name"]
    meta = _meta(model)
    columns = model["columns"]
    entity = Entity(
        name=name,
        key=meta.get("key", columns[0]["name"]),
        columns=frozenset(column["name"] for column in columns),
        fields=tuple(_field(file, column) for column in columns if _meta(column)),
        receivers=tuple(
            _receiver(file, name, at, meta["receivers"][at])
            for at in sorted(meta.get("receivers", {}))
        ),
        schema=path.parent.name,
    )
    _check(file, entity)
    return entity


def _field(file: str, column: Mapping[str, Any]) -> Field:
    meta = _meta(column)
    policy = meta.get("policy", "own")
    if policy not in _POLICIES:
        raise ContractError(
            f"{file}: {column['name']} has the policy {policy}, which is none of"
            f" {', '.join(_POLICIES)}; to ask a person first is `approval: required`."
        )
    if policy == "fill_empty" and meta.get("nulls") == "clear":
        raise ContractError(
            f"{file}: {column['name']} is both to be filled only and to be cleared."
        )
    return Field(
        name=column["name"],
        data_type=str(column.get("data_type", "varchar")),
        owner=meta.get("owner"),
        then=tuple(meta.get("then", ())),
        rule=meta.get("rule"),
        push=dict(meta.get("push", {})),
        approval=meta.get("approval") == "required",
        clears=meta.get("nulls") == "clear",
        fills=policy == "fill_empty",
    )


def _receiver(file: str, name: str, at: str, meta: Mapping[str, Any]) -> Receiver:
    system, _, object_name = at.partition(".")
    create = meta.get("create")
    if not object_name or "key" not in meta or not (create or "model" in meta):
        raise ContractError(
            f"{file}: receiver {at} of {name} needs the form <system>.<Object>,"
            " a key, and a model or create."
        )
    return Receiver(
        system=system,
        object=object_name,
        model=meta.get("model"),
        key=meta["key"],
        create=Create(
            key=create["key"],
            requires=tuple(create.get("requires", ())),
            approval=create.get("approval") == "required",
        )
        if create
        else None,
    )


def _check(file: str, entity: Entity) -> None:
    described = {(at.system, at.object) for at in entity.receivers}
    for field in entity.fields:
        for system, at in field.push.items():
            object_name, _, name = at.partition(".")
            if (system, object_name) not in described or not name:
                raise ContractError(
                    f"{file}: {entity.name}.{field.name} is pushed to {system} {at},"
                    f" which is no field of a receiver of {entity.name}."
                )
    for receiver in entity.receivers:
        named = {receiver.key}
        if receiver.create:
            named |= {receiver.create.key, *receiver.create.requires}
        if missing := sorted(named - entity.columns):
            raise ContractError(
                f"{file}: receiver {receiver.system}.{receiver.object} of"
                f" {entity.name} names {', '.join(missing)}, which it does not have."
            )


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = node.get("config", {}).get("meta", {})
    return meta
