"""Ids: 15 characters that mind the case, or 18 that do not."""

from sandbox.identifiers import BASE62, CHECKSUM, INSTANCE, checksum

_WIDTH = 10  # characters after the prefix and the instance


def full_id(text: str) -> str:
    """Return an id's 18 characters with the case right.

    Raises:
        ValueError: it is no id, or its last three letters belong to another one.
    """
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        raise ValueError(text)
    if len(text) == 15:
        return text + checksum(text)
    letters = []
    for place, character in enumerate(text[:15]):
        bits = CHECKSUM.find(text[15 + place // 5].upper())
        if bits < 0:
            raise ValueError(text)
        capital = bits >> place % 5 & 1
        letters.append(character.upper() if capital else character.lower())
    id15 = "".join(letters)
    if checksum(id15) != text[15:].upper():
        raise ValueError(text)
    return id15 + text[15:].upper()


def new_id(prefix: str, number: int) -> str:
    """Return the id of a new record; numbers that follow give ids that follow."""
    digits = []
    for _ in range(_WIDTH):
        number, rest = divmod(number, 62)
        digits.append(BASE62[rest])
    # A generated record has a 0 after the instance: a new one never takes its id.
    id15 = f"{prefix}{INSTANCE}" + "1" + "".join(reversed(digits))[1:]
    return id15 + checksum(id15)
