"""Resources: what a declaration says of one list of records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ingestion.declared.answers import AbsentError, found
from ingestion.declared.columns import columns
from ingestion.declared.paging import Paging, Params, paging
from ingestion.declared.said import Said
from ingestion.readings import Document
from ingestion.streams import Column, Stream

KEYS = (
    *("path", "object", "params", "data", "page", "key", "columns", "list", "sweep"),
    *("changes", "deleted", "by_id"),
)
_NEEDS = ("path", "page", "columns")
_CHANGES = ("cursor", "params", "since", "until", "format", "stops_at")
_NAME, _ID = "{resource}", "{id}"


@dataclass(frozen=True, slots=True)
class Format:
    """How a moment is written in a parameter, and what that leaves away at most."""

    write: Callable[[datetime], str | int]
    grain: timedelta = timedelta(seconds=1)


FORMATS: Mapping[str, Format] = {
    "iso": Format(lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
    "epoch": Format(lambda at: int(at.timestamp())),
    "milliseconds": Format(lambda at: int(at.timestamp()) * 1000),
    "day": Format(
        lambda at: at.astimezone(UTC).strftime("%Y-%m-%d"), timedelta(days=1)
    ),
}
# A sweep that found nothing is noted no more often, so that a shorter period would
# sweep with every load.
_SHORTEST_SWEEP = timedelta(hours=12)
_USUAL_SWEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changes:
    """How what changed is asked for.

    Attributes:
        cursor: the column of the time of change.
        path: where a record has it.
        params: what such a list is asked besides.
        since: the parameter for the earliest change; empty where there is none.
        until: the one for the latest.
        written: how a moment is written there.
        stops: the list has the latest change first and ends at the first record that
            changed before the position.
    """

    cursor: Column
    path: str
    params: Params
    since: str
    until: str
    written: Format
    stops: bool

    def asked(self, since: datetime | None, until: datetime | None) -> Params:
        """Return the parameters of a list of changes between two moments."""
        params = dict(self.params)
        if self.since and since is not None:
            params[self.since] = self.written.write(since)
        if self.until and until is not None:
            # What is left away would be left out.
            params[self.until] = self.written.write(until + self.written.grain)
        return params


@dataclass(frozen=True, slots=True)
class Named:
    """How one record is asked for by its identifier: the path, and where it stands."""

    path: str
    data: str

    def path_to(self, record_id: str) -> str:
        """Return the path of a record."""
        return self.path.replace(_ID, quote(record_id, safe=""))


@dataclass(frozen=True, slots=True)
class Resource:
    """One list of records, and the raw table that it fills.

    Attributes:
        stream: the raw table.
        path: of the list.
        data: where an answer has the records; empty where the answer is the list.
        paging: how the list is paged.
        params: what every list is asked.
        whole: what the list of everything is asked besides.
        sweep: how often everything is listed, so that what is missing is gone; None:
            once, to begin with.
        changes: how changes are asked for; None: everything is listed every time.
        named: how a record is asked for by its identifier.
    """

    stream: Stream
    path: str
    data: str
    paging: Paging
    params: Params
    whole: Params
    sweep: timedelta | None
    changes: Changes | None
    named: Named | None


def resources(declared: Said, common: Said | None, names: str) -> tuple[Resource, ...]:
    """Return a vendor's resources, each with what it has in common with the others.

    Raises:
        DeclarationError: one cannot be read so.
    """
    shared = common.table(KEYS) if common else {}
    found = tuple(
        _resource(name, each, shared, names) for name, each in declared.pairs().items()
    )
    if not found:
        raise declared.wrong("there is no resource", "declare one")
    return found


def _resource(
    name: str, declared: Said, shared: Mapping[str, Said], names: str
) -> Resource:
    Said(declared.file, declared.line, declared.where, name).name()
    own = declared.table(KEYS)
    keys = {**shared, **own}
    if "columns" in own and "columns" in shared:
        both = {**shared["columns"].pairs(), **own["columns"].pairs()}
        keys["columns"] = Said(
            declared.file, own["columns"].line, own["columns"].where, both
        )
    for each in _NEEDS:
        if each not in keys:
            raise declared.wrong(f"the key {each!r} is missing", "add it")
    typed = columns(keys["columns"], names)
    pages = paging(keys["page"])
    changes = _changes(keys["changes"], typed, pages) if "changes" in keys else None
    stream = Stream(
        name,
        keys["object"].text() if "object" in keys else name,
        typed,
        cursor=changes.cursor.name if changes else None,
        identity=_identity(keys.get("key")),
        **_deleted(keys.get("deleted")),
    )
    return Resource(
        stream,
        _path(keys["path"], name),
        keys["data"].text() if "data" in keys else "",
        pages,
        _params(keys, "params"),
        _params(keys, "list"),
        _sweep(keys.get("sweep"), changes),
        changes,
        _named(keys.get("by_id"), name, stream),
    )


def _params(keys: Mapping[str, Said], name: str) -> Params:
    return keys[name].constants() if name in keys else {}


def _path(declared: Said, name: str, *others: str) -> str:
    """Return a path with the resource's name in it; it may have other braces too."""
    path = rest = declared.text().replace(_NAME, name)
    for each in others:
        rest = rest.replace(each, "")
    if not path.startswith("/") or "?" in path or "{" in rest:
        raise declared.wrong(
            f"{path!r} is no path", f"write /it below the base_url; {_NAME} is its name"
        )
    return path


