"""Weights of the authors' implementation, turned into this package's network.

The implementation is https://github.com/zhouhaoyi/Informer2020.
"""

import re
from argparse import Namespace
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import Tensor

from skinformer.network.informer import Informer

__all__ = ["load_informer2020_state_dict"]

_REQUIRED = (
    "enc_in",
    "dec_in",
    "c_out",
    "seq_len",
    "label_len",
    "out_len",
    "factor",
    "d_model",
    "n_heads",
    "e_layers",
    "d_layers",
    "d_ff",
    "dropout",
    "attn",
    "embed",
    "freq",
    "activation",
    "distil",
    "mix",
)

# Rows of the calendar tables, in the order of the marks' columns.
_TABLES = {"month": 13, "day": 32, "weekday": 7, "hour": 24, "minute": 4}

# Units of the marks; "n" is what the authors' command line leaves of "15min", and has
# no table of minutes there either.
_FREQS = ("s", "t", "min", "h", "d", "b", "w", "m", "a", "n")

# Our names, as patterns, and those of the authors' code.
_NAMES = (
    (r"^encoder_embedding\.", "enc_embedding."),
    (r"^decoder_embedding\.", "dec_embedding."),
    (r"\.value\.", ".value_embedding.tokenConv."),
    (r"\.covariate\.", ".temporal_embedding.embed."),
    (r"^(encoder\.(encoders\.\d+\.)?)layers\.", r"\1attn_layers."),
    (r"\.distils\.", ".conv_layers."),
    (r"(conv_layers\.\d+\.)conv\.", r"\1downConv."),
    (r"\.feed_forward\.expand\.", ".conv1."),
    (r"\.feed_forward\.contract\.", ".conv2."),
)


def load_informer2020_state_dict(
    state_dict: Mapping[str, Tensor | np.ndarray],
    config: Mapping[str, Any] | Namespace,
) -> Informer:
    """Turn a checkpoint of the authors' implementation into an :class:`Informer`.

    Parameters
    ----------
    state_dict : mapping of str to Tensor or ndarray
        The weights by the names of the authors' ``Informer`` or ``InformerStack``.
        A leading ``module.`` (``DataParallel``) is taken off; the sinusoidal position
        tables may be there or not.
    config : mapping or argparse.Namespace
        The arguments of that network by its own names: ``enc_in``, ``dec_in``,
        ``c_out``, ``seq_len``, ``label_len``, ``out_len`` (or ``pred_len``),
        ``factor``, ``d_model``, ``n_heads``, ``e_layers``, ``d_layers``, ``d_ff``,
        ``dropout``, ``attn``, ``embed``, ``freq``, ``activation``, ``distil``,
        ``mix``; and ``stack``, or ``model="informerstack"`` with ``s_layers``, for
        the stack. Other entries are ignored.

    Returns
    -------
    Informer
        On the CPU, in evaluation mode. Its ``values`` are ``x_enc``. The marks of the
        known and then of the forecast rows are its ``covariates`` for
        ``embed="timeF"``, else its ``categories``, integers in the columns month, day,
        weekday, hour and, with ``freq="t"`` or in minutes ("15min"), quarter of the
        hour.

    Raises
    ------
    TypeError
        If ``state_dict`` or ``config`` is no mapping, or a weight no array of numbers.
    ValueError
        If the configuration lacks an entry or asks for what this network cannot be,
        or if weights are missing, unexpected, of another shape, complex, NaN or
        infinite, or wrapped in a larger checkpoint; they are named.

    Notes
    -----
    The network returned differs from :class:`Informer`'s defaults as that code differs
    from the paper:

    * ``attn`` also chooses the masked self-attention of the decoder. With "prob" rows
      of a block are ranked against one another, so that a later row can change an
      earlier one.
    * ``mix=True`` cuts the heads' output in that self-attention into rows without
      moving the heads behind time first.
    * Lazy queries under the mask get the running sum of the values
      (``lazy_context="sum"``).

    With dense attention, or where every query is active, the forecasts are those of
    the authors' code to 1e-5. Elsewhere they cannot be: that code draws the keys that
    rank the queries anew at every call, in evaluation too, a set for each query, and
    divides their sum by the number of all keys. Ours are evenly spaced, the same for
    all queries, and divided by their own number.

    With ``enc_in`` above ``c_out`` (the "MS" task) ``x_enc`` keeps its columns as they
    were; which of them is forecast is what that network was trained for.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436.

    Examples
    --------
    >>> from skinformer.network import load_informer2020_state_dict
    >>> checkpoint = torch.load("checkpoint.pth")            # doctest: +SKIP
    >>> net = load_informer2020_state_dict(checkpoint, args) # doctest: +SKIP
    >>> marks = torch.cat([x_mark_enc, x_mark_dec[:, args.label_len :]], dim=1)
    ... # doctest: +SKIP
    >>> forecast = net(x_enc, marks)                         # doctest: +SKIP

    What is missing is named:

    >>> load_informer2020_state_dict({}, {"enc_in": 7})
    Traceback (most recent call last):
    ...
    ValueError: The configuration lacks dec_in, c_out, seq_len, ...
    """
    config = _checked_config(config)
    given = _checked_weights(state_dict)
    network = Informer(**_parameters(config, given))
    _check_names(network, given, config)
    network.load_state_dict(_converted(network, given, config))
    return network.eval()


