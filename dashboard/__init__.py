"""Dashboard: what people open. It reads the published copy and computes nothing.

`app/` is what Streamlit runs, `published.py` finds and opens the copy, `shell.py` puts
trust bar and filters around every page, `pages/` has one module per page, `parts.py`,
`tables.py` and `charts.py` give rows a shape, `exports.py` takes them away, `pack/` is
the board pack, `desk.py` is where people decide. `entry.py` says who looks, `access.py`
what they may see, and `rows.py` leaves the rest out.
"""
