"""Training in several processes, launched as a user launches it, and in one alone.

What runs in them is in_processes.py.
"""

import copy
import json
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

pytest.importorskip("accelerate")

import accelerate.utils.other
from accelerate import Accelerator

import skinformer
from skinformer.baselines.teacher_forcing import TeacherForcedNet
from skinformer.forecasting.accelerated import (
    RankOrder,
    accelerated,
    accelerated_class,
    add_up_step,
    weigh,
)
from skinformer.forecasting.launched import make_accelerator
from skinformer.forecasting.processes import Team
from skinformer.forecasting.training import ForecastNet, train

from ..series.stored import shops, write
from . import in_processes
from .in_processes import (
    ALIKE,
    N_ROWS,
    ONE_MORE,
    data,
    few,
    fit_alike,
    killed,
    make,
    of_store,
)
from .toy_net import make_net, windows

ROOT = Path(__file__).parents[2]
# seconds until a launch counts as hanging: longer than a process waits for another
LIMIT = 900


def free_port():
    """Return a port that nobody listens to: 0 where accelerate finds one itself.

    It takes it as soon as it is found; before its imports, it may be gone.
    """
    if hasattr(accelerate.utils.other, "get_free_port"):
        return 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def launch(out, script, *arguments):
    """Start two processes of a script; return their exit code and output."""
    options = ["--multi_gpu", "--num_processes", "2", "--num_machines", "1"]
    options += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    options += ["--main_process_port", str(free_port())]
    # no GPU is seen: the processes talk by gloo
    settings = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    settings |= {"PYTHONPATH": str(ROOT), "HF_HOME": str(out)}
    started = subprocess.Popen(
        [sys.executable, "-m", "accelerate.commands.launch", *options]
        + [str(script), *arguments],
        cwd=out,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = started.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        raise
    return started.returncode, said


def play(out, scenario):
    """Launch a scenario; return exit code, output, and what each process wrote."""
    code, said = launch(out, in_processes.__file__, str(out), scenario)
    files = [out / f"{scenario}{rank}.json" for rank in range(2)]
    told = [json.loads(f.read_text()) if f.exists() else None for f in files]
    return code, said, told


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return what two processes have seen of trainings together."""
    out = tmp_path_factory.mktemp("out")
    write(out, shops())
    code, said, told = play(out, "train")
    assert code == 0, said
    return [each | {"out": out} for each in told]


class TestTogether:
    @pytest.mark.parametrize("name", ALIKE)
    def test_losses_and_forecasts_are_those_of_one_process(self, trained, name):
        alone, (first, second) = fit_alike(name, "cpu"), trained
        together = first["alike"][name]
        for part in ("train", "valid", "forecast"):
            assert_allclose(together[part], alone[part], rtol=1e-4, err_msg=part)
        assert second["alike"][name] == together

    def test_each_window_is_copied_by_one_process(self, trained):
        # the last row of copies is the validation; batches hold 7 windows, the last 1
        n = N_ROWS - ONE_MORE["validation_fraction"] - 17
        shares = [[batch for batch in told["batches"] if batch] for told in trained]
        train = [[start for batch in share[:-1] for start in batch] for share in shares]
        valid = [share[-1] for share in shares]
        assert [len(share) - 1 for share in shares] == [15, 14]
        assert [len(batch) for batch in shares[0][:-1]] == [4] * 14 + [1]
        assert [len(batch) for batch in shares[1][:-1]] == [3] * 14
        assert sorted(train[0] + train[1]) == list(range(12, 12 + n))
        assert len(valid[0]) - len(valid[1]) in (0, 1)
        assert sorted(valid[0] + valid[1]) == list(range(12 + n + 5, N_ROWS - 5))

    def test_all_hold_the_same_weights_whatever_they_drew(self, trained):
        one, two = (told["weights"] for told in trained)
        assert one == two
        assert len(set(one)) == 3  # fitted, fitted again, trained a little more
        assert trained[0]["loss"] == trained[1]["loss"]

    def test_dropout_is_not_the_same_in_all(self, trained):
        one, two = (told["masks"] for told in trained)
        assert not set(one) & set(two)

    def test_the_net_is_plain_and_the_parameter_stays(self, trained):
        for told in trained:
            assert told["class"] == "ForecastNet"
            assert told["device"] == "accelerate"
            assert told["pickle"] == []

    def test_only_the_first_says_and_writes(self, trained):
        first, second = trained
        assert "training on" in first["log"]
        assert "2/2 epochs" in first["bar"]
        assert first["warned"] == [True]
        assert first["saved"]
        assert second["log"] == second["bar"] == ""
        assert second["warned"] == []
        assert not second["saved"]

    def test_a_search_runs_in_all(self, trained):
        one, two = (told["scores"] for told in trained)
        assert one == two
        assert np.isfinite(one).all()

    def test_all_refuse_what_differs_between_them(self, trained):
        rows, params, values = trained[0]["refused"]
        assert trained[1]["refused"] == trained[0]["refused"]
        assert "102 windows train there, and 103 in process 0" in rows
        assert "weights of other shapes" in params
        assert "mean and deviation" in values

    def test_a_process_without_a_window_takes_part(self, trained):
        alone = few("cpu")
        for told in trained:
            assert_allclose(told["few"]["losses"], alone["losses"], rtol=1e-5)
            # of a weight that no window reaches: it has no gradient, and no decay
            assert_allclose(told["few"]["sums"], alone["sums"], rtol=1e-5)

    def test_each_reads_the_windows_of_a_store(self, trained):
        alone = of_store(trained[0]["out"] / "store", "cpu")
        for told in trained:
            assert_allclose(told["store"], alone, rtol=1e-4)

    def test_a_training_goes_on_from_the_disk_of_the_first(self, trained):
        one, two = (told["resume"] for told in trained)
        assert one["resumed"] == one["whole"]  # weights to the bit
        assert two["resumed"] == two["whole"] == one["whole"]
        assert one["left"] == []

    def test_a_checkpoint_that_does_not_fit_is_refused_by_all(self, trained):
        one, two = (told["resume"]["refused"] for told in trained)
        assert one[0].startswith("CheckpointError: ")
        assert two[0] == one[0].replace("CheckpointError", "ValueError: Process 0")
        assert "lr was 0.001, is 1.0" in one[0]
        for _, nowhere in (one, two):
            assert "nowhere/0' is not there; make the folder first" in nowhere

    def test_a_loss_that_is_lost_in_one_is_lost_in_all(self, trained):
        one, two = (told["spoilt"] for told in trained)
        assert one == two
        assert one["lost"] == [2]

    def test_one_without_memory_takes_its_part_in_pieces(self, trained):
        alone = make(device="cpu").fit(*data())
        curves = alone.loss_curve_ + alone.validation_loss_curve_
        for told in trained:
            assert_allclose(told["cramped"], curves, rtol=1e-4)

    def test_callbacks_save_once_and_forecast_all_windows(self, trained):
        one, two = (told["called"] for told in trained)
        kinds = ["criterion.pt", "history.json", "optimizer.pt", "params.pt"]
        assert one["files"] == kinds
        assert two["files"] == []
        n_valid = ONE_MORE["validation_fraction"] - 5
        assert one["forecasts"] == two["forecasts"] == [n_valid, n_valid]


class TestFaults:
    def test_a_process_that_is_killed_ends_the_run(self, tmp_path):
        code, said, told = play(tmp_path, "lose_one")
        assert code != 0
        assert "SIGKILL" in said
        assert told == [None, None]
        again = killed(tmp_path).fit(*data())  # goes on after the first epoch, alone
        whole = make(device="cpu").fit(*data())
        assert_allclose(again.loss_curve_, whole.loss_curve_, rtol=1e-4)
        assert again.net_.history[0]["dur"] != again.net_.history[1]["dur"]

    def test_one_that_fails_alone_keeps_none_waiting(self, tmp_path):
        code, said, (first, second) = play(tmp_path, "fail_alone")
        assert code != 0, said
        assert second["both"]  # the first ended while the second was still there
        assert first["errors"][0].startswith("RuntimeError: Process 0 of 2 cannot")
        assert second["errors"][0] == "OSError: the disk of this process is gone"
        for told in (first, second):
            assert "has left the others" in told["errors"][1]
            assert not told["fitted"]


@pytest.fixture(scope="module")
def model():
    """Return a model fitted in one process; tests must not change it."""
    return make(device="accelerate").fit(*data())


@pytest.mark.slow
def test_the_example_runs_in_one_process_and_in_two(tmp_path):
    example = ROOT / "examples" / "distributed" / "train.py"
    code, said = launch(tmp_path, example)
    assert code == 0, said
    alone = subprocess.run(
        [sys.executable, str(example)],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert alone.returncode == 0, alone.stderr
    errors = [
        re.findall(r"last day: ([\d.]+) MW", text) for text in (said, alone.stdout)
    ]
    assert [len(each) for each in errors] == [1, 1]  # one process speaks
    assert (tmp_path / "load.skinf").exists()


class TestAlone:
    def test_the_same_as_on_the_device(self):
        alone, plain = (
            fit_alike("clipped", device) for device in ("accelerate", "cpu")
        )
        assert_allclose(alone["train"], plain["train"], rtol=1e-6)
        assert_allclose(alone["forecast"], plain["forecast"], rtol=1e-5)

    def test_steps_are_those_of_the_mixin(self, monkeypatch):
        steps, backward = [], Accelerator.backward

        def counted(self, loss, **kwargs):
            steps.append(loss)
            backward(self, loss, **kwargs)

        monkeypatch.setattr(Accelerator, "backward", counted)
        make(device="accelerate", max_epochs=1, **ONE_MORE).fit(*data())
        assert len(steps) == 15  # of 99 windows, 7 a step

    def test_to_wait_in_vain_is_said_in_words(self):
        members = Team(make_accelerator())

        def gone():
            raise RuntimeError("Connection closed by peer")

        members.accelerator.wait_for_everyone = gone
        net = make_net()
        said = "Process 0 of 1 cannot reach the others"
        with pytest.raises(RuntimeError, match=said), accelerated(net, members):
            train(net, windows(np.sin(np.arange(24.0))), None)
        assert type(net) is ForecastNet

    def test_copied_pickled_saved(self, model, tmp_path):
        X, _ = data()
        again = skinformer.load(skinformer.save(model, tmp_path / "model.skinf"))
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), again):
            assert other.device == "accelerate"
            assert type(other.net_) is ForecastNet
            assert_array_equal(other.predict(X[-12:]), model.predict(X[-12:]))

    def test_forecasts_without_accelerate(self, model, monkeypatch, tmp_path):
        X, y = data()
        path = skinformer.save(model, tmp_path / "model.skinf")
        monkeypatch.setitem(sys.modules, "accelerate", None)
        again = skinformer.load(path)
        assert_array_equal(again.predict(X[-12:]), model.predict(X[-12:]))
        with pytest.raises(ModuleNotFoundError, match=r"skinformer\[distributed\]"):
            again.fit(X, y)

    def test_goes_on_where_it_was_left(self, model):
        X, y = data()
        again = copy.deepcopy(model).set_params(warm_start=True).fit(X, y)
        assert again.n_iter_ == 2 * model.n_iter_
        other = copy.deepcopy(model).set_params(warm_start=True, device="cpu")
        with pytest.raises(ValueError, match="device is 'accelerate'"):
            other.fit(X, y)

    def test_a_failed_fit_leaves_a_plain_estimator(self):
        X, y = data()
        model = make(device="accelerate").fit(X, y)
        before = model.predict(X[-12:])
        model.set_params(lr=1e30)
        with pytest.raises(ArithmeticError, match="Lower lr"):
            model.fit(X, y)
        assert_array_equal(model.predict(X[-12:]), before)


class TestAddUp:
    def test_what_counts_for_nothing_is_zero_even_if_no_number(self):
        assert weigh(torch.tensor(torch.nan), torch.tensor(0.0)).item() == 0.0
        assert weigh(torch.tensor(3.0), torch.tensor(2.0)).item() == 6.0

    @pytest.mark.parametrize("is_mean", [True, False])
    def test_gradients_are_those_of_the_whole_batch(self, is_mean):
        # this process has 3 targets with gradient (1, 2), another one with (5, 6)
        weights = [torch.nn.Parameter(torch.zeros(1, 2)) for _ in range(2)]
        weights[0].grad = torch.tensor([[1.0, 2.0]])  # the second has none
        other = torch.tensor([5.0, 6.0, 0.0, 0.0, 10.0, 1.0, 0.0, 1.0])

        class Other:
            def add_up(self, numbers):
                return numbers + other

        mass = torch.tensor(3.0 if is_mean else 1.0)
        loss = add_up_step(Other(), weights, torch.tensor(2.0), mass, is_mean)
        assert loss.item() == (4.0 if is_mean else 12.0)  # (2 * 3 + 10 * 1) / 4
        expected = [[2.0, 3.0]] if is_mean else [[6.0, 8.0]]
        assert weights[0].grad.tolist() == expected
        assert weights[1].grad is None

    def test_without_a_window_it_takes_the_gradients_of_others(self):
        weights = [torch.nn.Parameter(torch.zeros(2)) for _ in range(2)]
        other = torch.tensor([0.0, 0.0, 8.0, 6.0, 4.0, 0.0, 1.0, 2.0])

        class Other:
            def add_up(self, numbers):
                return numbers + other

        nothing = torch.tensor(0.0)
        assert add_up_step(Other(), weights, nothing, nothing).item() == 2.0
        assert weights[0].grad is None
        assert weights[1].grad.tolist() == [4.0, 3.0]


class TestOrder:
    def test_it_goes_on_from_its_state(self):
        order = RankOrder()
        torch.randperm(7, generator=order.generator)
        state = order.state_dict()
        expected = torch.randperm(7, generator=order.generator)
        other = RankOrder()
        other.load_state_dict(state)
        assert torch.equal(torch.randperm(7, generator=other.generator), expected)

    def test_it_draws_as_the_global_generator_would(self):
        order = RankOrder()
        expected = torch.randperm(7, generator=order.generator)
        assert torch.equal(torch.randperm(7), expected)


def test_nets_of_other_classes_keep_what_they_do():
    made = accelerated_class(TeacherForcedNet)
    names = [each.__name__ for each in made.__mro__]
    order = ["TeacherForcedNet", "AcceleratedNet", "ForecastNet", "AccelerateMixin"]
    assert [name for name in names if name in order] == order