def _checked_config(config: Mapping[str, Any] | Namespace) -> dict[str, Any]:
    """Return the configuration with the authors' two spellings made one."""
    if not isinstance(config, Mapping | Namespace):
        raise TypeError(
            "config must be a mapping or an argparse.Namespace, the arguments of the "
            f"authors' network; got {config!r}."
        )
    config = dict(vars(config) if isinstance(config, Namespace) else config)
    if "pred_len" in config:
        config.setdefault("out_len", config["pred_len"])
    lacking = [name for name in _REQUIRED if name not in config]
    if lacking:
        raise ValueError(f"The configuration lacks {', '.join(lacking)}.")
    config.setdefault("stack", config.get("model") == "informerstack")
    if config["stack"]:
        config["e_layers"] = _stack_depths(config)
    _check_supported(config)
    return config


def _stack_depths(config: Mapping[str, Any]) -> list[int]:
    """Return the layers of each replica: a sequence, or text such as "3,2,1"."""
    depths = config.get("s_layers", config["e_layers"])
    if isinstance(depths, str):
        if not re.fullmatch(r" *\d+ *(, *\d+ *)*", depths):
            raise ValueError(
                "A stack's layers (s_layers, else e_layers) must be whole numbers with "
                f"commas between, such as '3,2,1', got {depths!r}."
            )
        return [int(depth) for depth in depths.split(",")]
    if not isinstance(depths, Sequence):
        raise ValueError(f"A stack's e_layers must be a sequence, got {depths!r}.")
    return list(depths)


def _check_supported(config: Mapping[str, Any]) -> None:
    if config["enc_in"] != config["dec_in"]:
        raise ValueError(
            "enc_in and dec_in must be equal, because the decoder starts from the "
            f"encoder's last rows; got {config['enc_in']} and {config['dec_in']}."
        )
    if config.get("padding", 0) != 0:
        raise ValueError(
            "padding must be 0: the decoder's forecast rows start from zeros; "
            f"got {config['padding']!r}."
        )
    embeddings = ("timeF", "fixed", "learned")
    if config["embed"] not in embeddings:
        raise ValueError(f"embed must be one of {embeddings}, got {config['embed']!r}.")
    for name in ("distil", "mix", "stack"):
        _check_flag(name, config[name])
    if _unit_of(config["freq"]) not in _FREQS:
        raise ValueError(
            f"freq must be one of {_FREQS}, with or without a number before it, such "
            f"as '15min'; got {config['freq']!r}."
        )


def _check_flag(name: str, given: Any) -> None:
    # any text would count as true, "no" among them
    if not isinstance(given, Integral | np.bool_) or given not in (0, 1):
        raise ValueError(f"{name} must be a bool, or 0 or 1, got {given!r}.")


def _unit_of(freq: Any) -> str:
    """Return a frequency without its number."""
    return re.sub(r"^\d+", "", freq).lower() if isinstance(freq, str) else ""


def _checked_weights(
    state_dict: Mapping[str, Tensor | np.ndarray],
) -> dict[str, Tensor]:
    """Return the weights as tensors, without prefix and without position tables."""
    _check_mapping(state_dict)
    given = {
        name.removeprefix("module."): _as_tensor(name, weight)
        for name, weight in state_dict.items()
        if not name.endswith("position_embedding.pe")
    }
    broken = [name for name, weight in given.items() if not _is_finite(weight)]
    if broken:
        raise ValueError(
            f"Weights are complex, NaN or infinite: {', '.join(broken)}. Load a "
            "checkpoint from before the training diverged."
        )
    return given


