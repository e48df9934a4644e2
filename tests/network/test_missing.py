"""What every network is told of values and covariates that are missing."""

import pytest
import torch

from skinformer.network.informer import Informer
from skinformer.network.lstm import LSTMNetwork
from skinformer.network.transformer import TransformerNetwork

from .helpers import draw

B, SEQ_LEN, PRED_LEN = 4, 23, 7
SIZES = {
    "n_inputs": 3,
    "n_targets": 2,
    "n_covariates": 5,
    "seq_len": SEQ_LEN,
    "pred_len": PRED_LEN,
}
SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 13, "dropout": 0.0}
NETWORKS = {
    "informer": (Informer, SMALL | {"label_len": 11, "e_layers": 2}),
    "stack": (Informer, SMALL | {"label_len": 11, "e_layers": (2, 1)}),
    "lstm": (LSTMNetwork, {"hidden_size": 11}),
    "transformer": (TransformerNetwork, SMALL),
}


@pytest.fixture(params=NETWORKS)
def make(request):
    """Return a maker of one network, its weights drawn from one seed."""
    network, options = NETWORKS[request.param]

    def make(**kwargs):
        torch.manual_seed(0)
        return network(**SIZES | options | kwargs).eval()

    return make


def inputs():
    length = SEQ_LEN + PRED_LEN
    return {"values": draw(B, SEQ_LEN, 3), "covariates": draw(B, length, 5, seed=1)}


def masks(row=SEQ_LEN - 2, ahead=SEQ_LEN + 3):
    """A value is missing in one window; in another a covariate, known and ahead."""
    values, covariates = (
        torch.zeros(B, SEQ_LEN, 3),
        torch.zeros(B, SEQ_LEN + PRED_LEN, 5),
    )
    values[1, row, 2] = 1.0
    covariates[3, [row, ahead], 4] = 1.0
    return {"missing_values": values, "missing_covariates": covariates}


def moved(net, seed=0):
    """Give the weights of what is missing some value."""
    for i, (name, weight) in enumerate(net.named_parameters()):
        if "missing" in name:
            weight.data.copy_(draw(*weight.shape, seed=seed + i))
    return net


def test_other_weights_are_those_without_masks(make):
    """A fit over complete rows is the same with masks and without."""
    plain, net = make(), make(masks=True)
    weights = net.state_dict()
    absent = [name for name in weights if "missing" in name]
    assert absent
    assert all((weights[name] == 0).all() for name in absent)
    others = {name: w for name, w in weights.items() if name not in absent}
    assert others.keys() == plain.state_dict().keys()
    for name, weight in plain.state_dict().items():
        assert torch.equal(others[name], weight), name
    with torch.no_grad():
        assert torch.equal(net(**inputs()), plain(**inputs()))


def test_at_first_what_is_missing_says_nothing(make):
    net = make(masks=True)
    with torch.no_grad():
        assert torch.equal(net(**inputs(), **masks()), net(**inputs()))


def test_where_nothing_is_missing_nothing_changes(make):
    net = moved(make(masks=True))
    nothing = {name: torch.zeros_like(mask) for name, mask in masks().items()}
    with torch.no_grad():
        torch.testing.assert_close(net(**inputs(), **nothing), net(**inputs()))


def test_a_window_learns_of_what_it_lacks_and_no_other_does(make):
    net = moved(make(masks=True))
    with torch.no_grad():
        change = (net(**inputs(), **masks()) - net(**inputs())).abs().amax(dim=(1, 2))
    assert (change[[1, 3]] > 1e-4).all()
    assert (change[[0, 2]] < 1e-6).all()


def test_what_is_missing_later_does_not_reach_earlier_rows(make):
    """A covariate that is missing at step 3 ahead says nothing of steps 0 to 2."""
    net = moved(make(masks=True))
    late = masks()
    late["missing_values"].zero_()
    late["missing_covariates"][:, :SEQ_LEN] = 0.0
    with torch.no_grad():
        change = (net(**inputs(), **late) - net(**inputs())).abs()[3]
    assert (change[:3] < 1e-5).all()
    assert (change[3] > 1e-5).any()


def test_gradients_reach_what_is_missing(make):
    net = make(masks=True).train()
    # the others learn beside the true rows
    told = (
        {} if isinstance(net, Informer) else {"targets": draw(B, PRED_LEN, 2, seed=3)}
    )
    (net(**inputs(), **masks(), **told) ** 2).mean().backward()
    grads = {n: p.grad for n, p in net.named_parameters() if "missing" in n}
    reached = {name for name, grad in grads.items() if grad is not None and grad.any()}
    encoders = {name for name in grads if "decoder" not in name}
    assert encoders <= reached
    # the column of what was missing, and no other
    for name in encoders:
        column = 2 if name.endswith("values") else 4
        others = [c for c in range(grads[name].shape[1]) if c != column]
        assert not grads[name][:, others].any()
