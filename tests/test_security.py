"""The claims of SECURITY.md name tests, and these exist."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)

# sockets are closed to a process that imports the package
IMPORT = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind"):
        raise OSError(event)
sys.addaudithook(refuse)
import skinformer._public
print("imported")
"""


def names_in(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_tests_that_it_names_exist():
    assert len(NAMED) > 10
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not (ROOT / path).is_file() or (name and name not in names_in(ROOT / path))
    ]
    assert missing == []


def test_nothing_else_in_it_looks_like_a_test():
    # a name that the pattern above does not see would be checked by nobody
    assert len(re.findall(r"test_\w+\.py", TEXT)) == len(NAMED)


def test_it_is_linked_from_where_people_look():
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "](SECURITY.md)" in (ROOT / page).read_text(encoding="utf-8"), page
    pages = (ROOT / "docs" / "project.rst").read_text(encoding="utf-8")
    assert re.search(r"^   security$", pages, re.M)
    assert "SECURITY.md" in (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_import_opens_no_connection():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "imported", done.stderr