def _identity(declared: Said | None) -> tuple[str, ...]:
    if declared is None:
        return ("id",)
    if isinstance(declared.value, list):
        if not declared.value:
            raise declared.wrong("a list without names identifies nothing", "add one")
        return tuple(each.text() for each in declared.entries())
    return (declared.text(),)


def _sweep(declared: Said | None, changes: Changes | None) -> timedelta | None:
    if declared is None:
        return _USUAL_SWEEP
    if declared.value == "never":
        return None
    every = timedelta(seconds=declared.seconds())
    if changes is None:
        raise declared.wrong(
            "without changes everything is listed with every load",
            "leave the key out, or write never where a list does not show all",
        )
    if every < _SHORTEST_SWEEP:
        raise declared.wrong("that is too often", "the shortest period is 12h")
    return every


def _changes(declared: Said, typed: tuple[Column, ...], pages: Paging) -> Changes:
    keys = declared.table(_CHANGES, ("cursor",))
    moments = {each.name: each for each in typed if each.kind == "instant"}
    if not moments:
        raise declared.wrong("no column is a moment", "declare one of kind instant")
    stops = "stops_at" in keys
    if stops == ("since" in keys):
        raise declared.wrong(
            "this does not say how to ask only for what changed",
            "write either since, the parameter for it, or stops_at: cursor where the"
            " latest change comes first",
        )
    if stops:
        keys["stops_at"].choice(("cursor",))
        if pages.is_by_position:
            raise keys["stops_at"].wrong(
                f"a list by time of change moves, and {pages.kind} lose its rows",
                "use cursor or link, or leave changes out",
            )
    for name in ("until", "format"):
        if name in keys and stops:
            raise keys[name].wrong(f"{name} goes with since only", "leave it out")
    written = keys["format"].choice(FORMATS) if "format" in keys else "iso"
    cursor = moments[keys["cursor"].choice(moments)]
    return Changes(
        cursor,
        str(cursor.path),
        _params(keys, "params"),
        keys["since"].text() if "since" in keys else "",
        keys["until"].text() if "until" in keys else "",
        FORMATS[written],
        stops,
    )


def _deleted(declared: Said | None) -> dict[str, Callable[[Document], bool]]:
    """Return how a record tells that it is deleted, where one does."""
    if declared is None:
        return {}
    keys = declared.table(("field", "is"), ("field",))
    path = keys["field"].text()
    wanted: Any = keys["is"].value if "is" in keys else None
    if isinstance(wanted, list | dict):
        raise keys["is"].wrong("this is no single value", "write a text or a number")

    def is_deleted(record: Document) -> bool:
        try:
            value = found(record, path)
        except AbsentError:
            return False
        return value == wanted if "is" in keys else value not in (None, False, "")

    return {"is_deleted": is_deleted}


def _named(declared: Said | None, name: str, stream: Stream) -> Named | None:
    if declared is None:
        return None
    data = ""
    if isinstance(declared.value, dict):
        keys = declared.table(("path", "data"), ("path",))
        data = keys["data"].text() if "data" in keys else ""
        declared = keys["path"]
    path = _path(declared, name, _ID)
    if path.count(_ID) != 1 or len(stream.identity) > 1:
        raise declared.wrong(
            f"one {_ID} asks for a record of one identifier",
            f"write a path such as /{name}/{_ID}, or leave by_id out",
        )
    return Named(path, data)
