"""Where the documentation of an estimator stands, for its HTML representation."""

import os

__all__ = ["DOCS_URL", "DocsLink"]

# The documentation has no public address yet; it is written here once it has one.
DOCS_URL = ""


class DocsLink:
    """Link the question mark of scikit-learn's diagrams, and parameters, to our pages.

    The environment variable ``SKINFORMER_DOCS`` names another address, such as that of
    pages built at home. Without an address there is no link, rather than a dead one.
    """

    def _get_doc_link(self) -> str:
        """Return the address of the page of this class, empty if there is none."""
        ours = type(self).__module__.partition(".")[0] == __name__.partition(".")[0]
        root = os.environ.get("SKINFORMER_DOCS", DOCS_URL).rstrip("/")
        if not (ours and root):
            return ""
        return f"{root}/generated/skinformer.{type(self).__name__}.html"
