import copy
import threading

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import Callback
from torch import nn

from skinformer import (
    InformerRegressor,
    LSTMForecaster,
    TransformerForecaster,
    describe,
    load,
    make_forecast_pipeline,
    save,
)
from skinformer.exceptions import DeviceWarning, ModelFileError
from skinformer.forecasting import generators, machine
from skinformer.persistence.reading import Reader, unpack
from skinformer.persistence.writing import Writer, pack

from .crafted import SMALL, X, Y


class OwnLoss(nn.Module):
    def forward(self, y_pred, y_true):
        return ((y_pred - y_true) ** 4).mean()


class OwnCallback(Callback):
    pass


@pytest.fixture(scope="module")
def fitted():
    return InformerRegressor(**SMALL, highway=None).fit(X[:-7], Y[:-7])


LENGTHS = {"seq_len": 12, "pred_len": 3, "max_epochs": 1, "random_state": 0}
NETWORKS = {
    "informer": InformerRegressor(**SMALL, highway=None),
    "lstm": LSTMForecaster(**LENGTHS, hidden_size=8),
    "transformer": TransformerForecaster(**LENGTHS, d_model=8, d_ff=16, n_heads=2),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_loading_neither_draws_nor_waits_for_a_training(name, tmp_path):
    """Another thread may be training for hours, on the only generator there is."""
    model, loaded = NETWORKS[name].fit(X[:-7], Y[:-7]), []
    path = tmp_path / "model.skinf"
    save(model, path)
    before = torch.get_rng_state()
    thread = threading.Thread(target=lambda: loaded.append(load(path)), daemon=True)
    with generators.ONE_AT_A_TIME:  # as one that trains holds it
        thread.start()
        thread.join(60)
        [again] = loaded
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(again.predict(X[-7:]), model.predict(X[-7:]))


def states(model):
    return model.net_.module_.state_dict(), model.net_.optimizer_.state_dict()


def test_weights_and_the_state_of_the_optimiser_come_back(fitted, tmp_path):
    ours, theirs = states(fitted), states(load(save(fitted, tmp_path / "a")))
    assert ours[0].keys() == theirs[0].keys()
    assert all(torch.equal(ours[0][k], theirs[0][k]) for k in ours[0])
    assert ours[1]["param_groups"] == theirs[1]["param_groups"]
    assert len(ours[1]["state"]) > 0
    for place, moments in ours[1]["state"].items():
        for name, moment in moments.items():
            assert torch.equal(moment, theirs[1]["state"][place][name])


def test_settings_of_the_net_come_back(fitted, tmp_path):
    ours, theirs = fitted.net_, load(save(fitted, tmp_path / "a")).net_
    own = {"callbacks", "criterion__loss"}  # made anew when training goes on
    names = {n for n in vars(ours) if not n.endswith("_") and n[0] != "_"} - own
    assert {n: vars(theirs)[n] for n in names} == {n: vars(ours)[n] for n in names}
    assert list(theirs.history) == list(ours.history)
    assert not theirs.module_.training


def test_settings_of_a_compiler_come_back(tmp_path):
    settings = {"compile__mode": "default", "callbacks__early_stopping__patience": 3}
    model = InformerRegressor(**SMALL, highway=None, net_params=settings)
    net = load(save(model.fit(X[:-7], Y[:-7]), tmp_path / "a")).net_
    assert {name: vars(net)[name] for name in settings} == settings


def test_a_setting_that_would_not_be_read_is_refused(fitted, tmp_path):
    model = copy.deepcopy(fitted)
    model.net_.colour = "red"
    with pytest.raises(ModelFileError, match=r"^net_\.colour is a str, .*net_params"):
        save(model, tmp_path / "a")


def test_loading_draws_no_random_number(fitted, tmp_path):
    path = save(fitted, tmp_path / "a")
    before = torch.get_rng_state(), np.random.get_state()[1]  # noqa: NPY002
    load(path)
    assert torch.equal(torch.get_rng_state(), before[0])
    now = np.random.get_state()[1]  # noqa: NPY002
    np.testing.assert_array_equal(now, before[1])


def test_a_model_from_a_machine_with_a_gpu(fitted, tmp_path):
    path = save(clone(fitted).set_params(device="cuda"), tmp_path / "a")
    assert load(path).device == "cuda"  # it is not fitted, and has no weights to put


@pytest.fixture
def from_gpu(fitted, tmp_path):
    """Return the file of a model whose weights were on a GPU."""
    model = copy.deepcopy(fitted).set_params(device="cuda")
    for name in ("iterator_train__device", "iterator_valid__device"):
        setattr(model.net_, name, "cuda")
    model.net_.device = "cuda"
    model._fitted_identity["device"] = "cuda"
    return save(model, tmp_path / "model.skinf")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_here(fitted, from_gpu):
    with pytest.warns(DeviceWarning, match="device='cuda', which is not here"):
        model = load(from_gpu)
    assert model.device == model.net_.device == "cpu"
    np.testing.assert_array_equal(model.predict(X[-7:]), fitted.predict(X[-7:]))
    model.partial_fit(X[-7:], Y[-7:], n_epochs=1)  # and training goes on there
    assert describe(from_gpu)["parameters"]["device"] == "cuda"


def test_a_device_that_is_asked_for(from_gpu):
    model = load(from_gpu, device="cpu")
    assert model.device == model.net_.device == "cpu"
    assert model.net_.iterator_train__device == "cpu"
    assert model._fitted_identity["device"] == "cpu"


def test_auto_stays_auto(fitted, tmp_path):
    model = load(save(fitted, tmp_path / "a"))
    assert model.device == "auto"
    assert model.net_.device == machine.resolve_device("auto")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_asked_for_and_is_not_here(from_gpu):
    with pytest.raises(ValueError, match="device='cuda', but torch sees 0"):
        load(from_gpu, device="cuda")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"loss": OwnLoss()}, "^informerregressor__loss is a .*OwnLoss, which.*'mae'"),
        (
            {"callbacks": [OwnCallback()]},
            r"callbacks\[0\] is a .*OwnCallback, which.*set_params\(callbacks=None\)",
        ),
        ({"past_covariates": lambda X: []}, "past_covariates is the function '<lambda"),
    ],
    ids=["loss", "callback", "lambda"],
)
def test_what_no_file_can_hold_is_named(params, words, tmp_path):
    model = make_forecast_pipeline(InformerRegressor(**SMALL, **params))
    with pytest.raises(ModelFileError, match=words):
        save(model, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_the_remedy_for_callbacks_works(tmp_path):
    model = InformerRegressor(**SMALL, highway=None, callbacks=[OwnCallback()])
    model.fit(X[:-7], Y[:-7])
    model.set_params(callbacks=None)
    loaded = load(save(model, tmp_path / "a"))
    np.testing.assert_array_equal(loaded.predict(X[-7:]), model.predict(X[-7:]))


@pytest.mark.parametrize(
    "loss",
    [nn.MSELoss(), nn.HuberLoss(delta=2.5), nn.SmoothL1Loss(beta=0.25)],
    ids=repr,
)
def test_losses_of_torch(loss, tmp_path):
    model = load(save(InformerRegressor(loss=loss), tmp_path / "a"))
    assert vars(model.loss).keys() == vars(loss).keys()
    numbers = torch.tensor([1.0, 3.0]), torch.tensor([0.5, -1.0])
    assert model.loss(*numbers) == loss(*numbers)


def test_tensors_in_bfloat16():
    writer = Writer()
    tensor = torch.tensor([[0.5, 1.0, -3.0]], dtype=torch.bfloat16)
    node = writer.write(tensor, "t")
    back = Reader(unpack(pack(writer.arrays)), None).read(node)
    assert back.dtype == torch.bfloat16
    assert torch.equal(back, tensor)


def test_a_place_on_this_machine_is_left_out(tmp_path):
    model = InformerRegressor(**SMALL, highway=None, checkpoint_dir=tmp_path)
    path = save(make_forecast_pipeline(model).fit(X[:-7], Y[:-7]), tmp_path / "a")
    assert load(path)[-1].checkpoint_dir is None
    assert str(tmp_path).encode() not in path.read_bytes()
    names = describe(path)["parameters"]
    assert not [name for name in names if "checkpoint_dir" in name]
