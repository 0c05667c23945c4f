"""Features of contacts: names in any order, nicknames, addresses by either rule."""

from collections.abc import Iterable

from identity import words
from identity.features.text import cased, folded, listed, phone, spaced

NAMES = (
    "name_full",
    "name_given",
    "name_family",
    "name_initial",
    "email_key",
    "email_local",
    "email_short",
    "email_is_private",
    "phone_key",
)


def select(
    records: str, _common: Iterable[str] = (), shared: Iterable[str] = ()
) -> str:
    """Return SQL: the columns of `records`, and each record's features behind them.

    `name_full` has all words of a name in one order, `name_given` the full form of the
    name that somebody goes by. Who reads info@ is nobody in particular: such an address
    is none. `email_short` is an address as it would be by the other common rule, with
    the initial before the family name.

    Args:
        records: a table with the columns that every file of `sources` selects.
        shared: domains at which people have private addresses, besides those of the
            mail providers that are generally known.
    """
    providers = listed({*words.mail_providers(), *shared})
    titles = listed(words.titles())
    nobody = listed(words.role_mailboxes())
    return f"""
with
    ordered as (
        select
            *,
            case
                when family_name is null and contains(name, ',')
                then split_part(name, ',', 2) || ' ' || split_part(name, ',', 1)
                else name
            end as in_order,
            lower(regexp_replace(trim(email), '[+][^@]*@', '@')) as mail,
            regexp_replace(phone, '[^0-9]', '', 'g') as digits
        from {records}
    ),
    split as (
        select
            *,
            list_filter(
                string_split({spaced(folded("in_order"))}, ' '),
                lambda word: word not in {titles} and word <> ''
            ) as words,
            {spaced(folded("family_name"))} as family,
            split_part(mail, '@', 1) as local,
            split_part(mail, '@', 2) as domain
        from ordered
    ),
    parted as (
        select
            *,
            local <> '' and contains(domain, '.') and local not in {nobody} as is_own,
            case
                when given_name is null or family = ''
                then array_to_string(words[2:], ' ')
                else family
            end as surname
        from split
    )
select
    * exclude (
        in_order, mail, digits, words, family, local, domain, is_own, surname
    ),
    nullif(array_to_string(list_sort(words), ' '), '') as name_full,
    {cased("words[1]", words.nicknames())} as name_given,
    left(words[1], 1) as name_initial,
    nullif(coalesce(surname, array_to_string(words[2:], ' ')), '') as name_family,
    case when is_own then mail end as email_key,
    case when is_own then regexp_replace(local, '[._-]', '', 'g') end as email_local,
    case
        when not is_own
        then null
        when contains(local, '.')
        then left(local, 1) || regexp_replace(local, '^[^.]*[.]', '') || '@' || domain
        else mail
    end as email_short,
    case when is_own then domain in {providers} end as email_is_private,
    {phone("digits")} as phone_key
from parted
"""
