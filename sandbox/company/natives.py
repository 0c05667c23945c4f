"""Natives: companies and people whose names are not written in plain letters."""

import random
from dataclasses import replace

from sandbox.company.facts import Customer, Person
from sandbox.company.identity_forms import ascii_word

# How many in a hundred companies of a country have such a name.
PERCENT = {"US": 4, "CA": 20, "DE": 45, "FR": 50, "NL": 25, "IE": 20, "GB": 5, "JP": 55}
TRADES = {
    "US": ("Señorío Foods", "Café Supply"),
    "CA": ("Énergie Québec", "Érable et Forêts", "Hôtellerie"),
    "DE": ("Möbelwerke", "Getränke und Säfte", "Prüftechnik", "Bäckerei Größ"),
    "FR": ("Énergies Générales", "Crèmerie et Café", "Bâtiment", "Sœurs Couturières"),
    "NL": ("Zuivelcoöperatie", "Financiële Diensten", "Café's"),
    "IE": ("Bia Éireann", "Tógáil agus Dearadh"),
    "GB": ("Café & Crêpe", "Décor"),
    "JP": ("北光電機", "青木商事", "東和システム", "Ōmiya Kōgyō"),
}
GIVEN = (
    "Jürgen",
    "Zoë",
    "François",
    "Łukasz",
    "Søren",
    "Begoña",
    "Çağla",
    "Đorđe",
    "Øyvind",
    "Šárka",
    "Aoibheann",
    "Ōtarō",
)
FAMILY = (
    "Müßig",
    "Lefèvre",
    "Wójcik",
    "Sørensen",
    "Núñez",
    "Yıldız",  # noqa: RUF001 - the Turkish letters are meant
    "Đukić",
    "Ågren",
    "Dvořák",
    "Ó Súilleabháin",
    "D'Arcy",
    "Saitō",
)
PERSON_PERCENT = 18


def native(customer: Customer, rng: random.Random) -> Customer:
    """Return the customer, perhaps with a name of its own language, or people's."""
    first, *_, form = customer.legal_name.split()
    if rng.random() * 100 < PERCENT[customer.country]:
        trade = rng.choice(TRADES[customer.country])
        form = "株式会社" if customer.country == "JP" and rng.random() < 0.5 else form
        customer = replace(customer, legal_name=f"{first} {trade} {form}")
    return replace(
        customer,
        people=tuple(_person(each, rng) for each in customer.people),
    )


def _person(person: Person, rng: random.Random) -> Person:
    chance = rng.random() * 100
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    if chance >= PERSON_PERCENT:
        return person
    domain = person.email.partition("@")[2]
    place = person.key.rpartition(":p")[2]
    mail = f"{ascii_word(given)}.{ascii_word(family)}".replace(" ", "")
    # Two colleagues may have the same name, but never the same address.
    number = "" if place == "0" else place
    return replace(
        person,
        first_name=given,
        last_name=family,
        email=f"{mail}{number}@{domain}",
    )
