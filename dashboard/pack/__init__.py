"""Pack: the board pack, seven pages from one publication, as HTML and as tagged PDF.

`compose.py` writes the pages, `markup.py` has what they are made of, `drawings.py`
draws charts without a browser, `paper.py` turns the page into a PDF. The same
publication and month make the same bytes: nothing in it is of the moment of writing.
"""
