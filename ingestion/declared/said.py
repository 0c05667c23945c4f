"""Said: what a declaration says, value by value, each with the line it stands on.

A file of YAML is read more plainly than YAML allows: a word is a text unless it is
`true`, `false`, `null` or a number as JSON writes it. So `no`, `2026-11-01` and `010`
mean what a reader of the file takes them for.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_INTEGER = re.compile(r"-?(0|[1-9]\d*)")
_FRACTION = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_DURATION = re.compile(r"([1-9]\d*)([smhd])")
_UNITS: Mapping[str, float] = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


class DeclarationError(ValueError):
    """A declaration cannot be used.

    Its sentence names the file, the line, the key, what is wrong and what is allowed.
    """


@dataclass(frozen=True, slots=True)
class Said:
    """A value of a file, and where in it.

    Attributes:
        file: the name of the file.
        line: the line on which the value begins, counted from one.
        where: the keys that lead to it, with dots between.
        value: a scalar, or a list or table of values like this one.
    """

    file: str
    line: int
    where: str
    value: "Scalar | list[Said] | dict[str, Said]"

    def wrong(self, reason: str, instead: str) -> DeclarationError:
        """Return the error that says what is wrong here, and what is allowed."""
        place = f"{self.file}, line {self.line}"
        if self.where:
            place += f", {self.where}"
        return DeclarationError(f"{place}: {reason}; {instead}.")

    def table(
        self, known: Collection[str], needs: Collection[str] = ()
    ) -> dict[str, "Said"]:
        """Return a table that has no other keys than those, and all that it needs."""
        found = self.pairs()
        for name, value in found.items():
            if name not in known:
                raise value.wrong(f"{name!r} is no key here", f"use {_listed(known)}")
        for name in needs:
            if name not in found:
                raise self.wrong(f"the key {name!r} is missing", "add it")
        return found

    def pairs(self) -> dict[str, "Said"]:
        """Return a table with whatever keys."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"{self.shown()} is no table", "write keys with values")
        return self.value

    def entries(self) -> list["Said"]:
        """Return a list."""
        if not isinstance(self.value, list):
            raise self.wrong(f"{self.shown()} is no list", "write it in brackets")
        return self.value

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong(f"{self.shown()} is no text", "write words, or quote it")
        return self.value

    def number(self, least: int = 0) -> int:
        """Return a whole number that is not smaller than that."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            if self.value >= least:
                return self.value
            raise self.wrong(f"{self.value} is too small", f"the least is {least}")
        raise self.wrong(
            f"{self.shown()} is no whole number", f"write a number from {least} up"
        )

    def share(self) -> float:
        """Return a number from zero up to, not including, one."""
        value = self.value
        if isinstance(value, int | float) and 0 <= value < 1:
            return float(value)
        raise self.wrong(
            f"{self.shown()} is no share", "write a number such as 0.1, less than 1"
        )

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong(
                f"{self.shown()} is neither true nor false", "write one of them"
            )
        return self.value

    def choice(self, options: Collection[str]) -> str:
        """Return one of some words."""
        if not isinstance(self.value, str) or self.value not in options:
            raise self.wrong(
                f"{self.shown()} is not known here", f"use {_listed(options)}"
            )
        return self.value

    def name(self) -> str:
        """Return a name that works as one of a table, a column or a setting."""
        value = self.value
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise self.wrong(
                f"{self.shown()} is no name here",
                "write small letters, digits and underscores, a letter first",
            )
        return value

    def seconds(self) -> float:
        """Return the length of a time such as `60s`, `15m`, `24h`, `7d`."""
        value = self.value
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise self.wrong(
                f"{self.shown()} is no length of time",
                "write a number with s, m, h or d, such as 60s or 1d",
            )
        return int(found[1]) * _UNITS[found[2]]

    def constants(self) -> dict[str, str | int | bool]:
        """Return parameters: texts, whole numbers, true and false."""
        found: dict[str, str | int | bool] = {}
        for name, each in self.pairs().items():
            if not isinstance(each.value, str | int | bool):
                raise each.wrong(
                    f"{each.shown()} is no value of a parameter",
                    "write a text, a whole number, true or false",
                )
            found[name] = each.value
        return found

    def shown(self) -> str:
        """Return the value as a sentence names it."""
        match self.value:
            case dict():
                return "a table"
            case list():
                return "a list"
            case None:
                return "nothing"
            case bool():
                return str(self.value).lower()
            case str():
                return repr(self.value[:60])
        return str(self.value)


def said(text: str, file: str) -> Said:
    """Return what a file says.

    Raises:
        DeclarationError: it is no YAML, is empty, or says a key twice.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = str(error.problem)
        instead = "correct the line or the one before"
        if "got '?'" in problem:
            instead = "put quotes around what has a ? in braces"
        raise DeclarationError(
            f"{file}, line {mark.line + 1 if mark else 1}: this is not YAML"
            f" ({problem}); {instead}."
        ) from error
    except yaml.YAMLError as error:
        raise DeclarationError(
            f"{file}, line 1: this is not YAML; save it as text in UTF-8."
        ) from error
    if node is None:
        raise DeclarationError(f"{file}, line 1: the file is empty; declare a vendor.")
    try:
        return _said(node, file, "")
    except RecursionError as error:
        raise DeclarationError(
            f"{file}, line 1: a part of the file contains itself; write it without"
            " anchors."
        ) from error


def _said(node: yaml.Node, file: str, where: str) -> Said:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Said(file, line, where, dict(_pairs(node, file, where)))
    if isinstance(node, yaml.SequenceNode):
        found = [
            _said(each, file, f"{where}[{number}]")
            for number, each in enumerate(node.value)
        ]
        return Said(file, line, where, found)
    return Said(file, line, where, _scalar(node))


def _pairs(node: yaml.MappingNode, file: str, where: str) -> Iterator[tuple[str, Said]]:
    names = set()
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "a list"
        found = _said(value, file, f"{where}.{name}" if where else name)
        if name in names:
            here = Said(file, key.start_mark.line + 1, found.where, name)
            raise here.wrong("the key stands twice", "keep one of them")
        names.add(name)
        yield name, found


def _scalar(node: yaml.Node) -> Scalar:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted, or in a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    return text


def _listed(names: Collection[str]) -> str:
    first, *others = names
    return ", ".join([first, *others[:-1]]) + f" or {others[-1]}" if others else first
