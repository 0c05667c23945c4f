"""Paging: how the pages of a declared list follow each other.

A page is told by its place: a cursor, a link, a page's number, an offset. Numbers and
offsets lose rows where a list moves while it is read, so whoever declares them says
why this one does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from ingestion.declared.answers import Told, refused
from ingestion.declared.said import Said
from ingestion.readings import Place

Params: TypeAlias = Mapping[str, str | int | bool]


class Way(Protocol):
    """What the kinds of paging have in common."""

    def request(self, path: str, params: Params, place: Place | None) -> "Request":
        """Return what to ask for the page of a place."""

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return the place of the next page; None after the last.

        Raises:
            SystemFault: the answer does not say it, or contradicts itself.
        """


@dataclass(frozen=True, slots=True)
class Request:
    """A GET: a path, and parameters unless the path has them."""

    path: str
    params: Params | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The answer has a cursor for the next page, at `next`.

    Where it also says whether there is more, at `more`, both have to agree.
    """

    param: str
    next: str
    more: str = ""

    def request(self, path: str, params: Params, place: Place | None) -> Request:
        """Ask with the cursor."""
        after = {} if place is None else {self.param: _plain(place)}
        return Request(path, {**params, **after})

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return the cursor."""
        del place
        if self.more and not told.flag(self.more):
            return None
        cursor = told.at(self.next)
        if cursor is None or cursor == "":
            if self.more:
                raise told.contradiction("it says that there is more and not where")
            return None
        if isinstance(cursor, str | int) and not isinstance(cursor, bool):
            return cursor
        raise refused(told.system, f"{self.next} of its answer is no cursor")


@dataclass(frozen=True, slots=True)
class Link:
    """The answer has the address of the next page: at `next`, or in the header Link."""

    next: str = ""

    def request(self, path: str, params: Params, place: Place | None) -> Request:
        """Follow the address, which has all parameters."""
        return Request(path, params) if place is None else Request(str(place), None)

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return the path and the query of the address, if it leads to the same API."""
        del place
        if self.next:
            link = told.at(self.next)
        else:
            link = told.response.links.get("next", {}).get("url")
        if link is None or link == "":
            return None
        if not isinstance(link, str):
            raise refused(told.system, f"{self.next} of its answer is no address")
        # A link such as `?page=2` begins where the answer came from.
        return told.rest.path_of(str(told.response.request.url.join(link)))


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages have numbers, and the answer says at `total` how many there are."""

    param: str
    total: str
    first: int = 1

    def request(self, path: str, params: Params, place: Place | None) -> Request:
        """Ask for the page of a number."""
        number = self.first if place is None else _plain(place)
        return Request(path, {**params, self.param: number})

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return the next number, unless this was the last."""
        number = self.first if place is None else int(_plain(place))
        last = self.first + told.number(self.total) - 1
        return number + 1 if number < last else None


@dataclass(frozen=True, slots=True)
class Offset:
    """Pages begin after so many records; the end is told by `count` or by `more`."""

    param: str
    count: str = ""
    more: str = ""

    def request(self, path: str, params: Params, place: Place | None) -> Request:
        """Ask for what comes after so many records."""
        return Request(path, {**params, self.param: _plain(place or 0)})

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return how many records have come, unless these were the last."""
        came = int(_plain(place or 0)) + len(told.documents)
        if self.more:
            return came if told.flag(self.more) else None
        return came if came < told.number(self.count) else None


