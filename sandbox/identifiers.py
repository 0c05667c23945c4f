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
    "Lead": "00Q",
    "Campaign": "701",
    "CampaignMember": "00v",
    "Pricebook2": "01s",
    "PricebookEntry": "01u",
    "Order": "801",
    "OrderItem": "802",
    "SBQQ__Quote__c": "a0q",
    "SBQQ__QuoteLine__c": "a0l",
    "SBQQ__Subscription__c": "a0s",
}
INSTANCE = "Hs"


def _digest(*parts: object) -> int:
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=20).digest(), "big")


# Ids are made by the million. Ten digits fit a machine word, so that the long division
# is done once for ten of them; the rest goes two digits at a time.
_PAIRS = tuple(low + high for high in BASE62 for low in BASE62)
_TEN_DIGITS = 62**10


def _base62(number: int, length: int) -> str:
    """Return so many digits of the number, the lowest first."""
    digits: list[str] = []
    for _ in range((length + 9) // 10):
        number, ten = divmod(number, _TEN_DIGITS)
        ten, first = divmod(ten, 3844)
        ten, second = divmod(ten, 3844)
        ten, third = divmod(ten, 3844)
        last, fourth = divmod(ten, 3844)
        digits += (
            _PAIRS[first],
            _PAIRS[second],
            _PAIRS[third],
            _PAIRS[fourth],
            _PAIRS[last],
        )
    return "".join(digits)[:length]


def checksum(id15: str) -> str:
    """Return the three letters that make a case-sensitive id safe to compare anyhow.

    Each letter stands for five characters of the id, one bit per capital letter.
    """
    bits = "".join(["1" if "A" <= each <= "Z" else "0" for each in id15])
    bits = bits.ljust(15, "0")
    return (
        CHECKSUM[int(bits[4::-1], 2)]
        + CHECKSUM[int(bits[9:4:-1], 2)]
        + CHECKSUM[int(bits[14:9:-1], 2)]
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


@lru_cache(maxsize=200_000)
def hubspot_id(*key: object) -> str:
    """Return a HubSpot id: fifteen digits, below those of records made later."""
    return str(100_000_000_000_000 + _digest("hubspot", *key) % 800_000_000_000_000)
