"""See why a recurrent network's hidden-layer gradient is clipped, and when its output layer's should be.

The notation is that of Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter 10:
``h_t = phi(b + W h_{t-1} + U x_t)``, ``o_t = c + V h_t``, ``h_0 = 0``, t = 1..T.

====================  =================  ===================================================
name                  shape              what
====================  =================  ===================================================
``W`` ``U`` ``b``     (n, n) (n, d) (n,) hidden layer
``V`` ``c``           (m, n) (m,)        output layer
``inputs``            (T, d)             x_1..x_T
``h``                 (T, n)             hidden states
``dh``                (T, n)             dL/dh_t, by all paths
``dW dU db dV dc``    as the weights     gradients of the loss
``dinputs``           (T, d)             dL/dx_t
====================  =================  ===================================================

This is an `RNN`. W, U and b of an `LSTM` have 4 n rows and those of a `GRU` 3 n, in torch's order. An LSTM
also has its cell states and dL/dc_t, ``cell`` and ``dcell``, both (T, n), a GRU a second bias, ``b_hidden``.
"""

from .engine import (
    GRU,
    LSTM,
    RNN,
    Gradients,
    backpropagate,
    clip,
    clip_adaptively,
    clip_by_value,
    clip_per_layer,
    clip_per_tensor,
    cosine,
    network,
    recurrent_matrix,
    sweep,
)
from .explorers import (
    explore_activations,
    explore_cliff,
    explore_clipping,
    explore_forecasts,
    explore_gated,
    explore_powers,
    explore_rules,
    explore_training,
)
from .pages import save_page

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
    "explore_activations",
    "explore_cliff",
    "explore_clipping",
    "explore_forecasts",
    "explore_gated",
    "explore_powers",
    "explore_rules",
    "explore_training",
    "network",
    "recurrent_matrix",
    "save_page",
    "sweep",
]
