import numpy as np
import pytest
import torch
from torch import nn

from skinformer.network.lstm import LSTMDecoder, LSTMNetwork

from .helpers import draw, without_gradient

# Axes of different primes.
SIZES = {
    "n_inputs": 3,
    "n_targets": 2,
    "n_covariates": 5,
    "cardinalities": (7, 3),
    "seq_len": 23,
    "pred_len": 17,
    "hidden_size": 11,
}
B, L = 4, 23 + 17


def make(**options):
    torch.manual_seed(0)
    return LSTMNetwork(**SIZES | options).eval()


def inputs(n_windows=B, seed=1):
    codes = torch.randint(0, 3, (n_windows, L, 2), generator=torch.manual_seed(seed))
    return {
        "values": draw(n_windows, 23, 3, seed=seed),
        "covariates": draw(n_windows, L, 5, seed=seed + 1),
        "categories": codes,
    }


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, h, c, cell):
    """Hochreiter and Schmidhuber with a forget gate; gates in torch's order i f g o."""
    w_x, w_h, b_x, b_h = (p.detach().double().numpy() for p in cell)
    i, f, g, o = np.split(w_x @ x + b_x + w_h @ h + b_h, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def slow_forecast(net, values):
    """One window (seq_len, n_inputs) without covariates, row by row, in numpy."""

    def affine(layer, x):
        return layer.weight.detach().numpy() @ x + layer.bias.detach().numpy()

    last = values[-1] if net.instance_norm == "last" else np.zeros(values.shape[1])
    h = c = np.zeros(net.encoder.hidden_size)
    for row in values - last:
        embedded = affine(net.encoder_embedding.value, row)
        h, c = lstm_step(embedded, h, c, net.encoder.all_weights[0])
    cell = net.decoder.cells[0]
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    row, forecast = (values - last)[-1, : net.n_targets], []
    for _ in range(net.pred_len):
        h, c = lstm_step(affine(net.decoder_embedding.value, row), h, c, weights)
        row = affine(net.projection, h)
        forecast.append(row + last[: net.n_targets])
    return np.array(forecast)


@pytest.mark.parametrize("instance_norm", [None, "last"])
def test_values_are_those_of_a_slow_network(instance_norm):
    net = make(n_covariates=0, cardinalities=(), instance_norm=instance_norm)
    values = inputs()["values"]
    expected = [slow_forecast(net, window.double().numpy()) for window in values]
    np.testing.assert_allclose(net(values).detach(), expected, atol=1e-5, rtol=0)


def test_a_case_by_hand():
    """With no weights but the cell gate's bias, o = i = f = 1/2 and g = tanh(1)."""
    net = LSTMNetwork(n_inputs=1, n_targets=1, seq_len=2, pred_len=2, hidden_size=1)
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    net.decoder.cells[0].bias_ih.data[2] = 1.0  # gates i f g o
    net.projection.weight.data.fill_(10.0)
    g = np.tanh(1.0)
    # c goes 0, g/2, g/4 + g/2
    expected = [5 * np.tanh(g / 2), 5 * np.tanh(0.75 * g)]
    given = net(torch.zeros(1, 2, 1)).flatten().tolist()
    assert given == pytest.approx(expected, abs=1e-6)


def test_the_cells_are_an_lstm_row_by_row():
    lstm, cells = nn.LSTM(7, 7, 3, batch_first=True), LSTMDecoder(7, 3)
    for layer, cell in zip(lstm.all_weights, cells.cells, strict=True):
        for mine, theirs in zip(cell.parameters(), layer, strict=True):
            mine.data.copy_(theirs)
    rows, state = draw(5, 13, 7), [(torch.zeros(5, 7), torch.zeros(5, 7))] * 3
    expected, (hidden, cell_state) = lstm(rows)
    for t in range(13):
        row, state = cells(rows[:, t], state)
        torch.testing.assert_close(row, expected[:, t])
    torch.testing.assert_close(torch.stack([h for h, _ in state]), hidden)
    torch.testing.assert_close(torch.stack([c for _, c in state]), cell_state)


@pytest.mark.parametrize("n_layers", [1, 2])
def test_windows_are_independent(n_layers):
    net = make(n_layers=n_layers, dropout=0.3)
    given = inputs()
    state = torch.get_rng_state()
    together = net(**given)
    assert together.shape == (B, 17, 2)
    for i in range(B):
        alone = net(**{name: tensor[i : i + 1] for name, tensor in given.items()})
        torch.testing.assert_close(alone[0], together[i], atol=1e-5, rtol=0)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("t", [0, 1, 8, 16])
def test_later_covariates_change_no_earlier_step(t):
    net = make(n_layers=2)
    given = inputs()
    before = net(**given)
    given["covariates"][:, 23 + t :] += 1e3
    given["categories"][:, 23 + t :] = 1
    after = net(**given)
    assert torch.equal(after[:, :t], before[:, :t])
    assert not torch.isclose(after[:, t:], before[:, t:]).all(dim=0).any()


def test_fed_with_its_own_forecasts_it_runs_free():
    net = make(teacher_forcing=1.0, instance_norm="mean_std")
    given = inputs()
    free = net(**given)
    torch.testing.assert_close(net(**given, targets=free), free, atol=1e-5, rtol=0)


def test_a_forced_step_is_fed_with_the_true_row_before_it():
    net = make(teacher_forcing=1.0)
    given, targets = inputs(), draw(B, 17, 2, seed=5)
    before = net(**given, targets=targets)
    targets[:, 8] += 1.0
    after = net(**given, targets=targets)
    assert torch.equal(after[:, :9], before[:, :9])
    assert not torch.isclose(after[:, 9], before[:, 9]).any()


def test_no_step_is_forced_by_default():
    net, given = make(), inputs()
    targets = draw(B, 17, 2, seed=5)
    assert torch.equal(net(**given, targets=targets), net(**given))


def test_steps_are_forced_with_the_probability_asked_for():
    net = make(teacher_forcing=0.3)
    forced = net._forced(torch.zeros(997, 17, 2))
    assert forced.shape == (997, 17, 1)
    share = forced.float().mean(dim=0)  # of each step: deviation 0.0145
    assert (share - 0.3).abs().max() < 0.06


def test_gradients_reach_every_parameter():
    net = make(n_layers=2, teacher_forcing=0.5).train()
    net(**inputs(), targets=draw(B, 17, 2)).square().sum().backward()
    assert without_gradient(net) == set()


def test_dropout_in_training_alone():
    net, given = make(dropout=0.5, n_layers=2), inputs()
    assert torch.equal(net(**given), net(**given))
    net.train()
    assert not torch.isclose(net(**given), net(**given)).any()


def test_unseen_categories_count_as_the_mean_of_the_seen():
    net = make()
    net.mark_seen(torch.tensor([[0, 0], [2, 1]]))
    given = inputs()
    given["categories"][:] = torch.tensor([5, 2])
    unknown = {**given, "categories": torch.full_like(given["categories"], 3)}
    unknown["categories"][..., 0] = 7
    torch.testing.assert_close(net(**given), net(**unknown))
