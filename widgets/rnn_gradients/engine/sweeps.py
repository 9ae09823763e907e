"""Every position of every slider at once, as one table of log10 sizes.

The arithmetic is that of `backpropagate` and `clip`, done for all eigenvalues and sequence lengths together
and with sizes carried as logarithms, so that nothing overflows or vanishes on the way.
"""

import numpy as np
import xarray as xr

from . import checks
from .activations import ACTIVATIONS
from .backpropagation import LOSSES
from .clipping import LN10, clip_factor_log10, joint_norm_log10
from .matrices import MATRICES, recurrent_matrix
from .networks import UNITS, network
from .passes import (
    FLOOR,
    LARGEST,
    SMALLEST,
    backward_all,
    departs,
    forward_all,
    log10,
    norm_of_sum,
    row_norms,
)

__all__ = ["FLOOR", "sweep"]

EIGENVALUES = tuple(
    float(x) / 100 for x in sorted({*range(-600, 601, 10), *range(-110, -89, 2), *range(90, 111, 2)})
)
# All 100 lengths would cost a reader seven times the bytes and six times the wait.
LENGTHS = (*range(1, 11), 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 80, 100)
THRESHOLDS = (0.01, 0.1, 1.0, 10.0, 100.0)
ERRORS = (1.0, 10.0, 100.0)
TOGGLES = ("clip_joint", "clip_hidden", "clip_output")
ORDER = (
    "units",
    "activation",
    "loss_at",
    "length",
    *TOGGLES,
    "error",
    "threshold",
    ...,
    "step",
    "eigenvalue",
)
"""Of dimensions, for packing: neighbours along the last differ the least, and equal rows lie close."""
NOTHING = 1e-12
"""A component of a unit vector below which it is rounding alone that gives it a sign."""
WIDEST = 1e6
"""A pre-activation beyond which no activation bends any more."""


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def sweep(
    eigenvalues=EIGENVALUES,
    activations=("sigmoid", "tanh", "relu", "linear"),
    lengths=LENGTHS,
    units=UNITS,
    loss_at=LOSSES,
    thresholds=THRESHOLDS,
    errors=ERRORS,
    kind: str = "orthogonal",
    size: int = 32,
    seed: int = 0,
) -> xr.Dataset:
    """Compute the gradients of `network` at every slider position, before and after clipping.

    Parameters
    ----------
    eigenvalues, activations, lengths, units, loss_at, thresholds, errors : sequence
        The positions of the sliders. Lengths must increase.
    kind, size, seed
        As for `recurrent_matrix`.

    Returns
    -------
    xarray.Dataset
        Its attributes are `kind`, `size` and `seed`. Its dimensions are the sliders and `step`;
        `clip_hidden`, `clip_output` and `clip_joint` are False or True. Every variable is the log10 of a
        size; `FLOOR` stands for log10 of 0, and NaN only for steps beyond the sequence's end.

        =================  =======================================================================
        state              norm of h_t
        gradient           norm of dL/dh_t, for an error of size 1
        sign               not a log10: 1 or -1 as the component of dL/dh_t along the leading eigenvector
                           of W has the sign of its component at the last step or not; 0 where it is 0
        contribution       norm of step t's part of dL/dW
        linear             abs(eigenvalue) to the power of the steps to the loss, added up over the
                           losses: what a linear recurrence with an orthogonal W does to the gradient
                           of one loss, and the most that it does to several
        bound              the same with gamma times the largest singular value of W: no gradient of
                           this activation is larger (Pascanu, Mikolov and Bengio 2013, section 2.1)
        hidden, output     norm of the hidden group's (W, U, b) and the output group's (V, c) gradient
        error_log10        size of the error dL/do: it adds to all of the above but `state`
        hidden_clipped,    the groups' norms after clipping, the error's size included: with a
        output_clipped     learning rate of 1, the steps
        cosine             of the angle between the clipped gradient and the true one
        output_share       the output group's part of the clipped gradient, by norm:
                           output / (hidden + output)
        preactivation      not a log10: a_t of each `unit`, cut at `WIDEST` up and down
        chaotic            not a log10: whether rounding decides the sizes, for the states of the same network
                           in float32 are others by the end of the sequence
        =================  =======================================================================

    Raises
    ------
    ValueError
        If a slider has no positions, or one that is unknown or out of range (an eigenvalue is 0, or of a size
        from 1e-100 to 1e100), or all together ask for more memory than there is.
    """
    coords = _checked_coordinates(
        units=units,
        activations=activations,
        loss_at=loss_at,
        errors=errors,
        thresholds=thresholds,
        lengths=lengths,
        eigenvalues=eigenvalues,
    )
    steps = coords["length"][-1]
    _check_memory(steps, checks.whole("size", size), **{name: len(values) for name, values in coords.items()})
    table = xr.Dataset(coords=coords | {"step": np.arange(1, steps + 1)})
    _add_predictions(table, np.linalg.norm(recurrent_matrix(size, 1.0, kind, seed), 2))
    table.attrs = {"kind": kind, "size": size, "seed": seed}
    _add_passes(table, table.attrs)
    table["error_log10"] = np.log10(table.error)
    _add_clipping(table)
    for name, variable in table.data_vars.items():
        if name not in ("sign", "chaotic", "preactivation"):
            variable.attrs["units"] = "log10"
    return table.transpose(*ORDER)


