import json
import os
import pickle
import struct
import time
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest

from skinformer import describe, load, save
from skinformer.exceptions import ModelFileError
from skinformer.persistence import archive
from skinformer.persistence.archive import parse_json, write_archive

from .crafted import entries_of, naive, zip_of


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save(naive(), tmp_path_factory.mktemp("a") / "model.skinf").read_bytes()


@pytest.fixture
def path(tmp_path, saved):
    (tmp_path / "model.skinf").write_bytes(saved)
    return tmp_path / "model.skinf"


def refused(path, words):
    """Both readers refuse the file, in one sentence or two that begin with its path."""
    began = time.process_time()
    for read in (load, describe):
        with pytest.raises(ModelFileError, match=words) as caught:
            read(path)
        assert str(caught.value).startswith(str(path))
        assert str(caught.value).endswith(".")
    assert time.process_time() - began < 2


def test_what_is_written_is_read(tmp_path):
    entries = {"model.json": b"{}", "arrays.safetensors": b"\0\1\2"}
    write_archive(tmp_path / "a", entries)
    assert entries_of(tmp_path / "a") == entries


def test_entries_are_not_compressed(path):
    with zipfile.ZipFile(path) as held:
        assert {info.compress_type for info in held.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_file_that_is_cut_short(path, part):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    refused(path, "is empty|cut short")


@pytest.mark.parametrize("lost", [1, 21, 22, 23, 60])
def test_a_file_that_lost_its_last_bytes(path, lost):
    path.write_bytes(path.read_bytes()[:-lost])
    refused(path, "cut short")


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_pickle(path, protocol):
    path.write_bytes(pickle.dumps({"a": 1}, protocol=protocol))
    refused(path, "is a pickle.*joblib.load")


def test_a_joblib_file(path):
    joblib.dump(naive(), path)
    refused(path, "is a pickle")


@pytest.mark.parametrize("data", [b"\x00" * 99, b"a,b\n1,2\n", b"\x1f\x8b\x08"])
def test_a_file_of_another_kind(path, data):
    path.write_bytes(data)
    refused(path, "is no model file")


def test_a_zip_of_something_else(path):
    zip_of(path, [("data.pkl", b"x"), ("version", b"3")])
    refused(path, "is a zip, but no model file")


def test_a_zip_with_an_entry_more(path):
    entries = entries_of(path)
    write_archive(path, entries | {"../../evil.py": b"import os"})
    refused(path, "is a zip, but no model file")


def test_an_entry_that_is_there_twice(path):
    with zipfile.ZipFile(path) as held:
        pairs = [(name, held.read(name)) for name in held.namelist()]
    with pytest.warns(UserWarning, match="Duplicate"):
        zip_of(path, [*pairs, pairs[-1]])
    refused(path, "is a zip, but no model file")


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_bomb(path, how):
    zip_of(path, [(name, b"\0" * 2**22) for name in archive.NEEDED], how)
    assert path.stat().st_size < 2**15
    refused(path, "claim to be larger")


def test_a_size_that_the_file_does_not_have(path):
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\1\2")
    data[first + 20 : first + 28] = struct.pack("<2L", 2**31, 2**31)
    path.write_bytes(data)
    refused(path, "claim to be larger")


def test_a_directory_that_takes_long_to_read(path):
    data = bytearray(path.read_bytes())
    data[-10:-6] = struct.pack("<L", 2**30)
    path.write_bytes(data)
    refused(path, "cut short")


def test_a_byte_that_changed_where_the_zip_does_not_notice(path):
    """The checksums are ours: a CRC of 32 bits can be made to fit."""
    entries = entries_of(path)
    manifest = archive.manifest_of(entries)
    arrays = bytearray(entries["arrays.safetensors"])
    arrays[-1] ^= 1
    pairs = [
        ("manifest.json", manifest),
        *(entries | {"arrays.safetensors": bytes(arrays)}).items(),
    ]
    zip_of(path, pairs)
    refused(path, "the checksum of arrays.safetensors is wrong")


def with_manifest(path, **changes):
    entries = entries_of(path)
    manifest = json.loads(archive.manifest_of(entries)) | changes
    zip_of(path, [("manifest.json", json.dumps(manifest)), *entries.items()])


def test_a_newer_schema(path):
    with_manifest(path, schema_version=2)
    refused(path, r"schema version 2.*Upgrade skinformer")


def test_a_newer_schema_may_hold_other_things(path):
    with_manifest(path, schema_version=3, entries=["of", "another", "kind"])
    refused(path, r"schema version 3.*Upgrade skinformer")


@pytest.mark.parametrize(
    "changes",
    [
        {"schema_version": "1"},
        {"schema_version": True},
        {"schema_version": 0},
        {"format": "other"},
        {"entries": []},
        {"entries": {}},
    ],
    ids=str,
)
def test_a_manifest_that_is_not_ours(path, changes):
    with_manifest(path, **changes)
    refused(path, "damaged: its manifest")


@pytest.mark.parametrize(
    "text", [b"", b"[" * 4000, b"9" * 4090, b"NaN", b"\xff\xfe", b"[]", b'"a"']
)
def test_a_manifest_that_is_no_json(path, text):
    zip_of(path, [("manifest.json", text), *entries_of(path).items()])
    refused(path, "damaged: its manifest")


def test_a_file_larger_than_allowed(path):
    with pytest.raises(ModelFileError, match=r"max_bytes=100\. If you trust"):
        load(path, max_bytes=100)
    assert load(path, max_bytes=path.stat().st_size) is not None


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*absent"):
        load(tmp_path / "absent")


def test_a_folder(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save(naive(), tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes have names here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="is no regular file"):
        load(tmp_path / "pipe")


def test_a_folder_that_is_absent(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*absent\."):
        save(None, tmp_path / "absent" / "a")  # before it is looked at


def test_an_error_leaves_the_file_that_was_there(path, monkeypatch):
    before = path.read_bytes()

    def fails(*_):
        raise OSError("no space left")

    monkeypatch.setattr(archive, "fill", fails)
    with pytest.raises(OSError, match="no space left"):
        save(naive(), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_the_same_model_makes_the_same_entries(tmp_path):
    first = entries_of(save(naive(), tmp_path / "a"))
    again = entries_of(save(load(tmp_path / "a"), tmp_path / "b"))
    del first["model.json"], again["model.json"]  # which say when
    assert first == again


def test_the_path_may_be_text(tmp_path):
    assert save(naive(), str(tmp_path / "a")) == Path(tmp_path / "a")
    assert np.isfinite(load(str(tmp_path / "a"))._means).all()


def test_json_has_no_infinity():
    with pytest.raises(ValueError, match="no -Infinity"):
        parse_json(b"[-Infinity]")


@pytest.mark.skipif(os.name != "posix", reason="other rights")
def test_a_private_file_stays_private(path):
    path.chmod(0o600)
    save(naive(), path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_name_as_long_as_may_be(tmp_path):
    path = tmp_path / ("a" * 250)
    assert load(save(naive(), path)) is not None
