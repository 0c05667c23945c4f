"""Documents: JSON from outside, exactly as it was sent or not at all.

Python's parser reads more than JSON: NaN, two values of one name, halves of a
character. Each would be another record in the warehouse than at the vendor's.
"""

import json
import re
from decimal import Decimal
from itertools import accumulate
from typing import Any

# Vendors' records are five to eight levels deep.
DEEPEST = 100
_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_SPACED = re.compile(r'"\s+:')
_BOM = b"\xef\xbb\xbf"


class NotJsonError(ValueError):
    """It is not JSON at all, or breaks off."""


class NotUsableError(ValueError):
    """It is JSON that two readers would read differently; the text says where."""


def document(data: bytes) -> Any:
    """Return the document; numbers with a fraction are exact decimals.

    A byte order mark before it is no part of it.

    Raises:
        NotJsonError: it is none.
        NotUsableError: a name twice in an object, NaN or Infinity, half a character,
            or deeper than `DEEPEST`.
    """
    text = data.removeprefix(_BOM)
    if depth(text) > DEEPEST and depth(_TEXTS.sub(b"", text)) > DEEPEST:
        raise NotUsableError(f"it is more than {DEEPEST} levels deep")
    try:
        found = _parsed(text.decode("utf-8"))
    except NotUsableError:
        raise
    except UnicodeDecodeError as error:
        raise NotJsonError(f"byte {error.start} is no UTF-8") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise NotJsonError(str(error)) from error
    if _HALF.search(text):
        _insist_on_whole_characters(found)
    return found


def _parsed(text: str) -> Any:
    """Return the document, in which no name stands twice in an object.

    Where all names are followed by their colon at once, a name that stands twice is a
    key less than there are such colons: counting is faster than looking at each name.
    """
    names = text.count('":') - text.count('\\":')
    if '\\\\"' in text or _SPACED.search(text):  # a colon may be missed, or a name
        names = -1
    keys = 0

    def counted(found: dict[str, Any]) -> dict[str, Any]:
        nonlocal keys
        keys += len(found)
        return found

    found = json.loads(
        text, parse_float=Decimal, parse_constant=_no_number, object_hook=counted
    )
    if keys == names:
        return found
    return json.loads(
        text,
        parse_float=Decimal,
        parse_constant=_no_number,
        object_pairs_hook=_each_once,
    )


def depth(text: bytes) -> int:
    """Return how deep the brackets are; those inside texts count too."""
    brackets = text.translate(None, _OTHERS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotUsableError(f"{twice[:60]!r} stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise NotUsableError(f"{name} is no number")


def _insist_on_whole_characters(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotUsableError(
            "a text has half a character (a lone surrogate)"
        ) from error