def _checked_eigenvalue(name: str, value: object) -> float:
    eigenvalue = checks.number(name, value)
    if eigenvalue and not SMALLEST <= abs(eigenvalue) <= LARGEST:
        raise checks.refuse(name, value, f"0, or a number of size {SMALLEST:g} to {LARGEST:g}")
    return eigenvalue


SLIDERS = {  # argument: its dimension, and the check of each position
    "units": ("units", lambda name, value: checks.choice(name, value, UNITS)),
    "activations": ("activation", lambda name, value: checks.choice(name, value, ACTIVATIONS)),
    "loss_at": ("loss_at", lambda name, value: checks.choice(name, value, LOSSES)),
    "errors": ("error", lambda name, value: checks.number(name, value, positive=True)),
    "thresholds": ("threshold", lambda name, value: checks.number(name, value, positive=True)),
    "lengths": ("length", checks.whole),
    "eigenvalues": ("eigenvalue", _checked_eigenvalue),
}


def _checked_coordinates(**sliders) -> dict[str, list]:
    coords = {}
    for argument, given in sliders.items():
        dimension, check = SLIDERS[argument]
        values = [check(argument, value) for value in checks.sequence(argument, given)]
        if not values or len(set(values)) < len(values):
            raise checks.refuse(argument, values, "a sequence of at least one, and each once")
        coords[dimension] = values
    if sorted(coords["length"]) != coords["length"]:
        raise checks.refuse("lengths", coords["length"], "increasing integers")
    return coords


def _check_memory(
    T: int, n: int, *, units, activation, loss_at, length, eigenvalue, threshold, error
) -> None:
    """Count the numbers held at once, for `T` steps, `n` units and so many positions of each slider."""
    passes = eigenvalue * n * (5 * T + MATRICES * n) + 2 * loss_at * eigenvalue * n * (T + n)
    table = units * activation * loss_at * eigenvalue * length * (3 * T + 32 * threshold * error)
    table += units * activation * eigenvalue * T * n
    asking = f"{T} steps, {n} units, {eigenvalue} eigenvalues, {threshold} thresholds, {error} errors"
    checks.memory(asking, 8 * (passes + table))


def _add_predictions(table: xr.Dataset, singular_value: float) -> None:
    """The sizes that powers of a number predict: `linear` and `bound`."""
    to_loss = table.length.values[:, None] - table.step.values
    rate = log10(np.abs(table.eigenvalue.values))
    gamma = np.array([ACTIVATIONS[name].steepest for name in table.activation.values])
    for name, dims, rates in (
        ("linear", (), rate),
        ("bound", ("activation",), np.log10(gamma * singular_value)[:, None] + rate),
    ):
        powers = np.maximum(rates[..., None], 2 * FLOOR) * np.arange(table.sizes["step"])  # 0 ** 0 is 1
        added = np.logaddexp.accumulate(LN10 * powers, axis=-1) / LN10
        sizes = np.stack([added if at == "every" else powers for at in table.loss_at.values])
        sizes = np.where(to_loss < 0, np.nan, np.maximum(sizes[..., to_loss], FLOOR))
        table[name] = ("loss_at", *dims, "eigenvalue", "length", "step"), sizes


def _add_passes(table: xr.Dataset, options: dict) -> None:
    """The sizes that forward and backward passes find."""
    outer = {"units": table.sizes["units"], "activation": table.sizes["activation"]}
    found = [
        _passes(table, str(units), str(activation), options)
        for units in table.units.values
        for activation in table.activation.values
    ]
    per_length = ("loss_at", "eigenvalue", "length")
    for name, dims in {
        "state": ("eigenvalue", "step"),
        "gradient": (*per_length, "step"),
        "contribution": (*per_length, "step"),
        "sign": (*per_length, "step"),
        "hidden": per_length,
        "output": per_length,
        "chaotic": ("eigenvalue", "length"),
        "preactivation": ("eigenvalue", "step", "unit"),
    }.items():
        values = np.stack([passes[name] for passes in found])
        table[name] = (*outer, *dims), values.reshape(*outer.values(), *values.shape[1:])


