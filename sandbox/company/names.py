"""Names: invented companies and people, each company's first word used only once.

Domains end in `.example`, which belongs to nobody (RFC 2606): no letter that a demo
sends can reach a real company.
"""

import random


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


def words(seed: int, count: int) -> list[tuple[str, str]]:
    """Return pairs of a first word, used only once, and a trade.

    ValueError above 19,500, where the words run out.
    """
    rng = random.Random(f"{seed}:names")
    short = [first + second for first in FIRST for second in SECOND]
    rng.shuffle(short)
    if count > len(short):
        short += [first + second for first in short for second in SECOND]
    if count > len(short):
        raise ValueError(f"there are names for {len(short)} companies, not for {count}")
    return [(compound, rng.choice(TRADES)) for compound in short[:count]]


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
