"""The mathematics: exact gradients through time, the rules of clipping, every slider position at once.

Numpy and xarray: nothing here draws, and nothing here trains.
"""

from .backpropagation import Gradients, backpropagate
from .clipping import clip, norm
from .gated import GRU, LSTM
from .matrices import recurrent_matrix
from .networks import network
from .rnn import RNN
from .sweeps import sweep

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Gradients",
    "backpropagate",
    "clip",
    "network",
    "norm",
    "recurrent_matrix",
    "sweep",
]
