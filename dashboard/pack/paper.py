"""Paper: the pack as a tagged PDF, which a screen reader can follow (PDF/UA-1)."""


class NoPaperError(Exception):
    """The libraries that lay out a PDF are missing; the text says what to install."""


def to_pdf(page: str) -> bytes:
    """Lay a page of the pack out as PDF; equal pages make equal bytes.

    Raises:
        NoPaperError: Pango is not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # the package is there, the system's library is not
        raise NoPaperError(
            "A PDF needs the library Pango, which is not installed: `apt install "
            "libpango-1.0-0 libpangoft2-1.0-0` on Debian, `brew install pango` on a "
            "Mac. The HTML needs nothing."
        ) from error
    # Nothing is fetched: drawings are in the page itself.
    fetcher = URLFetcher(allowed_protocols=("data",))
    written: bytes = HTML(string=page, url_fetcher=fetcher).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    return written
