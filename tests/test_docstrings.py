"""Public docstrings: complete, in the order of the signature, defaults as in the code.

The parser is a few lines of our own, so that the comparison runs without numpydoc;
where numpydoc is installed, its validator looks too.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import skinformer

SECTION = re.compile(r"^(?P<title>[A-Z][\w ]+)\n-{3,}\n", re.M)
ENTRY = re.compile(
    r"^(?P<names>[*\w][\w*, ]*?) : (?P<kind>\S.*(?:\n {4,}default=.*)?)$"
)
DEFAULT = re.compile(r"default=(?P<value>.+)$")

# What numpydoc's validator must not find: docstrings without a summary, unknown or
# misplaced sections, parameters that are absent, unknown, out of order or without a
# type, a return value that is not described.
CODES = {
    *("GL03", "GL06", "GL07", "GL08"),
    *("SS01", "SS02", "SS04"),
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR10"),
    *("RT01", "YD01"),
}


def public_modules() -> Iterator[ModuleType]:
    """Yield the package, its folders, and its errors."""
    yield skinformer
    for found in pkgutil.iter_modules(skinformer.__path__, "skinformer."):
        if found.ispkg or found.name == "skinformer.exceptions":
            yield importlib.import_module(found.name)


def public_objects() -> dict[str, Any]:
    """Map the public classes and functions, and the methods of the classes, by name."""
    found = {}
    for module in public_modules():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                found[f"{value.__module__}.{name}"] = value
    for name, value in list(found.items()):
        if inspect.isclass(value):
            found |= {f"{name}.{key}": f for key, f in own_methods(value).items()}
    return found


def own_methods(cls: type) -> dict[str, Any]:
    """Map the public methods that a class writes itself."""
    methods = {}
    for name, value in vars(cls).items():
        function = inspect.unwrap(getattr(value, "__func__", value))
        ours = getattr(function, "__module__", "").startswith("skinformer")
        if not name.startswith("_") and inspect.isfunction(function) and ours:
            methods[name] = getattr(cls, name)
    return methods


OBJECTS = public_objects()


class Entry(NamedTuple):
    """A parameter as the docstring has it."""

    name: str
    kind: str


def section(text: str, title: str) -> str:
    """Return the text of one section of a docstring, empty if it is not there."""
    pieces = SECTION.split(text)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True)).get(title, "")


def entries(text: str) -> list[Entry]:
    """Read ``name : type`` lines; ``X, y : ...`` are two entries."""
    found = []
    for line in text.splitlines():
        match = ENTRY.match(line)
        if match:
            names = match["names"].split(", ")
            found += [Entry(name.lstrip("*"), match["kind"]) for name in names]
    return found


def parameters(value: Any) -> list[inspect.Parameter]:
    """Return the parameters that a caller can give."""
    found = inspect.signature(value).parameters.values()
    return [p for p in found if p.name not in ("self", "cls")]


def is_record(value: Any) -> bool:
    """Tell whether this is a tuple or dataclass, whose attributes are documented."""
    return hasattr(value, "_fields") or hasattr(value, "__dataclass_fields__")


def documents_parameters(value: Any) -> bool:
    """Tell whether there is a Parameters section, or has to be one.

    What the package itself exports has one. Methods, and parts of the network, can say
    all in a line; what they do document is held to the signature as well.
    """
    if section(inspect.getdoc(value) or "", "Parameters"):
        return True
    if is_record(value) or (inspect.isclass(value) and issubclass(value, Exception)):
        return False
    exported = value in [getattr(skinformer, key) for key in skinformer.__all__]
    return exported and bool(parameters(value))


WITH_PARAMETERS = [
    name for name, value in OBJECTS.items() if documents_parameters(value)
]


def literal(text: str) -> Any:
    """Read a default as Python does; what it cannot read stays text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_says_what_it_is(name):
    text = inspect.getdoc(OBJECTS[name]) or ""
    assert text.strip(), f"{name} has no docstring"
    assert "TODO" not in text


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_parameters_stand_in_the_order_of_the_signature(name):
    value = OBJECTS[name]
    documented = entries(section(inspect.getdoc(value), "Parameters"))
    assert [e.name for e in documented] == [p.name for p in parameters(value)]


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_defaults_are_those_of_the_signature(name):
    value = OBJECTS[name]
    documented = {
        e.name: e for e in entries(section(inspect.getdoc(value), "Parameters"))
    }
    for parameter in parameters(value):
        found = DEFAULT.search(documented[parameter.name].kind)
        if parameter.default is inspect.Parameter.empty:
            assert found is None or parameter.kind is parameter.VAR_KEYWORD
        elif not optional(parameter, documented[parameter.name]):
            assert found, f"{parameter.name} does not say its default"
            assert literal(found["value"]) == parameter.default, parameter.name


def optional(parameter: inspect.Parameter, entry: Entry) -> bool:
    """Tell whether None stands for "not given", as for the y of transformers."""
    said = parameter.name == "y" or entry.kind.endswith("optional")
    return said and parameter.default is None


def test_a_class_documents_its_fitted_attributes():
    text = inspect.getdoc(skinformer.InformerRegressor)
    documented = {e.name for e in entries(section(text, "Attributes"))}
    assert {"net_", "n_iter_", "best_epoch_", "loss_curve_"} <= documented


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_numpydoc_finds_nothing_missing(name):
    validate = pytest.importorskip("numpydoc.validate")
    found = validate.validate(name)["errors"]
    assert [text for code, text in found if code in CODES] == []


# The parser itself


def test_the_parser_reads_a_docstring():
    text = inspect.cleandoc(
        """Add.

        Parameters
        ----------
        X, y : array-like
            The rows.
        scale : {"a", "b"} or None, default="a"
            With a colon : inside.
        *rest : int

        Returns
        -------
        total : float
        """
    )
    found = entries(section(text, "Parameters"))
    assert [e.name for e in found] == ["X", "y", "scale", "rest"]
    assert literal(DEFAULT.search(found[2].kind)["value"]) == "a"
    assert [e.name for e in entries(section(text, "Returns"))] == ["total"]
    assert section(text, "Notes") == ""


def test_a_wrong_default_is_noticed():
    assert literal("1e-3") == 0.001
    assert literal("17_520") == 17520
    assert literal("None") is None
    assert literal("huber") == "huber"
