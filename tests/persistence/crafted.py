"""Files that save did not write, with checksums that hold."""

import json
import zipfile

from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
)
from skinformer.persistence.archive import MODEL, read_archive, write_archive

X, Y = make_load_series(24 * 12, random_state=0)
SMALL = {
    "seq_len": 24,
    "pred_len": 7,
    "label_len": 5,
    "d_model": 4,
    "n_heads": 2,
    "d_ff": 6,
    "max_epochs": 1,
    "random_state": 0,
}


def naive(**params):
    """A forecaster with a history, and little else."""
    return SeasonalNaive(**params).fit(X[:-7], Y[:-7])


def informer(**params):
    """A network behind calendar features."""
    network = InformerRegressor(**SMALL | {"highway": None} | params)
    return make_forecast_pipeline(TimeFeatures(), network).fit(X[:-7], Y[:-7])


def entries_of(path):
    """What a file holds, by name."""
    return read_archive(path, 2**31)


def rewrite(path, change=None, **entries):
    """Change the JSON of a file, or put in other entries, and renew the checksums."""
    held = entries_of(path)
    if change is not None:
        content = json.loads(held[MODEL])
        change(content)
        held[MODEL] = json.dumps(content).encode()
    held |= {name.replace("_", "."): data for name, data in entries.items()}
    write_archive(path, held)


def parts(content):
    """Parameters and attributes of the model of a file."""
    return content["model"]["object"][1:]


def zip_of(path, entries, compression=zipfile.ZIP_STORED):
    """Write a zip of pairs of name and data as they are."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
