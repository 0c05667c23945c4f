"""Sandbox: an invented company and the systems it uses, with the truth known.

The company (`company`) is drawn from a seed. Each vendor has a room of its own, where
its records are written from the company as its API returns them (`<vendor>/documents`)
and where it answers (`<vendor>/api`); `vendors` lists them. `disorder` plants mistakes
and labels each one, `filling` puts it all into the `store`, and `server` opens three
doors: in process, over HTTP, and over TLS under the vendors' own hostnames (`door`).
`control` is the door that no vendor has. docs/sandbox.md tells it to its users.

Nothing here imports the house and the house imports nothing from here: the sandbox's
idea of a vendor stays independent, which keeps the tests honest.
"""
