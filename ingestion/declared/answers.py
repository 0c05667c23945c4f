"""Answers: what stands in a vendor's answer at a declared path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from ingestion.errors import Refused, Transient
from ingestion.readings import Document
from ingestion.transport.rest import Rest


class AbsentError(Exception):
    """An answer has nothing at a path; the text is the key that it lacks."""


def found(answer: Any, path: str) -> Any:
    """Return what stands at a path: keys with dots between, numbers in lists.

    A key that ends in `?` may be absent: then, and at a null, it is None.

    Raises:
        AbsentError: another key is absent.
    """
    value = answer
    for step in path.split("."):
        name, may_be_absent = step.removesuffix("?"), step.endswith("?")
        if value is None:
            return None
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        elif may_be_absent:
            return None
        else:
            raise AbsentError(name)
    return value


@dataclass(frozen=True, slots=True)
class Told:
    """A page's answer: from whom, as it came, its JSON, the records in it."""

    rest: Rest
    response: httpx.Response
    answer: Any
    documents: Sequence[Document]

    @property
    def system(self) -> str:
        """Return whose answer it is."""
        return self.rest.system

    def at(self, path: str) -> Any:
        """Return what stands at a path.

        Raises:
            Refused: the answer lacks it.
        """
        return at(self.system, self.answer, path)

    def number(self, path: str) -> int:
        """Return the whole number at a path.

        Raises:
            Refused: there is none.
        """
        value = self.at(path)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise refused(self.system, f"{path} of its answer is no whole number")

    def flag(self, path: str) -> bool:
        """Return the yes or no at a path.

        Raises:
            Refused: there is none.
        """
        value = self.at(path)
        if not isinstance(value, bool):
            raise refused(self.system, f"{path} of its answer is no yes or no")
        return value

    def contradiction(self, sentence: str) -> Transient:
        """Return the fault of an answer that says another thing than it holds."""
        return Transient(
            self.system,
            sentence,
            "the next run reads it again; if it stays so, report it to the vendor",
        )


def at(system: str, answer: Any, path: str) -> Any:
    """Return what stands at a path of an answer.

    Raises:
        Refused: the answer lacks it.
    """
    try:
        return found(answer, path)
    except AbsentError as absent:
        raise refused(system, f"its answer has no {absent} where {path} is") from absent


def refused(system: str, reason: str) -> Refused:
    """Return the fault of an answer that is not as declared."""
    return Refused(
        system, reason, f"compare {system}.yml with the vendor's documentation"
    )


def records(system: str, answer: Any, path: str) -> list[Document]:
    """Return the records at a path, or those the answer is where the path is empty.

    Raises:
        Refused: there is no list of objects.
    """
    listed = at(system, answer, path) if path else answer
    if not isinstance(listed, list):
        raise refused(system, f"{path or 'its answer'} is no list of records")
    if not all(isinstance(each, dict) for each in listed):
        raise refused(system, f"{path or 'its answer'} has something that is no record")
    return listed
