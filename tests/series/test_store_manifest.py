"""Anybody may have written a manifest: what it says is checked, not believed."""

import copy
import json

import numpy as np
import pytest

from skinformer import PanelStore
from skinformer.series.store_manifest import size_of

from .stored import shops, write


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write(tmp_path_factory.mktemp("store"), shops(0.1), past_covariates="wind")


@pytest.fixture
def refused(store):
    """Return what opens the store by another manifest, and holds that it is refused."""
    file = store.path / "manifest.json"
    text = file.read_text()

    def check(manifest, message):
        file.write_text(json.dumps(manifest))
        try:
            with pytest.raises(ValueError, match=f"{message}.*damaged. Write it again"):
                PanelStore.open(store.path).panel()
        finally:
            file.write_text(text)

    return check


def parts_of(store):
    return json.loads((store.path / "manifest.json").read_text())


def test_parts_that_are_absent_or_of_another_kind(store, refused):
    for name in parts_of(store).keys() - {"format", "version"}:
        less = parts_of(store)
        del less[name]
        refused(less, f"{name!r}")
        for value in (7.5, [7], {"a": 1}, -1, [{}], [[]]):
            refused(parts_of(store) | {name: value}, "manifest.json: ")


EDITS = {
    "targets": lambda m: m["targets"].append("heat"),
    "no target": lambda m: m["targets"].clear(),
    "labels": lambda m: m["labels"].pop(),
    "one label twice": lambda m: m.update(labels=["a", "a", "b"]),
    "columns": lambda m: m["columns"].pop(),
    "time_at": lambda m: m.update(time_at=99),
    "a column is gone": lambda m: m["known"].pop(),
    "a column is a number": lambda m: m["past"][0].update(categories=["x"]),
    "steps that stand": lambda m: m["grid"].update(steps=["0ns"]),
    "steps back": lambda m: m["grid"].update(steps=["-5ns"]),
    "steps of no name": lambda m: m["grid"].update(steps=["soon"]),
    "fewer steps": lambda m: m["grid"].update(steps=[]),
    "zone": lambda m: m["grid"].update(zone="Mars/Olympus"),
    "a fill is gone": lambda m: m["arrays"].pop("ahead"),
    "objects": lambda m: m["arrays"].update(values=["O", [341, 2]]),
    "negative": lambda m: m["arrays"].update(values=["<f8", [-341, -2]]),
    "huge": lambda m: m["arrays"].update(given=["|b1", [2**64 + 341]]),
    "turned": lambda m: m["arrays"].update(values=["<f8", [2, 341]]),
    "other type": lambda m: m["arrays"].update(lengths=["<f8", [3]]),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_parts_that_contradict_one_another(store, refused, edit):
    manifest = parts_of(store)
    before = copy.deepcopy(manifest)
    edit(manifest)
    assert manifest != before
    refused(manifest, "")


def test_no_file_beside_the_store_is_read(store, refused):
    (store.path.parent / "secret").write_bytes(bytes(8))
    manifest = parts_of(store)
    manifest["arrays"]["../secret"] = ["<i8", [1]]
    refused(manifest, "'arrays' has other names")


def test_a_manifest_that_is_nested_without_end(store):
    file = store.path / "manifest.json"
    text = file.read_text()
    file.write_text("[" * 10**6)
    with pytest.raises(ValueError, match="not that of a panel store"):
        PanelStore.open(store.path)
    file.write_text(text)


def test_lengths_that_are_not_those_of_the_rows(store, refused):
    lengths = np.fromfile(store.path / "lengths", "<i8")
    for other in ([0, 228, 113], [131, 97, 112], [-1, 229, 113]):
        np.array(other).tofile(store.path / "lengths")
        refused(parts_of(store), "lengths has not the rows of each series")
    lengths.tofile(store.path / "lengths")


def test_sizes_do_not_run_over():
    assert size_of("<f8", [2**62, 2**5]) == 2**70