@dataclass(frozen=True, slots=True)
class Single:
    """Everything comes in one answer, of at most `most` records where that is known."""

    most: int | None = None

    def request(self, path: str, params: Params, place: Place | None) -> Request:
        """Ask for everything."""
        del place
        return Request(path, params)

    def following(self, told: Told, place: Place | None) -> Place | None:
        """Return that nothing follows, unless the answer is as full as it can be."""
        del place
        if self.most is not None and len(told.documents) >= self.most:
            raise refused(
                told.system,
                f"its only answer has {len(told.documents):,} records, as many as it"
                " can have, so that others may be missing",
            )
        return None


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is paged: its kind, its size, and what the vendor says of it.

    Attributes:
        kind: as the file calls it.
        way: how pages follow each other.
        size: the parameter that asks for the largest page.
        count: where an answer says how many records the list has, for a check.
        may_be_empty: whether the vendor documents empty pages before the last.
    """

    kind: str
    way: Way
    size: Params = field(default_factory=dict)
    count: str = ""
    may_be_empty: bool = False

    @property
    def is_by_position(self) -> bool:
        """Tell whether a page is found by counting, so that a list must not move."""
        return self.kind in {"pages", "offset"}


_COMMON = ("kind", "size", "may_be_empty")


def paging(declared: Said) -> Paging:
    """Return how a list is paged.

    Raises:
        DeclarationError: it cannot be read so.
    """
    every = declared.pairs()
    if "kind" not in every:
        raise declared.wrong("the key 'kind' is missing", f"add {', '.join(KINDS)}")
    kind = every["kind"].choice(KINDS)
    own, needs, make = KINDS[kind]
    keys = declared.table((*_COMMON, *own), needs)
    param, most = _size(keys["size"]) if "size" in keys else ("", None)
    return Paging(
        kind,
        make(declared, keys, most),
        {} if most is None else {param: most},
        _text(keys, "count") if kind != "offset" else "",
        keys["may_be_empty"].flag() if "may_be_empty" in keys else False,
    )


def _size(declared: Said) -> tuple[str, int]:
    """Return the parameter for the size of a page, and the largest size."""
    named = declared.pairs()
    if len(named) != 1:
        raise declared.wrong(
            "this does not name one parameter", "write the largest page: {limit: 100}"
        )
    [(param, most)] = named.items()
    return param, most.number(1)


_Keys: TypeAlias = Mapping[str, Said]


def _cursor(_declared: Said, keys: _Keys, _most: int | None) -> Way:
    return Cursor(keys["param"].text(), keys["next"].text(), _text(keys, "more"))


def _link(declared: Said, keys: _Keys, _most: int | None) -> Way:
    if ("next" in keys) == ("header" in keys):
        raise declared.wrong(
            "a link is in the body or in the header",
            "write either next: path.of.the.link or header: Link",
        )
    if "header" in keys:
        keys["header"].choice(("Link",))
    return Link(_text(keys, "next"))


def _pages(_declared: Said, keys: _Keys, _most: int | None) -> Way:
    keys["stable"].text()
    first = keys["first"].number() if "first" in keys else 1
    return Pages(keys["param"].text(), keys["total"].text(), first)


def _offset(declared: Said, keys: _Keys, _most: int | None) -> Way:
    keys["stable"].text()
    if ("count" in keys) == ("more" in keys):
        raise declared.wrong(
            "a short page is no proof that the list is over",
            "write either count, where the number of records stands, or more",
        )
    return Offset(keys["param"].text(), _text(keys, "count"), _text(keys, "more"))


def _single(_declared: Said, _keys: _Keys, most: int | None) -> Way:
    return Single(most)


_Maker: TypeAlias = Callable[[Said, _Keys, int | None], Way]
# Per kind: its own keys, those of them that it needs, and what makes it.
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], _Maker]] = {
    "cursor": (("param", "next", "more", "count"), ("param", "next"), _cursor),
    "link": (("next", "header", "count"), (), _link),
    "pages": (
        ("param", "first", "total", "stable"),
        ("param", "total", "stable"),
        _pages,
    ),
    "offset": (("param", "count", "more", "stable"), ("param", "stable"), _offset),
    "single": (("count",), (), _single),
}


def _text(keys: _Keys, name: str) -> str:
    return keys[name].text() if name in keys else ""


def _plain(place: Place) -> str | int:
    """Return the place of a kind that has no lists for places."""
    if isinstance(place, list):
        raise TypeError(place)
    return place
