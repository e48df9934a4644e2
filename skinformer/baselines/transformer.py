"""The Transformer with dense attention, decoding step by step."""

import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from torch import nn

from skinformer._validation import Interval, StrOptions
from skinformer.forecasting.checks import check_heads
from skinformer.forecasting.net_forecaster import NetForecaster
from skinformer.network.transformer import TransformerNetwork

from .teacher_forcing import TeacherForcedNet

__all__ = ["TransformerForecaster"]


class TransformerForecaster(NetForecaster):
    """Forecast row after row, with a Transformer of dense attention.

    The encoder attends among the last ``seq_len`` rows of the history. The decoder
    forecasts one row of all targets at a time, from the rows before it and from the
    covariates of the row itself. It is trained in one pass over the true rows, shifted
    by one (teacher forcing), and forecasts in ``pred_len`` passes, each fed with the
    forecast before: this is what one pass of the Informer is measured against.

    What a row means, and the standardisation inside, are those of
    :class:`~skinformer.InformerRegressor`; so are the parameters of the same name. A
    forecast is a function of the history and of the covariates up to its row.

    Parameters
    ----------
    seq_len : int, default=96
        Rows of history that a forecast reads.
    pred_len : int, default=24
        Rows that are forecast in a block, one after the other.
    d_model : int, default=64
        Width of the network; a multiple of ``n_heads``.
    n_heads : int, default=4
        Attention heads.
    e_layers : int, default=1
        Encoder layers.
    d_layers : int, default=1
        Decoder layers.
    d_ff : int, default=128
        Width inside the feed-forward parts.
    dropout : float, default=0.1
        Share of activations set to zero in training, in [0, 1).
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward parts.
    instance_norm : {"mean_std", "last", None}, default="last"
        What is taken off each window and target before the network and put back after
        it: mean and standard deviation, the last value, or nothing.
    loss : {"mse", "mae", "huber"} or torch Module, default="mae"
        Loss on standardised targets.
    max_epochs : int, default=8
        Passes over the training windows at the most.
    patience : int or None, default=3
        Epochs without a better validation loss after which training stops; None never
        stops. The weights of the best epoch are kept in any case.
    lr : float, default=1e-3
        Learning rate of AdamW.
    lr_schedule : {"cosine", "halving", None}, default="cosine"
        Fall to zero over ``max_epochs``, halve after each epoch, or keep.
    weight_decay : float, default=0.0
        Weight decay of AdamW.
    gradient_clip : float or None, default=1.0
        Largest norm of the gradient.
    batch_size : int, default=32
        Windows in a training batch.
    windows_per_epoch : int or None, default=None
        Windows that an epoch trains on at the most, drawn anew for each; None takes
        all. Validation decodes step by step: give ``validation_fraction`` as a number
        of rows to keep its windows few where horizons are long.
    validation_fraction : float, int or None, default=0.1
        The last rows, a fraction or a number of them, that are not trained on but
        decide when to stop; None trains on all rows, for all epochs.
    freq : str, offset or None, default=None
        Step of the time index, as pandas writes it; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Columns of ``X`` that get an embedding table, as in
        :class:`~skinformer.InformerRegressor`.
    past_covariates : list, slice, callable or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    series : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    per_series : bool, default=True
        As in :class:`~skinformer.InformerRegressor`.
    new_series : {"refuse", "allow"}, default="refuse"
        As in :class:`~skinformer.InformerRegressor`.
    history_size : {"all", "context"}, default="all"
        As in :class:`~skinformer.InformerRegressor`.
    calibration_fraction : float, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    bounds : pair, list of pairs or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    callbacks : list or None, default=None
        skorch callbacks, or pairs of name and callback.
    net_params : dict or None, default=None
        Further arguments of the skorch net.
    warm_start : bool, default=False
        Go on with the network, the scaling and the optimiser that the last ``fit``
        left, for ``max_epochs`` more.
    checkpoint_dir : str, path or None, default=None
        Folder from which a ``fit`` that was killed goes on, as of
        :class:`~skinformer.InformerRegressor`.
    device : str, default="auto"
        Where torch computes: "cpu", "cuda", "mps"; "auto" takes a CUDA GPU if there
        is one. "accelerate" trains in all processes that ``accelerate launch`` has
        started, each on its part of every batch; the extra ``distributed`` has it.
    precision : {"auto", "fp32", "bf16"}, default="auto"
        Of the matrix products in training. "auto" takes bfloat16 from
        ``d_model=256`` on, where the device has it.
    verbose : int, default=0
        A progress bar over the epochs if 1 or more.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, order of windows and dropout.

    Attributes
    ----------
    net_ : skorch NeuralNetRegressor
        The trained net; ``net_.module_`` is the torch network.
    n_iter_ : int
        Epochs trained.
    best_epoch_ : int
        The epoch, from 1, whose weights are kept; the last one without validation.
    loss_curve_ : list of float
        Training loss of each epoch, on standardised targets; of one row ahead, since
        it is fed with true rows.
    validation_loss_curve_ : list of float or None
        Validation loss of each epoch, of forecasts fed with themselves; None without a
        validation part.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    See Also
    --------
    InformerRegressor : Forecasts all rows in one pass.

    Notes
    -----
    Keys and values are kept from pass to pass, so that a pass works on one row: row t
    of a forecast attends to t rows before it and to ``seq_len`` of the encoder. The
    time to forecast grows as ``pred_len`` times ``pred_len + seq_len``.

    References
    ----------
    Vaswani et al., *Attention Is All You Need*, NeurIPS 2017, arXiv 1706.03762.

    Examples
    --------
    >>> from skinformer import TransformerForecaster, make_load_series
    >>> X, y = make_load_series(24 * 21, random_state=0)
    >>> model = TransformerForecaster(
    ...     seq_len=24, d_model=8, n_heads=2, d_ff=16, max_epochs=1, random_state=0
    ... )
    >>> model.fit(X[:-24], y[:-24]).predict(X[-24:]).shape
    (24,)
    """

    _module_class = TransformerNetwork
    _net_class = TeacherForcedNet
    _module_params = (
        "seq_len",
        "pred_len",
        "d_model",
        "n_heads",
        "e_layers",
        "d_layers",
        "d_ff",
        "dropout",
        "activation",
        "instance_norm",
    )
    compile = False  # a compiler would unroll the steps of a forecast

    _parameter_constraints: ClassVar[dict] = {
        **NetForecaster._parameter_constraints,
        "d_model": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "e_layers": [Interval(Integral, 1, None, closed="left")],
        "d_layers": [Interval(Integral, 1, None, closed="left")],
        "d_ff": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "activation": [StrOptions({"gelu", "relu"})],
        "instance_norm": [StrOptions({"mean_std", "last"}), None],
    }

    def __init__(
        self,
        *,
        seq_len: int = 96,
        pred_len: int = 24,
        d_model: int = 64,
        n_heads: int = 4,
        e_layers: int = 1,
        d_layers: int = 1,
        d_ff: int = 128,
        dropout: float = 0.1,
        activation: str = "gelu",
        instance_norm: str | None = "last",
        loss: str | nn.Module = "mae",
        max_epochs: int = 8,
        patience: int | None = 3,
        lr: float = 1e-3,
        lr_schedule: str | None = "cosine",
        weight_decay: float = 0.0,
        gradient_clip: float | None = 1.0,
        batch_size: int = 32,
        windows_per_epoch: int | None = None,
        validation_fraction: float | int | None = 0.1,
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
        past_covariates: Any = None,
        series: Any = None,
        per_series: bool = True,
        new_series: str = "refuse",
        history_size: str = "all",
        calibration_fraction: float | int | None = None,
        bounds: Any = None,
        callbacks: Sequence | None = None,
        net_params: dict | None = None,
        warm_start: bool = False,
        checkpoint_dir: str | os.PathLike | None = None,
        device: str = "auto",
        precision: str = "auto",
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.seq_len = seq_len
        self.pred_len = pred_len
        self.d_model = d_model
        self.n_heads = n_heads
        self.e_layers = e_layers
        self.d_layers = d_layers
        self.d_ff = d_ff
        self.dropout = dropout
        self.activation = activation
        self.instance_norm = instance_norm
        self.loss = loss
        self.max_epochs = max_epochs
        self.patience = patience
        self.lr = lr
        self.lr_schedule = lr_schedule
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.batch_size = batch_size
        self.windows_per_epoch = windows_per_epoch
        self.validation_fraction = validation_fraction
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features
        self.past_covariates = past_covariates
        self.series = series
        self.per_series = per_series
        self.new_series = new_series
        self.history_size = history_size
        self.calibration_fraction = calibration_fraction
        self.bounds = bounds
        self.callbacks = callbacks
        self.net_params = net_params
        self.warm_start = warm_start
        self.checkpoint_dir = checkpoint_dir
        self.device = device
        self.precision = precision
        self.verbose = verbose
        self.random_state = random_state

    def _check_settings(self) -> None:
        check_heads(self.d_model, self.n_heads)
        super()._check_settings()
