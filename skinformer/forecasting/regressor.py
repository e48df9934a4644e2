"""The Informer as a scikit-learn regressor."""

import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from torch import nn

from skinformer._validation import Interval, StrOptions
from skinformer.network.informer import Informer
from skinformer.network.quantiles import check_quantiles

from .checks import check_heads
from .highway_forecaster import HighwayForecaster
from .losses import LOSSES

__all__ = ["InformerRegressor"]

# the loss of a network that has a head for each quantile
QUANTILE = "quantile"


class InformerRegressor(HighwayForecaster):
    """Forecast a whole horizon in one pass, with the Informer network.

    An encoder reads the last ``seq_len`` rows of the history; a decoder is given the
    last ``label_len`` of them as a start token, and returns the next ``pred_len`` rows
    of all targets at once. Longer forecasts run block after block.

    By default the network learns only what a *highway* leaves over: a regressor that
    says what a row's covariates tell of its targets, and a ridge regression from the
    last ``highway_len`` rows to the horizon. Both are solved on the rows that train;
    the network is weighed by the rows that validate, and counts for little or nothing
    where their quarters do not agree that it helps. Then the highway is solved again on
    all rows.
    With ``highway=None`` the network is alone, as in the paper.

    What a row means: ``X`` holds covariates that are known ahead (calendar, planned
    price, weather forecast), ``y`` the targets. Rows are in time order, and time is
    the DatetimeIndex or PeriodIndex of ``X``. The history is what ``fit`` saw and
    ``update`` appended. ``predict`` forecasts the rows after it, and gives fitted
    values inside it; see :meth:`predict`. Targets and numeric covariates are
    standardised inside, on the rows that train. A forecast is a function of the
    history and of the covariates up to its row, unless ``decoder_attention="prob"``,
    ``cross_attention="prob"`` or ``mix=True``.

    The defaults are sized for a laptop without a GPU;
    ``InformerRegressor(**PAPER_SETTING)`` has the sizes and the training of the paper.

    Parameters
    ----------
    highway : {"auto", "ridge", None} or scikit-learn regressor, default="auto"
        What forecasts beside the network. "ridge" is the linear map alone; "auto" puts
        a :class:`~skinformer.CovariateRegressor` in front of it if ``X`` has columns,
        for those targets that it helps to forecast in blocks of time left out. A
        regressor given is put there instead, whatever it does: clones of it, one for
        each target,
        are fitted on the covariates as numbers and categories, in a frame whose index
        is the position on the grid. What the rest learns from are their residuals,
        cross-fitted in blocks of time. None leaves the network alone.
    highway_len : "auto" or int, default="auto"
        Rows of history that the linear map reads. "auto" is 21 seasons (504 rows of an
        hourly series), at least 96 rows, and at most 2016 and a quarter of those that
        train.
        Missing targets count for the map as what they are filled with.
    seq_len : "auto" or int, default="auto"
        Rows of history that the network reads. "auto" is 4 seasons (96 rows of an
        hourly series), at least 24 rows, and at most 2016 and a quarter of those that
        train.
    label_len : int, default=48
        Rows of them, the last ones, that the decoder is given; at most ``seq_len``, to
        which it is cut if that is "auto".
    pred_len : int, default=24
        Rows that one pass returns.
    d_model : int, default=64
        Width of the network; a multiple of ``n_heads``.
    n_heads : int, default=4
        Attention heads.
    e_layers : int or sequence of int, default=2
        Encoder layers. Several numbers make a stack of encoders, as ``(3, 2, 1)``: the
        first reads all rows, the next the last half of them, and so on.
    d_layers : int, default=1
        Decoder layers.
    d_ff : int, default=128
        Width inside the feed-forward parts.
    factor : int, default=5
        How many rows ProbSparse attention works on: ``factor`` times the logarithm of
        the length.
    attention : {"prob", "full"}, default="prob"
        Self-attention of the encoder: ProbSparse or dense.
    decoder_attention : {"full", "prob"}, default="full"
        Masked self-attention of the decoder. "prob" is the paper's; it ranks the rows
        of a block against one another, so that a forecast depends on covariates of
        later rows of its block.
    cross_attention : {"full", "prob"}, default="full"
        Attention of the decoder to what the encoder returns. "full" is the paper's;
        "prob" costs less with long horizons, and ranks the rows of a block against one
        another.
    distil : bool, default=True
        Halve the rows between encoder layers.
    mix : bool, default=False
        Mix heads and rows after the decoder's self-attention, as the reference code
        does. Rows of a block then see one another.
    dropout : float, default=0.1
        Share of activations set to zero in training, in [0, 1).
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward parts.
    embedding : {"learned", "fixed"}, default="learned"
        Tables of categorical covariates: trained, or fixed sinusoids.
    instance_norm : {"mean_std", "last", None}, default="last"
        What is taken off each window and target before the network and put back after
        it: mean and standard deviation, the last value, or nothing. The deviation
        counts as at least 1% of that of the training rows. A correction to a highway
        gets the deviation back, and no level.
    loss : {"mse", "mae", "huber", "quantile"} or torch Module, default="mae"
        Loss on standardised targets. "quantile" is the mean pinball loss of the median
        and of ``quantiles``; forecasts are medians. A module is called with predictions
        and targets of one shape, (batch, pred_len, n_targets), or (n_known,) where rows
        are absent.
    quantiles : sequence of float, default=(0.05, 0.25, 0.5, 0.75, 0.95)
        Levels of the quantiles that ``loss="quantile"`` learns, between 0 and 1, in
        rising order; not used with another loss. The quantiles never cross. Beside a
        highway they lie around the median that is forecast as they do around the
        network's own, however much of that counts.
    max_epochs : int, default=16
        Epochs of the network at the most.
    patience : int or None, default=3
        Epochs without a better validation loss after which training stops; None never
        stops. The weights of the best epoch are kept in any case.
    lr : float, default=2e-4
        Learning rate of AdamW: small, for a correction; a network alone may learn from
        1e-3.
    lr_schedule : {"cosine", "halving", None}, default="cosine"
        Fall to zero over ``max_epochs``, halve after each epoch (the paper's), or keep.
    weight_decay : float, default=0.0
        Weight decay of AdamW.
    gradient_clip : float or None, default=1.0
        Largest norm of the gradient.
    batch_size : int, default=32
        Windows in a training batch.
    windows_per_epoch : int or None, default=2048
        Windows that an epoch trains on at the most, drawn anew for each; None takes
        all. Short epochs find the best moment to stop, and bound the time of long
        series.
        Validation reads all of its windows: give ``validation_fraction`` as a number of
        rows to keep them few.
    validation_fraction : float, int or None, default=0.1
        The last rows, a fraction or a number of them, that are not trained on but
        decide when to stop, and how much the network counts beside a highway (for
        nothing, unless more than ``pred_len`` windows validate); None trains on all
        rows, for all epochs.
    freq : str, offset or None, default=None
        Step of the time index, as pandas writes it; None reads it off the index.
        Stamps that fit no grid of a step that is given, of days or less, are moved to
        the nearest one.
    time : str, int or None, default=None
        Column of ``X`` that says when each row was, of datetimes or periods, in place
        of the index, which then counts for nothing: for rows whose index is lost on the
        way. ``y`` may have the index of ``X``, that time, or none. It is no covariate.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Columns of ``X`` that get an embedding table: those of dtype "category", or
        those named (by position for arrays, or as a mask), or none.
    past_covariates : list, slice, callable or None, default=None
        Columns of ``X`` that are observed with the targets and unknown ahead: names,
        positions, a mask, or a callable that is given the frame, as in
        ``ColumnTransformer``. The encoder and the start token see them; in rows to
        forecast they may hold anything, or be absent. The highway does not read them:
        beside one they count only as far as ``blend_`` says.
    series : str, int or None, default=None
        Column of ``X`` that says which series a row belongs to: one network for all,
        a history for each. It is no covariate itself. Columns that are constant within
        a series are welcome. A highway is the linear map alone then.
    per_series : bool, default=True
        Whether each series is standardised by its own rows. Covariates are by those of
        all.
    new_series : {"refuse", "allow"}, default="refuse"
        Series that ``fit`` did not see: refuse them, or let ``update`` bring their
        history; they are standardised by that.
    history_size : {"all", "context"}, default="all"
        What is kept of the history: all rows, or those that forecasts after it need.
        "context" keeps memory and the time of ``update`` flat; it has no fitted values.
    calibration_fraction : float, int or None, default=None
        The last rows of each series, a fraction or a number of them, that nothing is
        trained or chosen by: they calibrate ``predict_interval`` and ``sample_paths``,
        and then the highway learns from them too. None keeps none back: ``calibrate``
        takes later rows for that.
    bounds : pair, list of pairs or None, default=None
        Lowest and highest value that a target can have, None for an open end:
        ``(0, None)`` for counts; one pair, or one for each target. Forecasts, the rows
        that are fed back, quantiles, intervals and paths are kept within.
    callbacks : list or None, default=None
        skorch callbacks, or pairs of name and callback. Copies of them are used. One
        named "early_stopping", "lr_schedule", "gradient_clip", "progress" or
        "check_loss" takes the place of ours. One that raises KeyboardInterrupt ends
        the fit as Ctrl-C does, and leaves the estimator as it was.
    net_params : dict or None, default=None
        Further arguments of the skorch net, such as ``{"optimizer": torch.optim.SGD}``.
    warm_start : bool, default=False
        Go on with the network, the scaling and the optimiser that the last ``fit``
        left, for ``max_epochs`` more. Sizes, columns, targets, ``net_params`` and
        device must be the same.
    checkpoint_dir : str, path or None, default=None
        Folder in which the training is stored after each epoch. A ``fit`` that was
        killed, called again with the same data and parameters, goes on from there, and
        ends as if nothing had been; other data or parameters are refused. A ``fit``
        that ends removes what it stored. Each needs a folder of its own. None stores
        nothing.
    device : str, default="auto"
        Where torch computes: "cpu", "cuda", "mps"; "auto" takes a CUDA GPU if there
        is one. "accelerate" trains in all processes that ``accelerate launch`` has
        started, each on its part of every batch; the extra ``distributed`` has it.
    precision : {"auto", "fp32", "bf16"}, default="auto"
        Of the matrix products in training: single precision, or bfloat16 where the
        device has it. "auto" takes bfloat16 from ``d_model=256`` on, where it is
        faster. Weights, losses and every forecast are in single precision.
    compile : bool, default=False
        Whether to compile the network with :func:`torch.compile` for the training. On a
        CPU this needs a C++ compiler, takes long before the first step, and made the
        steps slower where we measured.
    verbose : int, default=0
        A progress bar over the epochs if 1 or more, and how much of the network's
        correction is used.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, order of windows and dropout. None draws fresh entropy from the
        operating system. Global random state is neither read nor changed.

    Attributes
    ----------
    seq_len_ : int
        Rows that the network reads.
    highway_len_ : int or None
        Rows that the linear map reads; None without a highway.
    blend_ : ndarray of shape (n_targets,)
        How much of the network's correction is added to the highway, from 0 to 1: a low
        guess, 0 where what it gained on the rows that validate may be chance, and no
        more for one target than for all together. 0 too where the rows are too few to
        validate; 1 without a highway, or with ``validation_fraction=None``.
    net_ : skorch NeuralNetRegressor
        The trained net; ``net_.module_`` is the :class:`~skinformer.Informer`.
    n_iter_ : int
        Epochs trained.
    best_epoch_ : int
        The epoch, from 1, whose weights are kept; the last one without validation.
    loss_curve_ : list of float
        Training loss of each epoch, on standardised targets, or on what the highway
        leaves over of them.
    validation_loss_curve_ : list of float or None
        Validation loss of each epoch; None without a validation part.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    Warns
    -----
    NoValidationWarning
        If the rows are too few to set some apart for validation, or to tell by them
        whether the network helps.
    FilledRowsWarning
        If stamps are absent from the grid.

    See Also
    --------
    TimeFeatures : Calendar columns, to put in front.
    RidgeForecaster : With ``highway="auto"``, the highway alone.
    SeasonalNaive : What to compare with.
    backtest : Errors from every origin in rows not trained on.

    Notes
    -----
    Without a time index, rows given to ``predict`` follow the history directly: a
    score on training rows, or after a gap, means nothing there.

    Two windows whose attention ranks queries within rounding of one another may be
    forecast differently in batches of different sizes under ``attention="prob"``.

    References
    ----------
    Zhou et al., *Informer: Beyond Efficient Transformer for Long Sequence Time-Series
    Forecasting*, AAAI 2021, arXiv 2012.07436.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skinformer import InformerRegressor, TimeFeatures, make_load_series
    >>> X, y = make_load_series(24 * 21, random_state=0)
    >>> informer = InformerRegressor(
    ...     seq_len=24, label_len=12, d_model=8, n_heads=2, d_ff=16, max_epochs=1,
    ...     random_state=0,
    ... )
    >>> model = make_pipeline(TimeFeatures(), informer).fit(X[:-24], y[:-24])
    >>> model.predict(X[-24:]).shape
    (24,)
    """

    _module_class = Informer
    _module_params = (
        "pred_len",
        "d_model",
        "n_heads",
        "e_layers",
        "d_layers",
        "d_ff",
        "factor",
        "attention",
        "decoder_attention",
        "cross_attention",
        "distil",
        "mix",
        "dropout",
        "activation",
        "embedding",
        "instance_norm",
    )

    _parameter_constraints: ClassVar[dict] = {
        **HighwayForecaster._parameter_constraints,
        "label_len": [Interval(Integral, 0, None, closed="left")],
        "d_model": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "e_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "d_layers": [Interval(Integral, 1, None, closed="left")],
        "d_ff": [Interval(Integral, 1, None, closed="left")],
        "factor": [Interval(Integral, 1, None, closed="left")],
        "attention": [StrOptions({"prob", "full"})],
        "decoder_attention": [StrOptions({"prob", "full"})],
        "cross_attention": [StrOptions({"prob", "full"})],
        "distil": ["boolean"],
        "mix": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "activation": [StrOptions({"gelu", "relu"})],
        "embedding": [StrOptions({"learned", "fixed"})],
        "instance_norm": [StrOptions({"mean_std", "last"}), None],
        "loss": [StrOptions({*LOSSES, QUANTILE}), nn.Module],
        "quantiles": ["array-like"],
    }

    def __init__(
        self,
        *,
        highway: Any = "auto",
        highway_len: int | str = "auto",
        seq_len: int | str = "auto",
        label_len: int = 48,
        pred_len: int = 24,
        d_model: int = 64,
        n_heads: int = 4,
        e_layers: int | Sequence[int] = 2,
        d_layers: int = 1,
        d_ff: int = 128,
        factor: int = 5,
        attention: str = "prob",
        decoder_attention: str = "full",
        cross_attention: str = "full",
        distil: bool = True,
        mix: bool = False,
        dropout: float = 0.1,
        activation: str = "gelu",
        embedding: str = "learned",
        instance_norm: str | None = "last",
        loss: str | nn.Module = "mae",
        quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
        max_epochs: int = 16,
        patience: int | None = 3,
        lr: float = 2e-4,
        lr_schedule: str | None = "cosine",
        weight_decay: float = 0.0,
        gradient_clip: float | None = 1.0,
        batch_size: int = 32,
        windows_per_epoch: int | None = 2048,
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
        compile: bool = False,
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.highway = highway
        self.highway_len = highway_len
        self.seq_len = seq_len
        self.label_len = label_len
        self.pred_len = pred_len
        self.d_model = d_model
        self.n_heads = n_heads
        self.e_layers = e_layers
        self.d_layers = d_layers
        self.d_ff = d_ff
        self.factor = factor
        self.attention = attention
        self.decoder_attention = decoder_attention
        self.cross_attention = cross_attention
        self.distil = distil
        self.mix = mix
        self.dropout = dropout
        self.activation = activation
        self.embedding = embedding
        self.instance_norm = instance_norm
        self.loss = loss
        self.quantiles = quantiles
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
        self.compile = compile
        self.verbose = verbose
        self.random_state = random_state

    def _check_settings(self) -> None:
        check_heads(self.d_model, self.n_heads)
        if not isinstance(self.seq_len, str) and self.label_len > self.seq_len:
            raise ValueError(
                f"label_len={self.label_len} exceeds seq_len={self.seq_len}; the start "
                "token is the end of the context. Lower label_len, or raise seq_len."
            )
        check_quantiles(self.quantiles)
        super()._check_settings()

    def _quantiles(self) -> tuple[float, ...] | None:
        asked = isinstance(self.loss, str) and self.loss == QUANTILE
        return tuple(map(float, self.quantiles)) if asked else None

    def _network_params(self) -> dict[str, Any]:
        return {**super()._network_params(), "quantiles": self._quantiles()}
