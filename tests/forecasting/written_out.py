"""The regression of horizons on contexts, window by window."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SEQ_LEN, PRED_LEN = 7, 3


def written_out(z, seq_len=SEQ_LEN, pred_len=PRED_LEN):
    """Return inputs and outputs of the regression, window by window."""
    windows = sliding_window_view(z, seq_len + pred_len)
    last = windows[:, seq_len - 1 : seq_len]
    X = np.hstack([windows[:, :seq_len] - last, -last])
    return X, windows[:, seq_len:] - last
