"""Vocabulary: words and domains that say little of any one, learned from all.

What is generally known of them stands in `identity.words`.
"""

import duckdb

from identity.features import customers

# A word of so large a share of all companies tells little of any one; the least number
# keeps a small company's records from making every trade a common word.
COMMON_SHARE, COMMON_LEAST = 0.004, 6
# A domain of so many companies is a provider's: the largest group or chain that we know
# of at one domain has 8 members (the sandbox), and a wrong domain costs only evidence.
SHARED_LEAST = 12


def of_companies(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[str], list[str]]:
    """Return the words and the domains that many companies of `labelled` have."""
    return _common_words(connection), _shared_domains(connection)


def of_people(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[str], list[str]]:
    """Return no words, and the domains at which people of many customers read mail."""
    rows = connection.execute(
        f"""
        select lower(split_part(trim(email), '@', 2)) as domain
        from labelled
        where email is not null
        group by domain having count(distinct customer_id) >= {SHARED_LEAST}
        order by domain
        """
    ).fetchall()
    return [], [str(domain) for (domain,) in rows]


def _common_words(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return words that follow many different first words, as a trade does.

    The name of a chain or a group follows the few first words of its own members.
    """
    told = customers.select("labelled")
    rows = connection.execute(
        f"""
        with
            told as ({told}),
            said as (
                select distinct
                    string_split(name_full, ' ')[1] as first_word,
                    unnest(string_split(name_full, ' ')[2:]) as word
                from told
            ),
            companies as (select count(distinct label) as known from told)
        select word
        from said, companies
        group by word, known
        having count(*) >= greatest({COMMON_LEAST}, {COMMON_SHARE} * known)
        order by word
        """
    ).fetchall()
    return [str(word) for (word,) in rows]


def _shared_domains(connection: duckdb.DuckDBPyConnection) -> list[str]:
    told = customers.select("labelled")
    rows = connection.execute(
        f"""
        with told as ({told})
        select domain from told
        where domain is not null
        group by domain having count(distinct label) >= {SHARED_LEAST}
        order by domain
        """
    ).fetchall()
    return [str(domain) for (domain,) in rows]
