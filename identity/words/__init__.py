"""Words: small tables that tell what in a name, an address or a domain says little.

They are general knowledge. What is common in one company's own records is estimated
and stands in its model.
"""

import csv
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def legal_forms() -> dict[str, str]:
    """Return each spelling of a legal form, folded, and the form that it means."""
    return _pairs("legal_forms")


@cache
def abbreviations() -> dict[str, str]:
    """Return short words of company names, folded, and what they stand for."""
    return _pairs("abbreviations")


@cache
def countries() -> dict[str, str]:
    """Return names of countries, folded, and their ISO 3166 codes of two letters."""
    return _pairs("countries")


@cache
def common_words() -> frozenset[str]:
    """Return words that many companies have in their names."""
    return frozenset(row[0] for row in _rows("common"))


@cache
def mail_providers() -> frozenset[str]:
    """Return domains at which anybody has an address."""
    return frozenset(row[0] for row in _rows("mail_providers"))


@cache
def nicknames() -> dict[str, str]:
    """Return what people are called, folded, and the name that it stands for.

    Forms of one name in several languages stand for one as well.
    """
    return _pairs("nicknames")


@cache
def titles() -> frozenset[str]:
    """Return words before and behind a person's name."""
    return frozenset(row[0] for row in _rows("titles"))


@cache
def role_mailboxes() -> frozenset[str]:
    """Return what stands before the @ of an address that several people read."""
    return frozenset(row[0] for row in _rows("role_mailboxes"))


def _pairs(name: str) -> dict[str, str]:
    return {row[0]: row[1] for row in _rows(name)}


def _rows(name: str) -> list[list[str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
