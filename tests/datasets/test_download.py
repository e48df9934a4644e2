import hashlib
import io
import os
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import URLError

import pytest

from skinformer.datasets import _download, get_data_home
from skinformer.datasets._download import RemoteFile, find_or_fetch
from skinformer.exceptions import DatasetUnavailableError

CONTENT = b"date,load\n2022-01-01,7\n"
FILE = RemoteFile(
    "load.csv",
    "https://example.org/load.csv",
    "sha256:" + hashlib.sha256(CONTENT).hexdigest(),
)


@pytest.fixture
def serve(monkeypatch):
    """Return a function that makes every URL answer; it returns the log of calls."""

    def start(content):
        calls = []

        def urlopen(url, timeout):
            calls.append((url, timeout))
            if isinstance(content, BaseException):
                raise content
            return io.BytesIO(content)

        monkeypatch.setattr(_download, "urlopen", urlopen)
        return calls

    return start


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def left_behind(cache):
    return list(cache.rglob("*")) if cache.exists() else []


def test_a_download_is_kept_and_asked_for_once(serve, cache):
    calls = serve(CONTENT)
    path = find_or_fetch(FILE)
    assert path == cache / "load.csv"
    assert path.read_bytes() == CONTENT
    assert left_behind(cache) == [path]
    assert find_or_fetch(FILE) == path
    assert calls == [(FILE.url, 30.0)]


def test_a_file_url_works(monkeypatch, tmp_path, cache):
    from urllib.request import urlopen

    source = tmp_path / "source.csv"
    source.write_bytes(CONTENT)
    monkeypatch.setattr(_download, "urlopen", urlopen)
    file = RemoteFile("load.csv", source.as_uri(), FILE.checksum)
    assert find_or_fetch(file).read_bytes() == CONTENT


def test_md5_is_understood_too(serve):
    md5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
    serve(CONTENT)
    assert find_or_fetch(RemoteFile("a", FILE.url, md5)).read_bytes() == CONTENT
    serve(CONTENT + b"x")
    with pytest.raises(DatasetUnavailableError, match=md5):
        find_or_fetch(RemoteFile("b", FILE.url, md5))


def test_what_is_kept_is_what_convert_makes(serve):
    serve(CONTENT.upper())
    file = RemoteFile(FILE.name, FILE.url, FILE.checksum, bytes.lower)
    assert find_or_fetch(file).read_bytes() == CONTENT


def test_convert_may_refuse(serve, cache):
    def refuse(content):
        raise ValueError("not a zip")

    serve(CONTENT)
    with pytest.raises(DatasetUnavailableError, match=r"23 bytes .* \(not a zip\)"):
        find_or_fetch(RemoteFile(FILE.name, FILE.url, FILE.checksum, refuse))
    assert left_behind(cache) == []


def test_the_users_folder_comes_first_then_the_cache(
    monkeypatch, serve, tmp_path, cache
):
    calls = serve(CONTENT)
    own, home = tmp_path / "own", tmp_path / "home"
    for folder in (own, home, cache):
        folder.mkdir()
        (folder / "load.csv").write_bytes(CONTENT)
    monkeypatch.setenv("SKINFORMER_DATA", str(own))
    assert find_or_fetch(FILE, home) == own / "load.csv"
    (own / "load.csv").unlink()
    assert find_or_fetch(FILE, home) == home / "load.csv"
    assert find_or_fetch(FILE) == cache / "load.csv"
    assert calls == []


def test_a_download_never_goes_to_the_users_folder(monkeypatch, serve, tmp_path):
    own, home = tmp_path / "own", tmp_path / "deep" / "home"
    own.mkdir()
    monkeypatch.setenv("SKINFORMER_DATA", str(own))
    serve(CONTENT)
    assert find_or_fetch(FILE, home) == home / "load.csv"
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("variable", ["SKINFORMER_DATA", "SKINFORMER_CACHE"])
def test_a_wrong_copy_is_named_and_left_alone(monkeypatch, serve, tmp_path, variable):
    calls = serve(CONTENT)
    copy = tmp_path / "load.csv"
    copy.write_bytes(b"edited")
    monkeypatch.setenv(variable, str(tmp_path))
    with pytest.raises(DatasetUnavailableError) as caught:
        find_or_fetch(FILE)
    message = str(caught.value)
    assert str(copy) in message
    assert FILE.checksum in message
    assert hashlib.sha256(b"edited").hexdigest() in message
    assert copy.read_bytes() == b"edited"
    assert calls == []


