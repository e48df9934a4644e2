"""Exit codes, errors in a line, Ctrl-C, closed pipes, completion."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from skinformer import __version__
from skinformer.cli import app, main

from .helpers import load_frame, process, run, write


def test_version(capsys):
    done = run(capsys, "--version")
    assert (done.code, done.out.strip()) == (0, __version__)


def test_help_needs_neither_torch_nor_pandas():
    code = (
        "import sys; from skinformer.cli import main; main(['fit', '--help']); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'pandas', 'sklearn')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--target" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "fit {}.csv",
        "report {}.csv",
        "compare {}.csv",
        "backtest {}.csv",
        "backtest --fitted {}.skinf t.csv",
        "predict {}.skinf",
        "inspect {}.skinf",
    ],
)
def test_a_file_that_is_not_there_is_told_before_anything_heavy(
    line, tmp_path, capsys, monkeypatch
):
    for heavy in ("torch", "pandas", "sklearn"):
        monkeypatch.setitem(sys.modules, heavy, None)  # not to be imported
    for module in [name for name in sys.modules if ".cli.work" in name]:
        monkeypatch.delitem(sys.modules, module)
    done = run(capsys, line.format(tmp_path / "nosuch"))
    assert done.code == 1
    assert "There is no" in done.err
    assert "nosuch" in done.err


def test_what_comes_through_a_pipe_is_read_once(tmp_path, capsys):
    pipe, text = tmp_path / "pipe", load_frame().to_csv(index=False)
    os.mkfifo(pipe)
    # a writer whose reader goes away before the end gets an error, and writes no more
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    line = "fit --model naive --target load --horizon 3 -o"
    done = run(capsys, line, tmp_path / "m.skinf", pipe)
    writer.join()
    assert (done.code, "240 rows" in done.out) == (0, True), done.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fitt", "fit"),
        ("demo --data ETTh9", "ETTh9"),
        ("demo --pred-len 0", "--pred-len"),
        ("demo --seed -1", "--seed"),
        ("fit x.csv --modle naive", "--model"),
        ("predict m.skinf --coverage 2", "must lie between 0 and 1"),
        ("compare x.csv --models naive,rigde", "Did you mean 'ridge'?"),
        ("fit", "TABLE"),
    ],
)
def test_wrong_usage_exits_with_2_and_names_the_help(line, message, capsys):
    done = run(capsys, line)
    assert done.code == 2
    assert message in done.err
    assert re.search(r"See skinformer( \w+)? --help\.$", done.err)
    assert len(done.err.splitlines()) == 1


def test_a_bare_command_shows_the_help(capsys):
    done = run(capsys, "")
    assert done.code == 2
    assert "predict" in done.out + done.err


def test_a_mistake_of_ours_is_told_without_traceback(table, monkeypatch, capsys):
    def fail(*args):
        raise KeyError("thing")

    monkeypatch.setattr("skinformer.cli.work.models.read_data", fail)
    done = run(capsys, "fit", table)
    assert done.code == 1
    assert "unexpected KeyError: 'thing'" in done.err
    assert "--debug" in done.err
    with pytest.raises(KeyError):
        main(["fit", str(table), "--debug"])


def test_debug_shows_where_an_error_came_from(tmp_path):
    with pytest.raises(FileNotFoundError):
        main(["--debug", "fit", str(tmp_path / "absent.csv")])


def test_our_warnings_are_lines(tmp_path, capsys):
    path = write(tmp_path / "holes.csv", load_frame().drop(index=[7, 30]))
    line = "fit --model naive --target load --horizon 3 -o"
    done = run(capsys, line, tmp_path / "m.skinf", path)
    assert done.code == 0
    [note] = [text for text in done.err.splitlines() if text.startswith("note: ")]
    assert "2 of 240 rows are absent" in note


def read_until(stream, word):
    """Read what a process says, until a word has come or it ends."""
    said = ""
    while not said.endswith(word):
        letter = stream.read(1)
        if not letter:
            break
        said += letter
    return said


def test_ctrl_c_in_training_leaves_no_file(tmp_path, table):
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / "m.skinf"
    # epochs without end: they are to be broken off, not to be waited for
    settings = ["--set", "max_epochs=1000000", "--set", "patience=None"]
    sizes = ["--set", "highway=None", "--set", "seq_len=48", "--set", "d_model=8"]
    line = ["fit", table, "--target", "load", "-o", output, *settings, *sizes]
    # a shell that started the tests in the background may have it ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = process(*line, "--set", "verbose=1")
    finally:
        signal.signal(signal.SIGINT, before)
    with started:
        # of the bar, when it is whole: before, tqdm would have words of its own
        said = read_until(started.stderr, "train=")
        assert started.poll() is None, said
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert err.splitlines()[-1].startswith("skinformer: interrupted")
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []
    assert out == ""


def test_ctrl_c_leaves_the_file_that_was_there(model, table, monkeypatch, capsys):
    before = model.read_bytes()

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("skinformer.cli.work.fit.fit_calibrated", interrupted)
    line = "fit --model naive --target load -o"
    assert run(capsys, line, model, table).code == 130
    assert model.read_bytes() == before


def test_a_closed_pipe_ends_without_a_word(model):
    # more than a pipe holds, so that the writer meets the closed end
    with process("predict", model, "--horizon", "4500") as started:
        assert started.stdout.readline() == "time,load\n"
        started.stdout.close()
        assert started.stderr.read() == ""
        assert started.wait(timeout=60) == 1


def test_completion_is_shown(capsys, monkeypatch):
    monkeypatch.setenv("_SKINFORMER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "skinformer pre")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit) as done:
        main([])
    assert done.value.code == 0
    assert capsys.readouterr().out.strip() == "predict"


def test_show_completion(monkeypatch):
    # a shell that is named: the one around may not be found, as in a service
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    done = process("--show-completion", "bash")
    out, _ = done.communicate(timeout=60)
    assert done.returncode == 0
    assert "_SKINFORMER_COMPLETE" in out


def test_no_colour_where_nobody_watches(model, capsys):
    done = run(capsys, "inspect", model)
    assert "\x1b" not in done.out
    assert not any(line != line.rstrip() for line in done.out.splitlines())


JSON = [
    "fit {table} --model naive --target load --horizon 4 -o {folder}/new.skinf",
    "predict {model} --coverage 0.5",
    "backtest {table} --model naive --target load --horizon 4 --stride 4",
    "compare {table} --models naive,lag --target load --horizon 4 --stride 4",
    "inspect {model}",
    "demo --write-csv {folder}/demo.csv",
]


@pytest.mark.parametrize("line", JSON)
def test_json_is_all_that_is_printed(line, tmp_path, table, model, capsys):
    done = run(capsys, line.format(table=table, model=model, folder=tmp_path), "--json")
    assert done.code == 0, done.err
    assert isinstance(json.loads(done.out), dict)


def test_every_command_has_a_row_in_the_help(capsys):
    done = run(capsys, "--help")
    names = [info.name for info in app.app.registered_commands]
    assert names == [
        "fit",
        "predict",
        "backtest",
        "compare",
        "report",
        "inspect",
        "demo",
    ]
    assert all(re.search(rf"\b{name}\b", done.out) for name in names)


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_closed(model, monkeypatch, stream):
    monkeypatch.setattr(sys, stream, None)
    assert main(["inspect", str(model)]) == 0
    getattr(sys, stream).close()


def test_an_encoding_that_lacks_a_character(tmp_path, capsys, monkeypatch):
    frame = load_frame().rename(columns={"load": "l\u00e4d"})
    path, file = write(tmp_path / "t.csv", frame), tmp_path / "m.skinf"
    line = "fit --model naive --horizon 4 --target l\u00e4d"
    assert run(capsys, line, path, "-o", file).code == 0
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["predict", str(file)]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert "encoding ascii lacks; set PYTHONIOENCODING=utf-8" in said
