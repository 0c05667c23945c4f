"""Features of customers: names without legal form, domains, tax ids, addresses."""

from collections.abc import Iterable

from identity import words
from identity.features.text import (
    cased,
    either,
    folded,
    listed,
    mapped,
    phone,
    spaced,
)

# Below a country's own domain these are shared by all, as in example.co.uk.
_SECOND_LEVEL = "(co|com|org|net|gov|edu|ac|or|ne|gob|ltd|plc)"
# "UNKNOWN" and "000000" are no numbers of anybody.
_LEAST_TAX_DIGITS = 5

NAMES = (
    "name_full",
    "name_key",
    "name_first",
    "legal_form",
    "domain",
    "tax_country",
    "tax_number",
    "country_code",
    "city_key",
    "postal_key",
    "street_number",
    "phone_key",
)


def select(records: str, common: Iterable[str] = (), shared: Iterable[str] = ()) -> str:
    """Return SQL: the columns of `records`, and each record's features behind them.

    Args:
        records: a table with the columns that every file of `sources` selects.
        common: words that say little, besides those that are generally known.
        shared: domains that say nothing, besides those of mail providers.
    """
    commonplace = listed({*words.common_words(), *common})
    providers = listed({*words.mail_providers(), *shared})
    return f"""
with
    written as (
        select
            *,
            {spaced(folded("name"))} as words,
            {_code("country")} as country_code,
            upper(regexp_replace(tax_id, '[^A-Za-z0-9]', '', 'g')) as tax_written,
            lower({_hosted("website")}) as site,
            lower(regexp_extract(email, '@([^@\\s>]+)$', 1)) as mail,
            regexp_replace(phone, '[^0-9]', '', 'g') as digits
        from {records}
    ),
    split as (
        select
            *,
            trim(regexp_replace(words, '^(株式会社|株) ?| ?(株式会社|株)$', ''))
            as without_sign,
            regexp_extract(words, ' ({_alternatives()})$', 1) as form_written
        from written
    ),
    stemmed as (
        select
            *,
            case
                when form_written <> ''
                then trim(left(words, length(words) - length(form_written)))
                when without_sign <> ''
                then without_sign
                else words
            end as stem,
            case
                when form_written <> ''
                then {mapped(words.legal_forms())}[form_written]
                when without_sign <> words
                then 'kk'
            end as legal_form
        from split
    ),
    spoken as (
        select
            * exclude (words, without_sign, form_written, stem),
            list_filter(
                list_transform(
                    string_split(stem, ' '),
                    lambda word: {cased("word", words.abbreviations())}
                ),
                lambda word: word not in ('and', 'und', 'et', 'y', 'en', 'the', '')
            ) as spoken
        from stemmed
    ),
    telling as (
        select
            *,
            list_filter(
                spoken, lambda word: word not in {commonplace}
            ) as own_words
        from spoken
    )
select
    * exclude (
        legal_form, spoken, own_words, country_code, tax_written, site, mail, digits
    ),
    nullif(array_to_string(spoken, ' '), '') as name_full,
    nullif(
        array_to_string(
            list_sort(list_distinct({either("own_words", "spoken")})), ' '
        ),
        ''
    ) as name_key,
    {either("own_words", "spoken")}[1] as name_first,
    legal_form,
    case
        when site <> '' and {_registrable("site")} not in {providers}
        then {_registrable("site")}
        when mail <> '' and {_registrable("mail")} not in {providers}
        then {_registrable("mail")}
    end as domain,
    case
        when {_is_number("tax_written")} and {_has_prefix()}
        then {mapped({"EL": "GR", "XI": "GB"}, "left(tax_written, 2)")}
        when {_is_number("tax_written")} and starts_with(tax_written, 'T')
        then 'JP'
        when {_is_number("tax_written")}
        then country_code
    end as tax_country,
    case
        when not {_is_number("tax_written")}
        then null
        when {_has_prefix()}
        then substr(tax_written, 3)
        else tax_written
    end as tax_number,
    country_code,
    nullif({spaced(folded("city"))}, '') as city_key,
    nullif(upper(regexp_replace(postal_code, '[^A-Za-z0-9]', '', 'g')), '')
    as postal_key,
    nullif(regexp_extract(street, '[0-9]+'), '') as street_number,
    {phone("digits")} as phone_key
from telling
"""


def _alternatives() -> str:
    """Return the legal forms as a pattern, the longest first: it is the whole form."""
    return "|".join(sorted(words.legal_forms(), key=lambda form: (-len(form), form)))


def _code(country: str) -> str:
    named = f"{mapped(words.countries())}[{spaced(folded(country))}]"
    two = f"regexp_full_match(trim({country}), '[A-Za-z]{{2}}')"
    return f"coalesce({named}, case when {two} then upper(trim({country})) end)"


def _hosted(url: str) -> str:
    bare = f"regexp_replace(trim({url}), '^[A-Za-z]+://', '')"
    return (
        f"regexp_replace(regexp_extract({bare}, '^[^/:?#\\s]+'), '^[Ww]{{3}}\\.', '')"
    )


def _registrable(host: str) -> str:
    """Return the part of a host name that somebody registered."""
    three = f"'[^.]+\\.{_SECOND_LEVEL}\\.[a-z]{{2}}$'"
    two = "'[^.]+\\.[^.]+$'"
    return (
        f"coalesce(nullif(regexp_extract({host}, {three}), ''),"
        f" nullif(regexp_extract({host}, {two}), ''))"
    )


def _is_number(text: str) -> str:
    digits = f"regexp_replace({text}, '[^0-9]', '', 'g')"
    return (
        f"(length({digits}) >= {_LEAST_TAX_DIGITS}"
        f" and replace({digits}, left({digits}, 1), '') <> '')"
    )


def _has_prefix() -> str:
    """Tell a VAT number that begins with a country, as in DE123456789."""
    return "regexp_full_match(tax_written, '[A-Z]{2}[0-9A-Z]*[0-9][0-9A-Z]*')"
