"""The mathematics: exact gradients through time, the rules of clipping, every slider position at once.

Numpy and xarray: nothing here draws, and nothing here trains.
"""

from .backpropagation import Gradients, backpropagate
from .clipping import clip, clip_adaptively, clip_by_value, clip_per_layer, clip_per_tensor, cosine
from .gated import GRU, LSTM
from .matrices import recurrent_matrix
from .networks import network
from .norms import norm
from .rnn import RNN
from .sweeps import sweep

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Gradients",
    "backpropagate",
    "clip",
    "clip_adaptively",
    "clip_by_value",
    "clip_per_layer",
    "clip_per_tensor",
    "cosine",
    "network",
    "norm",
    "recurrent_matrix",
    "sweep",
]
