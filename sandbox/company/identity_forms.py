"""Identity forms: the small ways in which one name is written differently."""

import random
import unicodedata

# The spellings of a legal form, the registered one first.
FORMS = {
    "Inc.": ("Inc", ", Inc.", "Incorporated", "INC"),
    "LLC": ("L.L.C.", ", LLC", "Limited Liability Company"),
    "Corp.": ("Corporation", "Corp", ", Corp."),
    "Ltd.": ("Limited", "Ltd", "LTD."),
    "PLC": ("plc", "P.L.C.", "Public Limited Company"),
    "GmbH": ("Gmbh", "G.m.b.H.", "Gesellschaft mit beschränkter Haftung", "mbH"),
    "AG": ("Aktiengesellschaft", "A.G."),
    "SAS": ("S.A.S.", "Sas"),
    "SARL": ("S.à r.l.", "Sarl", "S.A.R.L."),
    "B.V.": ("BV", "Bv", "b.v."),
    "K.K.": ("KK", "Co., Ltd.", "Kabushiki Kaisha"),
    "株式会社": ("(株)", "K.K.", "Kabushiki Kaisha"),
}
ABBREVIATIONS = {
    "Instruments": "Instr.",
    "Logistics": "Log.",
    "International": "Intl.",
    "Materials": "Mat'ls",
    "Insurance": "Ins.",
    "Analytics": "Anlytcs",
    "Networks": "Netw.",
    "Software": "SW",
    "Systems": "Sys.",
    "and": "&",
    "und": "&",
    "et": "&",
}
# What a keyboard without these letters writes; other accents are simply dropped.
PLAIN = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "Ä": "Ae",
    "Ö": "Oe",
    "Ü": "Ue",
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "æ": "ae",
    "ł": "l",
    "Ł": "L",
    "œ": "oe",
    "ı": "i",  # noqa: RUF001 - the Turkish letter is meant
    "đ": "d",
}


def split_form(name: str) -> tuple[str, str]:
    """Return the name without its legal form, and the form (empty: none known)."""
    for form in FORMS:
        if name.endswith(f" {form}"):
            return name[: -len(form) - 1], form
    return name, ""


def without_form(name: str) -> str:
    """Return the name as people say it."""
    return split_form(name)[0]


def other_form(name: str, rng: random.Random) -> str:
    """Return the name with its legal form spelt in another way."""
    stem, form = split_form(name)
    if not form:
        return name
    spelt = rng.choice(FORMS[form])
    return f"{stem}{spelt}" if spelt.startswith(",") else f"{stem} {spelt}"


def abbreviated(name: str) -> str:
    """Return the name with its longer words shortened."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in name.split())


def folded(name: str) -> str:
    """Return the name in plain letters; scripts without any stay as they are."""
    if name.isascii():
        return name
    plain = "".join(PLAIN.get(each, each) for each in name)
    parts = unicodedata.normalize("NFKD", plain)
    return unicodedata.normalize(
        "NFC", "".join(each for each in parts if not unicodedata.combining(each))
    )


def ascii_word(name: str) -> str:
    """Return the name in the letters of a mail address."""
    return folded(name).encode("ascii", "ignore").decode().lower().replace("'", "")


def misspelt(name: str, rng: random.Random) -> str:
    """Return the name with two letters swapped, one doubled or one left out."""
    place = rng.randrange(1, max(len(name.split(maxsplit=1)[0]) - 1, 2))
    kind = rng.randrange(3)
    before, letter, after = name[:place], name[place : place + 1], name[place + 1 :]
    if kind == 0 and after[:1].isalpha():
        return before + after[:1] + letter + after[1:]
    if kind == 1:
        return before + letter * 2 + after
    return before + after


def shouted(name: str) -> str:
    """Return the name in capitals; the sharp s becomes SS, as capitals have none."""
    return name.upper()


def tax_id_written(tax_id: str, rng: random.Random) -> str:
    """Return the number as it is, in groups, without hyphen, or in small letters."""
    kind = rng.randrange(8)
    if kind == 0:
        return " ".join(tax_id[start : start + 4] for start in range(0, len(tax_id), 4))
    if kind == 1:
        return tax_id.replace("-", "")
    if kind == 2:
        return tax_id.lower()
    return tax_id


def phone_written(phone: str, rng: random.Random) -> str:
    """Return the number as it is, without spaces, with hyphens, or with 00."""
    kind = rng.randrange(5)
    if kind == 0:
        return phone.replace(" ", "")
    if kind == 1:
        return phone.replace(" ", "-")
    if kind == 2:
        return f"00{phone[1:]}"
    return phone