def test_a_wrong_download_shows_both_sums_and_leaves_nothing(serve, cache):
    serve(b"a page that asks to log in")
    with pytest.raises(DatasetUnavailableError) as caught:
        find_or_fetch(FILE)
    message = str(caught.value)
    assert FILE.checksum in message
    assert hashlib.sha256(b"a page that asks to log in").hexdigest() in message
    assert FILE.url in message
    assert left_behind(cache) == []


@pytest.mark.parametrize(
    "failure", [URLError("no route"), TimeoutError("timed out"), IncompleteRead(b"da")]
)
def test_offline_names_folders_variable_and_url(
    monkeypatch, serve, tmp_path, cache, failure
):
    own = tmp_path / "own"
    serve(failure)
    with pytest.raises(DatasetUnavailableError, match="SKINFORMER_DATA, which is not"):
        find_or_fetch(FILE)
    monkeypatch.setenv("SKINFORMER_DATA", str(own))
    with pytest.raises(DatasetUnavailableError) as caught:
        find_or_fetch(FILE)
    message = str(caught.value)
    for part in (str(own), str(cache), "SKINFORMER_DATA", FILE.url, repr(failure)):
        assert part in message
    assert "not set" not in message
    assert left_behind(cache) == []


def test_download_if_missing_false_asks_nobody(serve, cache):
    calls = serve(CONTENT)
    with pytest.raises(DatasetUnavailableError, match="download_if_missing=False"):
        find_or_fetch(FILE, download_if_missing=False)
    assert calls == []
    assert not cache.exists()


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError("disk full")])
@pytest.mark.parametrize("moment", ["receive", "write", "replace"])
def test_interruption_leaves_nothing_behind(monkeypatch, serve, cache, failure, moment):
    def fail(*args):
        raise failure

    def write_half(path, content):
        with open(path, "wb") as partial:
            partial.write(content[: len(content) // 2])
        raise failure

    serve(failure if moment == "receive" else CONTENT)
    if moment == "write":
        monkeypatch.setattr(Path, "write_bytes", write_half)
    if moment == "replace":
        monkeypatch.setattr(os, "replace", fail)
    expected = (
        DatasetUnavailableError if isinstance(failure, OSError) else type(failure)
    )
    with pytest.raises(expected):
        find_or_fetch(FILE)
    assert left_behind(cache) == []


def test_the_file_appears_whole_and_at_once(monkeypatch, serve, cache):
    serve(CONTENT)
    replace, seen = os.replace, []

    def watch(source, target):
        seen.append((Path(source).read_bytes(), Path(target).exists()))
        assert os.stat(source).st_dev == os.stat(cache).st_dev
        replace(source, target)

    monkeypatch.setattr(os, "replace", watch)
    find_or_fetch(FILE)
    assert seen == [(CONTENT, False)]


def test_a_folder_that_cannot_be_made_is_named(serve, tmp_path):
    (tmp_path / "taken").write_text("a file")
    serve(CONTENT)
    with pytest.raises(
        DatasetUnavailableError, match=r"taken.*cannot be written.*CACHE"
    ):
        find_or_fetch(FILE, tmp_path / "taken" / "home")


@pytest.mark.parametrize("folder", [5, b"x", ["a"]])
def test_what_names_no_folder(folder):
    with pytest.raises(TypeError, match=r"data_home must be a str or path-like.* got"):
        get_data_home(folder)


def test_a_home_that_nobody_has(monkeypatch):
    message = (
        "='~nouser/x' starts in a home directory that is not known. Give the whole"
    )
    with pytest.raises(ValueError, match=f"data_home{message}"):
        get_data_home("~nouser/x")
    for variable in ("SKINFORMER_CACHE", "SKINFORMER_DATA"):
        monkeypatch.setenv(variable, "~nouser/x")
        with pytest.raises(ValueError, match=f"{variable}{message}"):
            find_or_fetch(FILE)


def test_get_data_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SKINFORMER_CACHE", "~/cache")
    assert get_data_home() == tmp_path / "cache"
    assert get_data_home("~/mine") == tmp_path / "mine"
    monkeypatch.delenv("SKINFORMER_CACHE")
    assert get_data_home() == tmp_path / ".cache" / "skinformer"
    assert list(tmp_path.iterdir()) == []
