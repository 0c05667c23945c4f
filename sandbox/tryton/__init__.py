"""Tryton: a real ERP server in place of the sandbox's NetSuite.

What is here installs the server into an environment of its own, creates its database,
starts it on this machine alone and enters the company through Tryton's own API, as a
person with a keyboard would. Nothing of the house imports it, and it imports nothing
of the house: `ingestion.tryton` and `reverse_etl.destinations.tryton` know the server
only by its address.

    install.py   the environment .venv-tryton, from requirements.lock with its hashes
    server.py    database, start, readiness, stop
    api.py       Tryton's JSON-RPC: sessions, typed values, refusals as one sentence
    books.py     what must stand before the first invoice: currencies, company, chart
                 of accounts, fiscal years, payment terms, the user Concord works as
    seed.py      the company's customers and invoices
    payments.py  what the customers paid
"""


class Unready(Exception):  # noqa: N818 -- a state of the server, met before any work
    """The server cannot be used; the text is one sentence that ends in a next step."""
