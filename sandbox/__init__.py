"""Sandbox: an invented company and the systems it uses, with the truth known.

The company (`company`) is drawn from a seed. Each system's records (`documents`) are
written from it as that vendor's API returns them; `disorder` plants mistakes in them
and labels each one; `world` holds all three. The servers answer over real HTTP as the
vendors do, so that whoever reads them cannot tell the difference.

Nothing here imports the house and the house imports nothing from here: the sandbox's
idea of a vendor stays independent, which keeps the tests honest.
"""
