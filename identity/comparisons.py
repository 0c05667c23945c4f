"""Comparisons: in which ways two records may agree, and by which they meet.

A level is a number: the higher, the more alike; -1 says that one side tells nothing.
The model says how much each level weighs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = -1  # Splink's number for a comparison in which one side is empty


@dataclass(frozen=True, slots=True)
class Comparison:
    """One feature of two records, compared.

    `levels` are conditions on columns with `_l` and `_r` behind them, the most alike
    first, each with the words for it; below them all stands `otherwise`.
    """

    name: str
    unknown: str
    levels: tuple[tuple[str, str], ...]
    otherwise: str

    @property
    def words(self) -> dict[int, str]:
        """Return each level's number and what it says."""
        highest = len(self.levels)
        told = {highest - at: words for at, (_, words) in enumerate(self.levels)}
        return {**told, 0: self.otherwise, UNKNOWN: "not told by both"}


def _unknown(*columns: str) -> str:
    return " or ".join(f"{name}_l is null or {name}_r is null" for name in columns)


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


_SAME_WORDS = "list_sort(string_split(name_full_l, ' '))"
_TAX_COUNTRIES = "coalesce(tax_country_l, tax_country_r, '') = "

COMPARISONS = (
    Comparison(
        "name",
        _unknown("name_full"),
        (
            (
                (
                    "name_full_l = name_full_r"
                    " or replace(name_full_l, ' ', '') = replace(name_full_r, ' ', '')"
                    f" or {_SAME_WORDS} = {_SAME_WORDS.replace('_l', '_r')}"
                ),
                "the same name",
            ),
            (
                (
                    f"{_alike('name_full', 0.93)} and {_alike('name_key', 0.88)}"
                    f" and {_alike('name_first', 0.88)}"
                ),
                "almost the same name",
            ),
            (
                "name_key_l = name_key_r",
                "the same telling words, other common ones",
            ),
            (
                f"name_first_l = name_first_r or {_alike('name_first', 0.92)}",
                "the same first word, or almost",
            ),
        ),
        "different names",
    ),
    Comparison(
        "legal_form",
        _unknown("legal_form"),
        (("legal_form_l = legal_form_r", "the same legal form"),),
        "different legal forms",
    ),
    Comparison(
        "domain",
        _unknown("domain"),
        (("domain_l = domain_r", "the same domain"),),
        "different domains",
    ),
    Comparison(
        "tax_id",
        _unknown("tax_number"),
        (
            (
                (
                    "tax_number_l = tax_number_r"
                    f" and {_TAX_COUNTRIES}coalesce(tax_country_r, tax_country_l, '')"
                ),
                "the same tax id",
            ),
            (
                "damerau_levenshtein(tax_number_l, tax_number_r) = 1",
                "tax ids that differ in one character",
            ),
        ),
        "different tax ids",
    ),
    Comparison(
        "address",
        "(country_code_l is null or country_code_r is null)"
        " and (postal_key_l is null or postal_key_r is null)",
        (
            (
                "postal_key_l = postal_key_r and street_number_l = street_number_r",
                "the same postal code and house number",
            ),
            ("postal_key_l = postal_key_r", "the same postal code"),
            ("city_key_l = city_key_r", "the same city"),
            (
                (
                    "country_code_l = country_code_r"
                    " and (postal_key_l is null or postal_key_r is null)"
                ),
                "the same country, no more told by both",
            ),
            ("country_code_l = country_code_r", "the same country, another place"),
        ),
        "different countries",
    ),
    Comparison(
        "phone",
        _unknown("phone_key"),
        (("phone_key_l = phone_key_r", "the same telephone number"),),
        "different telephone numbers",
    ),
    Comparison(
        "parent",
        _unknown("parent_key"),
        (("parent_key_l = parent_key_r", "the same parent"),),
        "different parents",
    ),
)
NAMES = tuple(each.name for each in COMPARISONS)
LEVELS: Mapping[str, Mapping[int, str]] = {
    each.name: each.words for each in COMPARISONS
}

# Records that share one of these meet and are compared; all others never are.
BLOCKING = (
    ("tax_number",),
    ("domain",),
    ("name_key",),
    ("name_first", "country_code"),
    ("name_first", "city_key"),
    ("phone_key",),
    ("postal_key", "street_number"),
)


def settings(prior: float) -> dict[str, Any]:
    """Return what Splink takes, untrained; `prior` is the chance of any two records."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " and ".join(f"l.{name} = r.{name}" for name in rule)}
            for rule in BLOCKING
        ],
        "comparisons": [_for_splink(each) for each in COMPARISONS],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": True,  # without them Splink leaves the levels out
    }


def _for_splink(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as Splink's dictionary; it numbers the levels as we do."""
    told = [
        {"sql_condition": condition, "label_for_charts": words}
        for condition, words in comparison.levels
    ]
    unknown = {
        "sql_condition": comparison.unknown,
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    rest = {"sql_condition": "ELSE", "label_for_charts": comparison.otherwise}
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [unknown, *told, rest],
    }
