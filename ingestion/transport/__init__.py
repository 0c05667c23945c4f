"""Transport: the one way to a system's API, with its credential, limits and errors.

`rest` is what the rest of the house uses. Behind it: `auth` and `grants` sign in,
`budget`, `windows`, `signals` and `patience` keep within the vendor's limits,
`exchange` and `deadline` bound an answer, `documents` and `answers` read it exactly,
`links` and `network` decide which host is spoken to, `redaction` keeps secrets out of
everything that is written.
"""
