"""A panel of three shops of different lengths, as a frame, as Parquet, as a store."""

import numpy as np
import pandas as pd

from skinformer import PanelStore

LENGTHS = {"a": 131, "b": 97, "c": 113}


def shops(holes=0.0, zone=None, seed=0):
    """Return rows of three shops: two targets, covariates of every kind."""
    rng = np.random.default_rng(seed)
    frames = []
    for i, (name, n) in enumerate(LENGTHS.items()):
        time = pd.date_range(f"2024-03-{29 + i}", periods=n, freq="h", tz=zone)
        wave = np.sin(np.arange(n) * np.pi / 12)
        frames.append(
            pd.DataFrame(
                {
                    "price": rng.standard_normal(n),
                    "shop": name,
                    "time": time,
                    "load": i + wave + rng.standard_normal(n) / 10,
                    "heat": 5 - wave + rng.standard_normal(n) / 10,
                    "kind": pd.Categorical(rng.choice(["x", "y"], n), ["z", "y", "x"]),
                    "wind": rng.standard_normal(n),
                    "sky": pd.Categorical(rng.choice(["clear", "grey"], n)),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    for column in ("load", "heat", "price", "wind", "kind", "sky"):
        frame.loc[rng.random(len(frame)) < holes, column] = None
    return frame


def write(folder, frame, rows=37, **kwargs):
    """Write row groups that cut series apart, and the store of them."""
    frame.to_parquet(folder / "shops.parquet", row_group_size=rows)
    named = {"series": "shop", "time": "time", "targets": "load"} | kwargs
    return PanelStore.write(folder / "store", folder / "shops.parquet", **named)


def as_given(frame, targets):
    """Return the X and y that a store of the frame stands for."""
    index = pd.DatetimeIndex(frame["time"])
    names = [targets] if isinstance(targets, str) else targets
    X = frame.drop(columns=["time", *names]).set_axis(index)
    return X, frame[targets].set_axis(index)
