"""Dashboard: what executives open. It reads the published copy and computes nothing.

`published.py` finds and opens the copy, `overview.py` selects the rows one page shows,
`formats.py` and `charts.py` give them a shape, `app.py` is the page.
"""
