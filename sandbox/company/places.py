"""Places: invented addresses and telephone numbers in real cities.

Telephone numbers come from the ranges kept free for fiction (NANPA 555-01xx, Ofcom's
01632 960xxx); countries without such a range get an area code that is not assigned.
"""

import random

from sandbox.company.facts import Address
from sandbox.company.names import FAMILY, SECOND

# City, region as written there (or none), beginning of its postal codes.
Place = tuple[str, str | None, str]
CITIES: dict[str, tuple[Place, ...]] = {
    "US": (
        ("San Francisco", "CA", "941##"),
        ("Austin", "TX", "787##"),
        ("Boston", "MA", "021##"),
        ("Chicago", "IL", "606##"),
        ("Denver", "CO", "802##"),
        ("Saint Louis", "MO", "631##"),
    ),
    "CA": (("Toronto", "ON", "M5V #A#"), ("Montréal", "QC", "H2Y #B#")),
    "DE": (
        ("München", None, "80###"),
        ("Köln", None, "50###"),
        ("Düsseldorf", None, "40###"),
        ("Leipzig", None, "04###"),
    ),
    "FR": (("Lyon", None, "6900#"), ("Nîmes", None, "30000"), ("Paris", None, "750##")),
    "NL": (("Utrecht", None, "35## AB"), ("'s-Hertogenbosch", None, "52## GK")),
    "IE": (("Dublin", None, "D0# X#Y#"), ("Dún Laoghaire", None, "A96 #K##")),
    "GB": (
        ("London", None, "EC#A #BX"),
        ("Leeds", None, "LS# #AA"),
        ("Saint Albans", None, "AL# #DD"),
    ),
    "JP": (("Tokyo", "Chiyoda-ku", "100-00##"), ("Osaka", "Kita-ku", "530-00##")),
}
STREETS = {
    "US": ("{n} {w} Street", "{n} {w} Avenue", "{n} {w} Boulevard, Suite {k}"),
    "CA": ("{n} {w} Street West", "{n} {w} Road"),
    "DE": ("{p}straße {k}", "{p}weg {k}", "Am {w}platz {k}"),
    "FR": ("{k} rue {p}", "{k} bis avenue {p}", "{k} boulevard de l'Étoile"),
    "NL": ("{p}gracht {k}", "{p}laan {k}"),
    "IE": ("{k} {w} Quay", "{k} {w} Street Lower"),
    "GB": ("{k} {w} Road", "{k} {w} Lane", "Unit {k}, {w} Court"),
    "JP": ("{k}-{j} {p} Building", "{k}-{j}-1 Marunouchi"),
}
PHONES = {
    "US": "+1 ### 555 01##",
    "CA": "+1 ### 555 01##",
    "DE": "+49 89 9998 ####",
    "FR": "+33 1 99 00 ## ##",
    "NL": "+31 85 999 ####",
    "IE": "+353 1 999 ####",
    "GB": "+44 1632 960###",
    "JP": "+81 3 0999 ####",
}


def address(country: str, rng: random.Random) -> Address:
    """Return an address in a city of the country."""
    city, region, postal = rng.choice(CITIES[country])
    line = rng.choice(STREETS[country]).format(
        n=rng.randint(100, 4_999),
        k=rng.randint(1, 180),
        j=rng.randint(1, 30),
        w=rng.choice(SECOND).capitalize(),
        p=rng.choice(FAMILY),
    )
    return Address(line, city, region, digits(postal, rng), country)


def phone(country: str, rng: random.Random) -> str:
    """Return a telephone number that nobody has."""
    return digits(PHONES[country], rng)


def digits(form: str, rng: random.Random) -> str:
    """Return the form with a digit from 1 to 9 for each `#`."""
    return "".join(str(rng.randint(1, 9)) if each == "#" else each for each in form)
