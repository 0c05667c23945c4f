"""Customers: the companies that have, had or may one day have a contract."""

from identity.entities.entity import Comparison, Entity, Rules, alike, unknown
from identity.entities.vocabulary import of_companies
from identity.features import customers as features

_SAME_WORDS = "list_sort(string_split(name_full_l, ' '))"
_TAX_COUNTRIES = "coalesce(tax_country_l, tax_country_r, '') = "

_COMPARISONS = (
    Comparison(
        "name",
        unknown("name_full"),
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
                    f"{alike('name_full', 0.93)} and {alike('name_key', 0.88)}"
                    f" and {alike('name_first', 0.88)}"
                ),
                "almost the same name",
            ),
            (
                "name_key_l = name_key_r",
                "the same telling words, other common ones",
            ),
            (
                f"name_first_l = name_first_r or {alike('name_first', 0.92)}",
                "the same first word, or almost",
            ),
        ),
        "different names",
    ),
    Comparison(
        "legal_form",
        unknown("legal_form"),
        (("legal_form_l = legal_form_r", "the same legal form"),),
        "different legal forms",
    ),
    Comparison(
        "domain",
        unknown("domain"),
        (("domain_l = domain_r", "the same domain"),),
        "different domains",
    ),
    Comparison(
        "tax_id",
        unknown("tax_number"),
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
        unknown("phone_key"),
        (("phone_key_l = phone_key_r", "the same telephone number"),),
        "different telephone numbers",
    ),
    Comparison(
        "parent",
        unknown("parent_key"),
        (("parent_key_l = parent_key_r", "the same parent"),),
        "different parents",
    ),
)
_BLOCKING = (
    ("tax_number",),
    ("domain",),
    ("name_key",),
    ("name_first", "country_code"),
    ("name_first", "city_key"),
    ("phone_key",),
    ("postal_key", "street_number"),
)
_TAX_ID = "tax_country || ':' || tax_number"

CUSTOMERS = Entity(
    name="customers",
    prefix="",
    written=(
        "system",
        "object",
        "record_id",
        "name",
        "website",
        "email",
        "tax_id",
        "country",
        "street",
        "city",
        "postal_code",
        "phone",
        "parent_key",
        "reference_keys",
        "duplicate_of",
        "created_at",
        "is_live",
    ),
    belongs_to=None,
    begins="salesforce:account:",
    features=features.select,
    feature_names=features.NAMES,
    compared=(*features.NAMES, "parent_key"),
    comparisons=_COMPARISONS,
    blocking=_BLOCKING,
    rules=Rules(
        columns=(
            "tax_country",
            "tax_number",
            "name_key",
            "name_first",
            "domain",
            "country_code",
            "parent_key",
        ),
        kind="system",
        # A number whose country is unknown says neither that two are one nor two.
        scope="tax_country",
        value="tax_number",
        proof=_TAX_ID,
        telling=(_TAX_ID, "name_key", "domain"),
        named="name_first",
        placed="country_code",
        parent="parent_key",
        # The same tax id and the first word at least; or all but the tax id.
        is_strong="if(tax_id = 2, name >= 1,"
        " name = 4 and domain = 1 and (phone = 1 or address = 5))",
    ),
    shown=(
        "name",
        "domain",
        "tax_country",
        "tax_number",
        "country_code",
        "city_key",
        "postal_key",
        "phone_key",
        "parent_key",
    ),
    vocabulary=of_companies,
    has_parents=True,
)
