"""The arguments of the authors' network, read and checked."""

import re
from argparse import Namespace
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

__all__ = ["TABLES", "read_config", "table_names"]

REQUIRED = (
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
TABLES = {"month": 13, "day": 32, "weekday": 7, "hour": 24, "minute": 4}

# Units of the marks; "n" is what the authors' command line leaves of "15min", and has
# no table of minutes there either.
FREQS = ("s", "t", "min", "h", "d", "b", "w", "m", "a", "n")


def read_config(config: Mapping[str, Any] | Namespace) -> dict[str, Any]:
    """Return the configuration with the authors' two spellings made one.

    Raises
    ------
    TypeError, ValueError
        As :func:`~skinformer.network.load_informer2020_state_dict` does.
    """
    if not isinstance(config, Mapping | Namespace):
        raise TypeError(
            "config must be a mapping or an argparse.Namespace, the arguments of the "
            f"authors' network; got {config!r}."
        )
    config = dict(vars(config) if isinstance(config, Namespace) else config)
    if "pred_len" in config:
        config.setdefault("out_len", config["pred_len"])
    lacking = [name for name in REQUIRED if name not in config]
    if lacking:
        raise ValueError(f"The configuration lacks {', '.join(lacking)}.")
    config.setdefault("stack", config.get("model") == "informerstack")
    if config["stack"]:
        config["e_layers"] = stack_depths(config)
    check_supported(config)
    return config


def stack_depths(config: Mapping[str, Any]) -> list[int]:
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


def check_supported(config: Mapping[str, Any]) -> None:
    """Refuse what the network here cannot be."""
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
        check_flag(name, config[name])
    if unit_of_marks(config["freq"]) not in FREQS:
        raise ValueError(
            f"freq must be one of {FREQS}, with or without a number before it, such "
            f"as '15min'; got {config['freq']!r}."
        )


def check_flag(name: str, given: Any) -> None:
    """Refuse what is neither yes nor no."""
    # any text would count as true, "no" among them
    if not isinstance(given, Integral | np.bool_) or given not in (0, 1):
        raise ValueError(f"{name} must be a bool, or 0 or 1, got {given!r}.")


def unit_of_marks(freq: Any) -> str:
    """Return a frequency without its number."""
    return re.sub(r"^\d+", "", freq).lower() if isinstance(freq, str) else ""


def table_names(config: Mapping[str, Any]) -> list[str]:
    """Return the calendar tables of the configuration, in the marks' order."""
    if config["embed"] == "timeF":
        return []
    in_minutes = unit_of_marks(config["freq"]) in ("t", "min")
    return [name for name in TABLES if name != "minute" or in_minutes]