def _passes(table: xr.Dataset, units: str, activation: str, options: dict) -> dict[str, np.ndarray]:
    """All eigenvalues, losses and lengths of one activation and one way that the units run.

    Axes: l (losses), e (eigenvalues), t (steps), n (units). Arrays that can outgrow float64 come with the
    log10 of their scale.
    """
    eigenvalues, steps = table.eigenvalue.values, table.sizes["step"]
    networks = [network(x, activation, units, steps, **options) for x in eigenvalues]
    rnns, inputs = [rnn for rnn, _ in networks], networks[0][1]
    W = np.stack([rnn.W for rnn in rnns])
    drive = np.stack([inputs @ rnn.U.T + rnn.b for rnn in rnns])
    a, h, scale = forward_all(W, drive, activation)
    chaotic = np.logical_or.accumulate(departs(W, drive, activation, h), axis=-1)
    slopes = ACTIVATIONS[activation].slope(a)
    # step t of the gradient of (W, U, b) is dL/da_t [h_{t-1}, x_t, 1]^T; of (V, c), dL/do_t [h_t, 1]^T
    one = 10.0 ** -scale[..., None]
    before, after = np.concatenate([h[:, :-1], inputs * one[:, :-1], one[:, :-1]], -1), np.append(h, one, -1)
    state = log10(row_norms(h)) + scale

    lengths, every = table.length.values, table.loss_at.values[:, None] == "every"
    hidden, output = np.empty((2, len(every), len(rnns), len(lengths)))
    gradient, contribution, sign = np.full((3, *hidden.shape, steps), np.nan, dtype="f4")
    M, leading = _leading_direction(options)
    for k, T in enumerate(lengths):
        has_loss = every | (np.arange(T) == T - 1)  # (l, t)
        delta, dh, along = backward_all(eigenvalues, M, leading, slopes[:, :T], rnns[0].V[0], has_loss)
        gradient[:, :, k, :T] = np.maximum(dh, FLOOR)
        contribution[:, :, k, :T] = np.maximum(log10(row_norms(delta)) + dh + state[:, :T], FLOOR)
        along = np.where(np.abs(along) < NOTHING, 0, along)
        sign[:, :, k, :T] = np.sign(along * along[..., -1:])
        hidden[..., k] = norm_of_sum(delta, dh, before[:, :T], scale[:, :T])
        error = has_loss[:, None, :, None].astype(float)
        output[..., k] = norm_of_sum(error, log10(error[..., 0]), after[:, 1 : T + 1], scale[:, 1 : T + 1])
    return {
        "state": np.maximum(state[:, 1:], FLOOR),
        "gradient": gradient,
        "contribution": contribution,
        "sign": sign,
        "hidden": np.maximum(hidden, FLOOR),
        "output": output,
        "chaotic": chaotic[:, lengths],
        "preactivation": np.clip(a * 10.0 ** np.minimum(scale[:, :-1, None], 99), -WIDEST, WIDEST).astype(
            "f4"
        ),
    }


def _leading_direction(options: dict) -> tuple[np.ndarray, np.ndarray]:
    """W for an eigenvalue of 1, and its eigenvector."""
    M = recurrent_matrix(options["size"], 1.0, options["kind"], options["seed"])
    values, vectors = np.linalg.eig(M)
    return M, vectors[:, np.argmin(np.abs(values - 1))].real


def _add_clipping(table: xr.Dataset) -> None:
    """What `clipping.clip` makes of the two groups, by each rule.

    In single precision (three decimals of a log10 are plenty), and each of the five rules once: only then
    are they laid out by the three toggles, of which `clip_joint` overrules the others.
    """
    hidden, output = ((size + table.error_log10).astype("f4") for size in (table.hidden, table.output))
    threshold = table.threshold
    joint = clip_factor_log10(joint_norm_log10(hidden, output), threshold)
    hidden, output = (
        xr.concat([size + 0 * joint, size + clip_factor_log10(size, threshold), size + joint], "rule")
        for size in (hidden, output)
    )
    clip_joint, clip_hidden, clip_output = (
        xr.DataArray([0, 1], dims=name, coords={name: [False, True]}) for name in TOGGLES
    )
    table["hidden_clipped"] = hidden.isel(rule=xr.where(clip_joint, 2, clip_hidden))
    table["output_clipped"] = output.isel(rule=xr.where(clip_joint, 2, clip_output))

    none_hidden_output_both_joint = xr.where(clip_joint, 4, clip_hidden + 2 * clip_output)
    ratio = LN10 * (output.isel(rule=[0, 0, 1, 1, 2]) - hidden.isel(rule=[0, 1, 0, 1, 2]))
    truth = ratio.isel(rule=0)
    # of two vectors (1, u) and (1, v) the cosine is (1 + u v) / sqrt((1 + u^2) (1 + v^2)), here in logs
    lengths = np.logaddexp(0, 2 * ratio) + np.logaddexp(0, 2 * truth)
    cosine, share = np.logaddexp(0, truth + ratio) - lengths / 2, -np.logaddexp(0, -ratio)
    table["cosine"] = (cosine / LN10).isel(rule=none_hidden_output_both_joint)
    table["output_share"] = (share / LN10).isel(rule=none_hidden_output_both_joint)
