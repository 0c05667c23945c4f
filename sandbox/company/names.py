"""Names: invented companies and people, each company's first word used only once.

Domains end in `.example`, which belongs to nobody (RFC 2606): no letter that a demo
sends can reach a real company.
"""

import random
from functools import lru_cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    North Bright Silver Stone Clear Iron Maple Harbor Red Blue Green Golden
    River Lake Oak Pine Cedar Ash Sun Moon Star Wind Rain Snow Storm Fox Hawk
    Raven Swan Elk
    """
)
SECOND = _words(
    """
    wick field water peak bridge gate ford ridge haven brook vale crest shore
    stead mark line land wood mere well port burn dale cliff spring
    """
)
TRADES = _words(
    """
    Analytics Robotics Logistics Foods Biotech Systems Media Energy Software
    Mobility Textiles Pharma Instruments Networks Learning Studios Materials
    Freight Optics Insurance
    """
)
FORMS = {
    "US": ("Inc.", "LLC", "Corp."),
    "CA": ("Inc.", "Ltd."),
    "DE": ("GmbH", "AG"),
    "FR": ("SAS", "SARL"),
    "NL": ("B.V.",),
    "IE": ("Ltd.",),
    "GB": ("Ltd.", "PLC"),
    "JP": ("K.K.",),
}
COUNTRIES = {
    "USD": ("US", "US", "US", "US", "CA"),
    "EUR": ("DE", "DE", "FR", "NL", "IE"),
    "GBP": ("GB",),
    "JPY": ("JP",),
}
TAX_ID_FORMS = {
    "US": "##-#######",
    "CA": "#########RC0001",
    "DE": "DE#########",
    "FR": "FR###########",
    "NL": "NL#########B01",
    "IE": "IE#######WA",
    "GB": "GB#########",
    "JP": "T#############",
}
GIVEN = _words(
    """
    Ada Amir Anna Ben Carla Chen Clara Daniel Elena Emeka Eva Felix Grace Hana
    Hugo Irene Ivan Jonas Julia Kenji Lara Leo Lina Luis Maja Marco Mina Nadia
    Noah Olga Omar Paul Petra Priya Rosa Sami Sara Tomas Vera Yuki
    """
)
FAMILY = _words(
    """
    Adler Almeida Bauer Becker Berg Brandt Castro Dubois Egede Fischer Fontaine
    Garcia Haddad Hansen Ito Jansen Keller Kim Kovacs Laurent Lind Marino Mendes
    Moreau Mori Nowak Okafor Olsen Patel Petrov Quinn Reyes Rossi Sato Schmid
    Silva Tanaka Vidal Weber Young
    """
)


# Compound words are enough for so many companies; invented words follow.
COMPOUNDS = len(FIRST) * len(SECOND) * (1 + len(SECOND))
# Syllables of two letters: four of them are decoded in one way only, and so no word
# comes twice; the ending with an x keeps them apart from every compound.
SYLLABLES = tuple(
    consonant + vowel for consonant in "bdfghjklmnprstvz" for vowel in "aeiou"
)
ENDINGS = ("x", "xis", "xo", "xa")
INVENTED = len(SYLLABLES) ** 4
STRIDE = 22_348_571  # shares no factor with INVENTED: every word is reached once


def words(seed: int, count: int) -> list[tuple[str, str]]:
    """Return pairs of a first word, used only once, and a trade.

    ValueError above two million and more, where the words run out.
    """
    if count > COMPOUNDS + INVENTED:
        raise ValueError(
            f"there are names for {COMPOUNDS + INVENTED} companies, not for {count}"
        )
    if count > COMPOUNDS:
        more = (_invented(seed, number) for number in range(COMPOUNDS, count))
        return [*_compounds(seed, COMPOUNDS), *more]
    return list(_compounds(seed, count))


def word(seed: int, number: int) -> tuple[str, str]:
    """Return what `words` has in place `number`, without making the others."""
    if number >= COMPOUNDS:
        return _invented(seed, number)
    small = len(FIRST) * len(SECOND)
    return _compounds(seed, small if number < small else COMPOUNDS)[number]


@lru_cache(maxsize=8)
def _compounds(seed: int, count: int) -> tuple[tuple[str, str], ...]:
    rng = random.Random(f"{seed}:names")
    short = [first + second for first in FIRST for second in SECOND]
    rng.shuffle(short)
    if count > len(short):
        short += [first + second for first in short for second in SECOND]
    return tuple((compound, rng.choice(TRADES)) for compound in short[:count])


def _invented(seed: int, number: int) -> tuple[str, str]:
    place = (seed * 7_919 + (number - COMPOUNDS) * STRIDE) % INVENTED
    syllables = []
    rest = place
    for _ in range(4):
        rest, digit = divmod(rest, len(SYLLABLES))
        syllables.append(SYLLABLES[digit])
    ending = ENDINGS[place % len(ENDINGS)]
    trade = TRADES[(place // len(ENDINGS) + number) % len(TRADES)]
    return "".join(syllables).capitalize() + ending, trade


def tax_id(country: str, rng: random.Random) -> str:
    """Return a number of the country's form; chance makes it one of its kind."""
    return "".join(
        str(rng.randrange(10)) if character == "#" else character
        for character in TAX_ID_FORMS[country]
    )


def people(domain: str, count: int, rng: random.Random) -> list[tuple[str, str, str]]:
    """Return given name, family name and address of different people."""
    pairs = list(zip(rng.sample(GIVEN, count), rng.sample(FAMILY, count), strict=True))
    return [
        (given, family, f"{given}.{family}@{domain}".lower()) for given, family in pairs
    ]
