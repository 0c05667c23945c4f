"""Identifiers: ids as each vendor makes them, the same ones for the same seed.

Every id is computed from what it names, not counted while drawing: a record keeps its
id when something unrelated to it changes.
"""

import hashlib
from functools import lru_cache

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE62 = "0123456789" + LETTERS + LETTERS.lower()
CHECKSUM = LETTERS + "012345"

# Salesforce's key prefixes: the standard objects have fixed ones, a managed package
# gets the next free ones of the org it is installed in.
PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Opportunity": "006",
    "Contract": "800",
    "Product2": "01t",
    "SBQQ__Quote__c": "a0q",
    "SBQQ__QuoteLine__c": "a0l",
    "SBQQ__Subscription__c": "a0s",
}
INSTANCE = "Hs"


def _digest(*parts: object) -> int:
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=20).digest(), "big")


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(BASE62[rest])
    return "".join(digits)


def checksum(id15: str) -> str:
    """Return the three letters that make a case-sensitive id safe to compare anyhow.

    Each letter stands for five characters of the id, one bit per capital letter.
    """
    return "".join(
        CHECKSUM[
            sum(
                1 << place
                for place, character in enumerate(id15[start : start + 5])
                if "A" <= character <= "Z"
            )
        ]
        for start in (0, 5, 10)
    )


@lru_cache(maxsize=200_000)
def salesforce_id(name: str, *key: object) -> str:
    """Return the 18-character id of an object's record."""
    body = _base62(_digest(name, *key), 9)
    id15 = f"{PREFIXES[name]}{INSTANCE}0{body}"
    return id15 + checksum(id15)


@lru_cache(maxsize=400_000)
def stripe_id(prefix: str, *key: object) -> str:
    """Return an id such as `cus_…` (14 characters) or `in_1…` (24 characters)."""
    number = _digest(prefix, *key)
    if prefix in {"cus", "prod", "si"}:
        return f"{prefix}_{_base62(number, 14)}"
    return f"{prefix}_1{_base62(number, 23)}"


@lru_cache(maxsize=50_000)
def zendesk_id(*key: object) -> int:
    """Return a Zendesk id, an integer of 14 digits."""
    return 10_000_000_000_000 + _digest("zendesk", *key) % 80_000_000_000_000
