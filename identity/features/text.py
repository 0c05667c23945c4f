"""Text: SQL that writes names, numbers and codes alike, for all features."""

from collections.abc import Iterable, Mapping

# Letters that no accent makes of a plain one, and what people type instead of them.
_SPELT = {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "œ": "oe", "þ": "th"}
_PLAIN = ("øłıđð", "olidd")
_PHONE_DIGITS = 9  # without what is dialled in front from abroad or at home


def folded(text: str) -> str:
    """Return the text in small letters without accents."""
    small = f"lower(nfc_normalize({text}))"
    for letter, spelt in _SPELT.items():
        small = f"replace({small}, '{letter}', '{spelt}')"
    return f"translate(strip_accents({small}), '{_PLAIN[0]}', '{_PLAIN[1]}')"


def spaced(text: str) -> str:
    """Return the text as words with one space between; "G.m.b.H." is one word."""
    closed = f"regexp_replace({text}, '[.\u2019'']', '', 'g')"
    return f"trim(regexp_replace({closed}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"


def phone(digits: str) -> str:
    """Return the last digits of a telephone number, of which only digits are left."""
    return (
        f"case when length({digits}) >= {_PHONE_DIGITS}"
        f" then right({digits}, {_PHONE_DIGITS}) end"
    )


def either(wanted: str, otherwise: str) -> str:
    """Return a list, or another where it is empty."""
    return f"if(len({wanted}) > 0, {wanted}, {otherwise})"


def listed(texts: Iterable[str]) -> str:
    """Return texts for `in`."""
    return "(" + ", ".join(map(quoted, sorted(texts))) + ")"


def mapped(pairs: Mapping[str, str], key: str | None = None) -> str:
    """Return a map, or what it has for a key, which itself stands where it has none."""
    inside = ", ".join(f"{quoted(a)}: {quoted(b)}" for a, b in pairs.items())
    whole = f"map {{{inside}}}"
    return whole if key is None else f"coalesce({whole}[{key}], {key})"


def cased(word: str, pairs: Mapping[str, str]) -> str:
    """Return what a word stands for, or itself.

    A map does the same; inside of a lambda it takes fifty times as long.
    """
    whens = " ".join(f"when {quoted(a)} then {quoted(b)}" for a, b in pairs.items())
    return f"case {word} {whens} else {word} end"


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
