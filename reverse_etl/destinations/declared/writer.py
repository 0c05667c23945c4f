"""Writer: how a declared vendor's records are read by id, changed and made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from ingestion.declared.said import Said, said
from reverse_etl.destinations import Repeat

_OBJECT = ("read", "update", "create", "key", "sent_twice", "data", "version")
_METHODS = ("GET", "POST", "PUT", "PATCH")
_CALL = re.compile(r"(?P<method>[A-Z]+) (?P<path>/[^\s?#]*)")
_PLACE = "{id}"


@dataclass(frozen=True, slots=True)
class Call:
    """A method, and a path in which `{id}` stands for the record."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """One object.

    Attributes:
        read: the call that shows one record.
        update: the call that changes one.
        create: the call that makes one, None where none is made.
        key: the field of a new record that holds our key, by which `read` finds it.
        sent_twice: what becomes of a creation that is sent again.
        data: the key of an answer that holds the record; empty where it is the answer.
        version: the field that changes whenever the record does; empty without one.
    """

    read: Call
    update: Call
    create: Call | None
    key: str
    sent_twice: Repeat
    data: str
    version: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A vendor: the field that identifies its records, and its objects."""

    vendor: str
    id: str
    objects: Mapping[str, WrittenObject]


def writer(text: str, file: str) -> Writer:
    """Return the vendor that a file declares.

    Raises:
        DeclarationError: it cannot be read so.
    """
    keys = said(text, file).table(("vendor", "id", "objects"), ("vendor", "objects"))
    name = keys["vendor"].name()
    if file != f"{name}.yml":
        raise keys["vendor"].wrong(
            f"the vendor is {name!r}", f"call the file {name}.yml, or correct the name"
        )
    objects = {key: _object(each) for key, each in keys["objects"].pairs().items()}
    return Writer(name, keys["id"].text() if "id" in keys else "id", objects)


def _object(declared: Said) -> WrittenObject:
    keys = declared.table(_OBJECT, ("read", "update"))
    if "create" in keys:
        declared.table(_OBJECT, ("key", "sent_twice"))
    texts = {
        name: keys[name].text() for name in ("key", "data", "version") if name in keys
    }
    choice = keys["sent_twice"].choice(get_args(Repeat)) if "create" in keys else ""
    return WrittenObject(
        read=_call(keys["read"], names_record=True),
        update=_call(keys["update"], names_record=True),
        create=_call(keys["create"]) if "create" in keys else None,
        key=texts.get("key", ""),
        sent_twice=next(
            (each for each in get_args(Repeat) if each == choice), "nothing"
        ),
        data=texts.get("data", ""),
        version=texts.get("version", ""),
    )


def _call(declared: Said, *, names_record: bool = False) -> Call:
    found = _CALL.fullmatch(declared.text())
    if found is None or found["method"] not in _METHODS:
        raise declared.wrong(
            f"{declared.shown()} is no call",
            f"write one of {', '.join(_METHODS)}, a blank and a path",
        )
    if names_record and _PLACE not in found["path"]:
        raise declared.wrong("the call names no record", f"put {_PLACE} into its path")
    return Call(found["method"], found["path"])
