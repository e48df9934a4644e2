"""Draw the pictures of docs/pictures.rst by running the code that stands above each.

    python docs/draw_pictures.py

Run it after changing the page, or how pictures look; they are kept with the sources.
"""

import doctest
import re
from pathlib import Path

import matplotlib as mpl

DOCS = Path(__file__).parent
IMAGE = re.compile(r"^\.\. image:: (_static/\w+\.png)$", re.M)


def run(text, variables):
    """Run the examples in a piece of the page."""
    for example in doctest.DocTestParser().get_examples(text):
        exec(compile(example.source, "pictures.rst", "single"), variables)


def main():
    """Run the page from image to image, and save the display that comes before each."""
    mpl.use("Agg")
    pieces = IMAGE.split((DOCS / "pictures.rst").read_text(encoding="utf-8"))
    variables = {}
    for code, path in zip(pieces[0::2], pieces[1::2], strict=False):
        run(code, variables)
        # no version of matplotlib in the file: the same picture is the same bytes
        metadata = {"Software": None}
        figure = variables["display"].figure_
        figure.savefig(DOCS / path, dpi=150, metadata=metadata)


if __name__ == "__main__":
    main()
