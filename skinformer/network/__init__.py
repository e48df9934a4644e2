"""The Informer network: plain torch modules that know neither frames nor estimators.

One file for each part of the paper's figure 2; :mod:`~skinformer.network.informer`
puts them together.
"""

from skinformer.network.attention import (
    dense_attention,
    probsparse_attention,
)
from skinformer.network.checkpoint import load_informer2020_state_dict
from skinformer.network.decoder import Decoder, DecoderLayer
from skinformer.network.embedding import CategoryTable, InputEmbedding, sinusoid_table
from skinformer.network.encoder import (
    DistilLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    StackedEncoder,
)
from skinformer.network.informer import AttentionWeights, Informer
from skinformer.network.instance_norm import (
    WindowScale,
    denormalize_window,
    normalize_window,
    window_scale,
)
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.quantiles import PinballLoss, QuantileSpread

__all__ = [
    "AttentionWeights",
    "CategoryTable",
    "Decoder",
    "DecoderLayer",
    "DistilLayer",
    "Encoder",
    "EncoderLayer",
    "FeedForward",
    "Informer",
    "InputEmbedding",
    "MultiHeadAttention",
    "PinballLoss",
    "QuantileSpread",
    "StackedEncoder",
    "WindowScale",
    "denormalize_window",
    "dense_attention",
    "load_informer2020_state_dict",
    "normalize_window",
    "probsparse_attention",
    "sinusoid_table",
    "window_scale",
]
