"""Weights of the authors' implementation, turned into this package's network.

The implementation is https://github.com/zhouhaoyi/Informer2020.
"""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from skinformer.network.checkpoint_config import TABLES, read_config, table_names
from skinformer.network.checkpoint_conversion import converted
from skinformer.network.checkpoint_weights import read_weights
from skinformer.network.informer import Informer

__all__ = ["load_informer2020_state_dict"]

# arguments of both networks, of one name and one meaning
SAME_NAMES = (
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
    config = read_config(config)
    given = read_weights(state_dict)
    network = Informer(**arguments_of(config, given))
    network.load_state_dict(converted(network, given, config))
    return network.eval()


def arguments_of(
    config: Mapping[str, Any], given: Mapping[str, Tensor]
) -> dict[str, Any]:
    """Return the arguments of :class:`Informer`."""
    return {
        "n_inputs": config["enc_in"],
        "n_targets": config["c_out"],
        "n_covariates": n_marks(config, given),
        "cardinalities": tuple(TABLES[name] for name in table_names(config)),
        "pred_len": config["out_len"],
        "attention": config["attn"],
        "decoder_attention": config["attn"],
        "embedding": "learned" if config["embed"] == "timeF" else config["embed"],
        "lazy_context": "sum",
        "distil": bool(config["distil"]),
        "mix": bool(config["mix"]),
        **{name: config[name] for name in SAME_NAMES},
    }


def n_marks(config: Mapping[str, Any], given: Mapping[str, Tensor]) -> int:
    """Return how many numeric marks there are: the layer over them says it."""
    if config["embed"] != "timeF":
        return 0
    name = "enc_embedding.temporal_embedding.embed.weight"
    if name not in given or given[name].ndim != 2:
        raise ValueError(
            f'With embed="timeF" the checkpoint must hold a matrix {name}.'
        )
    return given[name].shape[1]