def _check_mapping(state_dict: Any) -> None:
    """Refuse what is no mapping of names to weights, and say where these may be."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            "state_dict must be a mapping of names to weights, as model.state_dict() "
            f"returns and torch.load(path) reads it; got {type(state_dict).__name__}."
        )
    for name, weight in state_dict.items():
        if not isinstance(name, str):
            raise TypeError(f"A name in state_dict must be a str, got {name!r}.")
        if isinstance(weight, Mapping):
            raise ValueError(
                f"state_dict[{name!r}] is a mapping and no weight: if the weights are "
                f"in there, pass checkpoint[{name!r}]."
            )


def _as_tensor(name: str, weight: Tensor | np.ndarray) -> Tensor:
    if isinstance(weight, Tensor):
        return weight
    try:
        # A copy: torch warns when it shares memory with an array that is read-only.
        return torch.tensor(weight)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"Weight {name!r} must be a Tensor or an ndarray of numbers, got "
            f"{type(weight).__name__} ({error})."
        ) from error


def _is_finite(weight: Tensor) -> bool:
    return not weight.is_complex() and bool(torch.isfinite(weight).all())


def _parameters(
    config: Mapping[str, Any], given: Mapping[str, Tensor]
) -> dict[str, Any]:
    """Return the arguments of :class:`Informer`."""
    return {
        "n_inputs": config["enc_in"],
        "n_targets": config["c_out"],
        "n_covariates": _n_marks(config, given),
        "cardinalities": tuple(_TABLES[name] for name in _table_names(config)),
        "pred_len": config["out_len"],
        "attention": config["attn"],
        "decoder_attention": config["attn"],
        "embedding": "learned" if config["embed"] == "timeF" else config["embed"],
        "lazy_context": "sum",
        **{
            name: config[name]
            for name in (
                "seq_len",
                "label_len",
                "d_model",
                "n_heads",
                "e_layers",
                "d_layers",
                "d_ff",
                "factor",
                "dropout",
                "activation",
            )
        },
        **{name: bool(config[name]) for name in ("distil", "mix")},
    }


def _n_marks(config: Mapping[str, Any], given: Mapping[str, Tensor]) -> int:
    """Return how many numeric marks there are: the layer over them says it."""
    if config["embed"] != "timeF":
        return 0
    name = "enc_embedding.temporal_embedding.embed.weight"
    if name not in given or given[name].ndim != 2:
        raise ValueError(
            f'With embed="timeF" the checkpoint must hold a matrix {name}.'
        )
    return given[name].shape[1]


def _table_names(config: Mapping[str, Any]) -> list[str]:
    """Return the calendar tables of the configuration, in the marks' order."""
    if config["embed"] == "timeF":
        return []
    in_minutes = _unit_of(config["freq"]) in ("t", "min")
    return [name for name in _TABLES if name != "minute" or in_minutes]


def _reference_names(name: str, config: Mapping[str, Any]) -> list[str]:
    """Return the authors' names of what one of our weights holds, in its order."""
    parts = ("query", "key", "value") if ".in_projection." in name else ("",)
    return [
        _reference_name(name.replace(".in_projection.", f".{part}_projection."), config)
        for part in parts
    ]


def _reference_name(name: str, config: Mapping[str, Any]) -> str:
    """Return the authors' name of a weight, ours but for the name."""
    for ours, theirs in _NAMES:
        name = re.sub(ours, theirs, name)
    inside = ".emb" if config["embed"] == "fixed" else ""
    for position, table in enumerate(_table_names(config)):
        theirs = f".temporal_embedding.{table}_embed{inside}."
        name = name.replace(f".tables.{position}.", theirs)
    return name


def _weights(network: Informer) -> dict[str, Tensor]:
    """Return what a checkpoint must fill: all but which codes training saw."""
    return {
        name: weight
        for name, weight in network.state_dict().items()
        if not name.endswith(".seen")
    }


def _check_names(
    network: Informer, given: Mapping[str, Tensor], config: Mapping[str, Any]
) -> None:
    expected = [
        theirs
        for name in _weights(network)
        for theirs in _reference_names(name, config)
    ]
    missing = [name for name in expected if name not in given]
    unexpected = [name for name in given if name not in set(expected)]
    if missing or unexpected:
        raise ValueError(
            "The checkpoint does not fit its configuration. "
            f"Missing: {', '.join(missing) or 'none'}. "
            f"Unexpected: {', '.join(unexpected) or 'none'}."
        )


def _converted(
    network: Informer, given: Mapping[str, Tensor], config: Mapping[str, Any]
) -> dict[str, Tensor]:
    """Return the state of our network, with the weights of theirs."""
    state, wrong = network.state_dict(), []
    for name, own in _weights(network).items():
        theirs = _reference_names(name, config)
        parts = [_reshaped(name, given[part]) for part in theirs]
        shape = (len(own) // len(parts), *own.shape[1:]) if own.ndim else ()
        wrong += [
            f"{part_name} {tuple(given[part_name].shape)}"
            for part_name, part in zip(theirs, parts, strict=True)
            if part.shape != shape
        ]
        state[name] = parts
    if wrong:
        raise ValueError(
            f"Weights of another shape than configured: {', '.join(wrong)}."
        )
    converted = _weights(network).keys()
    return {
        name: _joined(weight) if name in converted else weight
        for name, weight in state.items()
    }


def _joined(parts: list[Tensor]) -> Tensor:
    """Put the parts of one of our weights below one another."""
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _reshaped(name: str, weight: Tensor) -> Tensor:
    """Return a weight of theirs in the shape that ours has."""
    if ".feed_forward." in name and weight.ndim == 3:
        return weight.squeeze(-1)  # Conv1d of kernel 1, (out, in, 1) -> (out, in)
    if ".tables." in name and weight.ndim == 2:
        # Their tables have no row for "unknown". The mean is what it would use.
        return torch.cat([weight, weight.mean(dim=0, keepdim=True)])
    return weight
