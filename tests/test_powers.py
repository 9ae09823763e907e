"""Why gradients grow: powers of numbers and of matrices are what closed forms and numpy say they are."""

import itertools
import re

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rnn_gradients import explore_powers, recurrent_matrix, save_page
from rnn_gradients.engine.matrices import KINDS, sheared, turning, with_eigenvectors
from rnn_gradients.engine.powers import power_norms, spectral_radius, trajectory
from rnn_gradients.engine.sweeps import FLOOR
from rnn_gradients.explorers.powers import POWERS
from rnn_gradients.explorers.powers.table import LINES, PAIRS, powers_table
from rnn_gradients.explorers.style import amount

from .prose import filled, read_number, text_of
from .readers.powers import read

TABLE = powers_table()
TEXT = text_of("03-why-gradients-grow.ipynb")
K = np.arange(101)

matrices = st.integers(1, 6).flatmap(
    lambda n: arrays(float, (n, n), elements=st.floats(-3, 3, allow_subnormal=False))
)


def assert_alike(found, expected, W):
    """Compare what W^k made, for k = 0, 1, ...; rounding is beside ||W||^k, however much has cancelled."""
    found, expected = np.transpose(found), np.transpose(expected)
    scale = max(1, np.linalg.norm(W)) ** np.arange(found.shape[-1])
    np.testing.assert_allclose(found / scale, expected / scale, rtol=1e-9, atol=1e-12)


# --- the engine ---------------------------------------------------------------------------------------------


@given(matrices)
def test_norms_of_powers_are_numpys(W):
    found = 10 ** power_norms(W, 8)
    expected = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in range(9)]
    assert_alike(found, expected, W)


@given(matrices, st.integers(1, 40))
def test_norms_of_powers_lie_between_their_bounds(W, steps):
    """Pascanu, Mikolov and Bengio (2013), section 2.1, for a slope of 1: ||W^k|| <= s1^k; and rho^k below it.

    To within rounding: the eigenvalues of a defective matrix are known to the root of it alone.
    """
    norms, k = power_norms(W, steps), np.arange(steps + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(k, k * np.log10(np.linalg.norm(W, 2)), 0)
        least = np.where(k, k * np.log10(spectral_radius(W) - 1e-2), 0)
    assert (norms <= most + 1e-9 * (k + 1)).all()
    assert (norms[np.isfinite(least)] >= least[np.isfinite(least)] - 1e-9).all()


@given(matrices)
def test_backward_and_forward_are_the_same_power(W):
    assert_alike(10 ** power_norms(W, 10), 10 ** power_norms(W.T, 10), W)


@given(st.floats(0.1, 2), st.floats(-10, 10))
def test_powers_of_a_sheared_matrix_have_a_closed_form(eigenvalue, shear):
    expected = [
        np.linalg.norm([[eigenvalue**k, k * shear * eigenvalue ** (k - 1)], [0, eigenvalue**k]], 2)
        for k in K.tolist()
    ]
    np.testing.assert_allclose(power_norms(sheared(eigenvalue, shear), 100), np.log10(expected), atol=1e-9)


def test_a_growth_that_passes():
    """Trefethen and Embree (2005): transient growth, though every eigenvalue is below 1."""
    W = sheared(0.9, 5.0)
    norms = 10 ** power_norms(W, 100)
    assert norms[1] == pytest.approx(5.16, abs=0.005) == np.linalg.svd(W)[1][0]
    assert norms[9] == pytest.approx(19.4, abs=0.05) and norms[100] == pytest.approx(0.0148, abs=5e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_kth_root_goes_to_the_spectral_radius(kind):
    """Gelfand (1941)."""
    W = recurrent_matrix(8, 0.9, kind)
    assert 10 ** (power_norms(W, 20_000)[-1] / 20_000) == pytest.approx(spectral_radius(W), rel=1e-3)


def test_rounding_does_not_tell_in_the_norms_of_a_matrix_far_from_normal():
    W = recurrent_matrix(32, 0.9, "non-normal")
    with mpmath.workdps(60):
        exact = mpmath.matrix(W.tolist()) ** 100
        expected = np.linalg.norm(np.array(exact.tolist(), dtype=float), 2)
    assert 10 ** power_norms(W, 100)[-1] == pytest.approx(expected, rel=1e-6)


@given(matrices, st.data())
def test_an_arrow_goes_where_numpy_says(W, data):
    start = data.draw(arrays(float, len(W), elements=st.floats(-2, 2, allow_subnormal=False)).filter(np.any))
    directions, sizes = trajectory(W, start, 6)
    expected = [np.linalg.matrix_power(W, k) @ start for k in range(7)]
    assert_alike(directions * 10 ** sizes[:, None], expected, W)


def test_no_size_is_too_large_or_too_small():
    huge, tiny = np.array([[1e300, 0], [0, 1e-300]]), 1e-300 * np.eye(2)
    np.testing.assert_allclose(power_norms(huge, 50), 300 * np.arange(51))
    np.testing.assert_allclose(trajectory(tiny, [1e-300, 0], 50)[1], -300 - 300 * np.arange(51))
    assert spectral_radius([[5e307] * 2] * 2) == pytest.approx(1e308)
    np.testing.assert_allclose(
        with_eigenvectors((1e308, -1e308), (0, 90)), np.diag([1e308, -1e308]), atol=1e293
    )
    nilpotent = [[0, 1], [0, 0]]
    np.testing.assert_allclose(power_norms(nilpotent, 3), [0, 0, -np.inf, -np.inf], atol=1e-12)
    assert trajectory(nilpotent, [0, 1], 3)[1].tolist() == [0, 0, -np.inf, -np.inf]


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 180), st.floats(5, 175))
def test_an_eigenvector_is_only_stretched(first, second, angle, apart):
    W = with_eigenvectors((first, second), (angle, angle + apart))
    for eigenvalue, degrees in ((first, angle), (second, angle + apart)):
        v = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        np.testing.assert_allclose(W @ v, eigenvalue * v, atol=1e-9)


@given(st.floats(0.1, 3), st.floats(0, 180), st.floats(0, 360))
def test_a_complex_pair_turns_and_stretches_every_arrow(modulus, angle, at):
    W = turning(modulus, angle)
    turned = complex(*(W @ [np.cos(np.radians(at)), np.sin(np.radians(at))]))
    assert turned == pytest.approx(modulus * np.exp(1j * np.radians(at + angle)))
    found, expected = np.linalg.eigvals(W), modulus * np.exp(1j * np.radians(angle))
    assert np.abs(found - expected).min() < 1e-7 and np.abs(found - expected.conjugate()).min() < 1e-7


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (power_norms, ([[1, 2]], 3), r"matrix has shape \(1, 2\); allowed: \(n, n\)"),
        (power_norms, ([[np.nan]], 3), "matrix holds NaN or infinity; allowed: finite numbers"),
        (power_norms, (np.eye(2), 0), "steps is 0; allowed: an integer of at least 1"),
        (power_norms, (np.eye(2), 10**12), "powers of this matrix need .* GB; allowed: 16"),
        (trajectory, (np.eye(2), [0, 0], 3), r"start is \[0.0, 0.0\]; allowed: 2 numbers, not all 0"),
        (trajectory, (np.eye(2), [1], 3), r"start is \[1.0\]; allowed: 2 numbers, not all 0"),
        (trajectory, (np.eye(2), [1, 0], 2.5), "steps is 2.5; allowed: "),
        (trajectory, (np.eye(2), [1, 0], 10**12), "vectors of this many steps need .* GB; allowed: 16"),
        (
            spectral_radius,
            ([[1e308] * 2] * 2,),
            "matrix is .*; allowed: one whose eigenvalues float64 can hold",
        ),
        (
            with_eigenvectors,
            ((1e308, -1e308), (0, 1e-6)),
            r"eigenvalues is \[1e.308, -1e.308\]; allowed: what makes",
        ),
        (recurrent_matrix, (32, 1e308, "non-normal"), "eigenvalue is 1e.308; allowed: what makes a matrix"),
        (spectral_radius, ([1.0],), "matrix has 1 dimensions; here it must have 2"),
        (with_eigenvectors, ((1, 2, 3), (0, 90)), "eigenvalues is .*; allowed: two numbers"),
        (with_eigenvectors, ((1, 2), (30, 210)), "angles is .*; allowed: two lines that differ"),
        (turning, ("1", 30), "modulus is '1'; allowed: a finite number"),
        (turning, (1, np.inf), "angle is inf; allowed: a finite number"),
        (sheared, (0.9, None), "shear is None; allowed: a finite number"),
    ],
)
def test_bad_arguments_are_refused_by_name(function, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        function(*arguments)


# --- the table ----------------------------------------------------------------------------------------------


def test_the_bounds_are_never_broken_at_any_position():
    """rho^k <= ||W^k|| <= s1^k (Pascanu, Mikolov and Bengio 2013, section 2.1, for the upper one)."""
    radius = np.log10(np.abs(TABLE.eigenvalue))
    of_kinds = TABLE.norm + radius * TABLE.power
    for norm in (of_kinds, TABLE.sheared_norm):
        assert (norm >= radius * TABLE.power - 1e-9).all()
        assert (norm <= norm.sel(power=1) * TABLE.power + 1e-9).all()
    for kind, size in itertools.product(KINDS, TABLE["size"].values.tolist()):
        W = recurrent_matrix(size, 1.0, kind)
        s = np.linalg.svd(W)[1]
        here = TABLE.sel(kind=kind, size=size)
        np.testing.assert_allclose(10 ** here.norm.sel(power=1), s[0])
        expected = np.linalg.eigvals(W)  # in whatever order
        for found, part in ((here["real"], expected.real), (here["imaginary"], expected.imag)):
            np.testing.assert_allclose(np.sort(found.values[:size]), np.sort(part), atol=1e-9)


def test_no_pass_breaks_the_bounds_at_any_position():
    """With a slope of at most 1 no step stretches by more than s1; without an activation, k by ||W^k||."""
    norm = TABLE.norm.sel(size=32, power=TABLE.times.values).rename(power="times")
    scale = np.log10(np.abs(TABLE.eigenvalue)) * TABLE.times
    most = norm.isel(times=1) * TABLE.times + scale
    for name in ("forward", "backward"):
        sizes = TABLE[name]
        assert np.isfinite(sizes).all()
        linear = sizes.sel(activation="linear")
        assert (linear <= norm + scale + 1e-9).all()
        # beside the first size after the activation, which is smaller than before: see the first step
        first = np.log10(np.linalg.norm(np.tanh(_pulse()))) if name == "forward" else 0.0
        assert (sizes.sel(activation="tanh") <= most - first + 1e-9).all()
        assert (sizes.sel(activation="relu") <= most + 1e-9).all()


def _pulse(which=0):
    vectors = np.random.default_rng(1).standard_normal((2, 32))
    return vectors[which] / np.linalg.norm(vectors[which])


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
@pytest.mark.parametrize("kind", ["orthogonal", "gaussian"])
@pytest.mark.parametrize("eigenvalue", [0.9, 1.2])
def test_passes_are_those_of_torch(activation, kind, eigenvalue):
    """Forward by hand, and backward by autograd."""
    phi = {"linear": lambda a: a, "tanh": torch.tanh, "relu": torch.relu}[activation]
    W = torch.tensor(recurrent_matrix(32, eigenvalue, kind))
    h = [phi(torch.tensor(_pulse()))]
    h[0].requires_grad_()
    for _ in range(60):
        h.append(phi(W @ h[-1]))
        h[-1].retain_grad()
    (h[-1] @ torch.tensor(_pulse(1))).backward()
    here = TABLE.sel(activation=activation, kind=kind, eigenvalue=eigenvalue)
    for name, vectors in (("forward", h), ("backward", [each.grad for each in reversed(h)])):
        sizes = np.log10([float(each.detach().norm()) for each in vectors])
        np.testing.assert_allclose(here[name], sizes - sizes[0], atol=1e-6, err_msg=name)


def test_linear_passes_are_powers():
    W = recurrent_matrix(32, 1.1, "gaussian")
    here = TABLE.sel(activation="linear", kind="gaussian", eigenvalue=1.1)
    for name, matrix, start in (("forward", W, _pulse()), ("backward", W.T, _pulse(1))):
        sizes = [np.linalg.norm(np.linalg.matrix_power(matrix, k) @ start) for k in range(61)]
        np.testing.assert_allclose(here[name], np.log10(sizes), atol=1e-9)


def test_a_negative_eigenvalue_turns_the_part_along_its_eigenvector():
    np.testing.assert_allclose(
        TABLE.along, (np.log10(np.abs(TABLE.eigenvalue)) * TABLE.tick).broadcast_like(TABLE.along), atol=1e-9
    )
    expected = (TABLE.eigenvalue < 0) & (TABLE.tick % 2 == 1)
    assert (TABLE.turned == expected).all()
    assert (TABLE.whole >= TABLE.along - 1e-9).all()


def test_an_arrow_is_the_sum_of_its_parts():
    """Powers through the eigenvalues (Goodfellow, Bengio and Courville 2016, section 8.2.5)."""
    for pair, lines in LINES.items():
        for angle in TABLE.angle.values[::5].tolist():
            here = TABLE.sel(pair=pair, angle=angle)
            start = np.exp(1j * np.radians(angle))
            for k in (0, 1, 7, 30):
                x, y = np.linalg.matrix_power(PAIRS[pair], k) @ [start.real, start.imag]
                assert 10 ** float(here.length[k]) == pytest.approx(np.hypot(x, y))
                off = float(here.bearing[k]) - np.degrees(np.arctan2(y, x))
                assert abs((off + 180) % 360 - 180) < 1e-6
                if not np.isnan(lines).any():
                    c = np.linalg.solve([np.cos(np.radians(lines)), np.sin(np.radians(lines))], [x, y])
                    parts = np.nan_to_num(10 ** here.part[k].values)
                    np.testing.assert_allclose(parts, np.abs(c), rtol=1e-6, atol=1e-9)


def test_each_pair_has_the_eigenvalues_of_its_name():
    for name, W in PAIRS.items():
        found = np.sort_complex(np.linalg.eigvals(W))
        if "±" in name:
            size, angle = name.removesuffix("°").split(" at ±")
            expected = float(size) * np.exp(1j * np.radians(float(angle)) * np.array([-1, 1]))
        else:
            numbers = name.replace(" twice", "").split(" and ")
            expected = np.array(numbers * (3 - len(numbers)), dtype=complex)
        np.testing.assert_allclose(found, np.sort_complex(expected), atol=1e-7)


def test_all_positions_are_small():
    assert TABLE.nbytes < 10e6
    assert all(np.isfinite(TABLE[name]).all() for name in TABLE if name not in ("part", "real", "imaginary"))


@pytest.mark.parametrize("panels", [(), ("rates",)])
def test_what_no_notebook_shows_is_alive_too(open_page, tmp_path, panels):
    save_page(explore_powers(*panels), tmp_path / "powers.html")
    page = open_page()
    page.goto((tmp_path / "powers.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    read(page, panels)


# --- words --------------------------------------------------------------------------------------------------


def shown(panels, **position):
    """What a figure holds at a position: its variables there, and its sentence."""
    figure = explore_powers(*panels, controls=None, **position).figure
    here = figure.data.sel({name: at for name, at in figure.position.items() if name in figure.data.dims})
    return here, " ".join(str(here[name].values) for name in figure._plan["caption"])


@given(st.floats(-300, 300))
def test_an_amount_is_that_number(log10):
    assert np.log10(read_number(amount(log10))) == pytest.approx(log10, abs=0.18)
    if -3 <= log10 < 6:
        assert read_number(amount(log10)) == pytest.approx(10**log10, rel=0.005)
    assert amount(FLOOR) == "0"


NUMBER = r"([\d.,×⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*[\d⁰¹²³⁴⁵⁶⁷⁸⁹])"


@pytest.mark.parametrize("factor", POWERS.table().factor.values.tolist())
def test_the_sentence_of_a_number(factor):
    _, words = shown(["number"], factor=factor)
    if factor == 1:
        assert words == "Multiplied by 1 again and again, 1 stays 1."
        return
    found = re.fullmatch(
        rf"Multiplied by {factor:g}, it (halves|doubles) every ([\d.]+) multiplications. "
        rf"After 60, (?:{NUMBER} is left of 1|1 has become {NUMBER})\.",
        words,
    )
    verb, steps, *ends = found.groups()
    assert factor ** float(steps) == pytest.approx(0.5 if verb == "halves" else 2, rel=0.02)
    assert np.log10(read_number(next(filter(None, ends)))) == pytest.approx(60 * np.log10(factor), abs=0.18)


@pytest.mark.parametrize(
    ("panel", "position"),
    [
        ("norms", {"kind": kind, "size": size, "eigenvalue": x})
        for kind, size, x in itertools.product(KINDS, (2, 32), (0.9, 1.1))
    ]
    + [("norms", {"kind": kind, "size": 2, "eigenvalue": 1.0}) for kind in KINDS]
    + [("shear_norms", {"shear": c, "eigenvalue": x}) for c in (0.0, 5.0) for x in (0.5, 0.9, 1.0)],
)
def test_the_sentence_of_the_powers(panel, position):
    _, words = shown([panel], **position)
    x = position["eigenvalue"]
    W = sheared(x, position["shear"]) if "shear" in position else None
    W = recurrent_matrix(position["size"], x, position["kind"]) if W is None else W
    norms = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in K.tolist()]
    leading, largest = re.match(
        r"Leading eigenvalue ([\d.]+), largest singular value ([\d.]+)\. ", words
    ).groups()
    assert (float(leading), float(largest)) == (x, pytest.approx(norms[1], rel=0.005))
    peak = re.search(rf"becomes at most {NUMBER} times as long over (\d+) step", words)
    if "no arrow becomes longer" in words:
        np.testing.assert_allclose(norms, 1, rtol=0.003)
        return
    last = re.search(rf"over 100 steps (?:the most is|an arrow becomes at most) {NUMBER} times", words, re.I)
    assert np.log10(read_number(last[1])) == pytest.approx(np.log10(norms[-1]), abs=0.18)
    if peak:
        assert max(norms) > 1.02 * max(norms[0], norms[-1])  # not of rounding
        assert np.log10(read_number(peak[1])) == pytest.approx(np.log10(max(norms)), abs=0.18)
        assert norms[int(peak[2])] == pytest.approx(max(norms), rel=1e-9)
    else:
        assert max(norms) < 1.03 * max(norms[0], norms[-1])


@pytest.mark.parametrize(
    ("kind", "size", "longest", "shortest"),
    [("gaussian", 8, "1.49", "0.083"), ("non-normal", 32, "8.19", "≈ 0"), ("identity", 2, "0.90", "0.90")],
)
def test_a_short_axis_is_not_called_0(kind, size, longest, shortest):
    here, _ = shown(["ellipse"], kind=kind, size=size, eigenvalue=0.9)
    assert (here.longest_told, here.shortest_told) == (f"<b>{longest}</b>", f"<b>{shortest}</b>")


@pytest.mark.parametrize("pair", LINES)
def test_the_sentence_of_an_arrow(pair):
    for angle in (30, 75, 105):
        _, words = shown(["arrow"], pair=pair, angle=angle)
        start = [np.cos(np.radians(angle)), np.sin(np.radians(angle))]
        path = [np.linalg.matrix_power(PAIRS[pair], k) @ start for k in range(31)]
        sizes = np.linalg.norm(path, axis=1)
        told = re.match(rf"After 30 multiplications the arrow is {NUMBER} long", words)[1]
        assert np.log10(read_number(told)) == pytest.approx(np.log10(sizes[-1]), abs=0.18)
        on_its_way = re.search(rf"on its way it was {NUMBER}\)", words)
        assert (on_its_way is not None) == (sizes.max() > 1.26 * max(1, sizes[-1]))
        if on_its_way:
            assert read_number(on_its_way[1]) == pytest.approx(sizes.max(), rel=0.005)
        off = re.search(r"(less than 1° off|\d+° off|on) the line ×(−?[\d.]+)\.", words)
        assert (off is None) == np.isnan(LINES[pair][0])
        if off:
            bearing = np.degrees(np.arctan2(*path[-1][::-1]))
            lines = dict(zip(pair.removesuffix(" twice").split(" and "), LINES[pair], strict=False))
            from_each = {name: abs((bearing - line + 90) % 180 - 90) for name, line in lines.items()}
            expected = from_each[off[2].replace("−", "-")]
            assert expected == min(from_each.values())
            assert (off[1] == "less than 1° off") == (1e-6 < expected < 1)
            assert (off[1] == "on") == (expected < 1e-6)
            assert not off[1][0].isdigit() or float(off[1].split("°")[0]) == pytest.approx(expected, abs=0.51)


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
def test_the_sentence_of_both_ways(activation):
    _, words = shown(["passes"], activation=activation, kind="gaussian", eigenvalue=1.2)
    here = TABLE.sel(activation=activation, kind="gaussian", eigenvalue=1.2, times=60)
    told = re.findall(rf"is {NUMBER} times as large", words)
    found = [np.log10(read_number(each)) for each in told]
    assert found == pytest.approx([float(here.forward), float(here.backward)], abs=0.003)


def test_the_sentence_of_a_negative_eigenvalue():
    for x in (-1.1, -1.0, -0.9, 1.1):
        for kind in ("symmetric", "non-normal"):
            _, words = shown(["flips"], eigenvalue=x, kind=kind)
            assert ("turns round" in words) == (x < 0)
            part, whole = re.search(rf"is {NUMBER} times as .* gradient {NUMBER} times\.", words).groups()
            assert read_number(part) == pytest.approx(abs(x) ** 30, rel=0.005)
            found, expected = np.log10(read_number(whole)), grown(kind, x)
            assert found == pytest.approx(expected, abs=0.18 if expected > 6 else 0.003)


# --- the notebook -------------------------------------------------------------------------------------------


def of(variable, **where):
    return 10 ** float(TABLE[variable].sel(where))


def of_kind(kind, size, eigenvalue=0.9):
    return 10 ** power_norms(recurrent_matrix(size, eigenvalue, kind), 100)


def grown(kind, eigenvalue):
    """Log10 of how many times as large as at first the whole gradient is after 30 steps back."""
    whole = TABLE.whole.sel(kind=kind, eigenvalue=eigenvalue)
    return float(whole[-1] - whole[0])


def numbers():
    """{name: the words in the notebook}, made anew."""
    half = {x: f"{np.log(2) / abs(np.log(x)):.1f}" for x in (0.9, 0.95, 1.1)}
    last = {x: f"{x**60:.3g}" for x in (0.9, 0.95, 1.05, 1.1)}
    gaussian, non_normal = (of_kind(kind, 32) for kind in ("gaussian", "non-normal"))
    both = TABLE.sel(kind="orthogonal", times=60)
    error = 10 ** float(both.backward.sel(activation="tanh", eigenvalue=1.8))
    return {
        "left": f"{0.9**60:.2g}",
        "half": half[0.9],
        "double": half[1.1],
        "grown": last[1.1],
        "half of 0.95": half[0.95],
        "left of 0.95": last[0.95],
        "1.05": last[1.05],
        "normal s1": f"{of_kind('symmetric', 8)[1]:.2f}",
        "gaussian s1": f"{of_kind('gaussian', 8)[1]:.2f}",
        "non-normal 8 s1": f"{of_kind('non-normal', 8)[1]:.2f}",
        "non-normal 8 most": f"{of_kind('non-normal', 8).max():.0f}",
        "non-normal 2 s1": f"{of_kind('non-normal', 2)[1]:.2f}",
        "gaussian 32 s1": f"{gaussian[1]:.2f}",
        "gaussian 32 most": f"{gaussian.max():.2f}",
        "non-normal s1": f"{non_normal[1]:.2f}",
        "non-normal when": str(non_normal.argmax()),
        "non-normal most": amount(np.log10(non_normal.max())),
        "non-normal 0.5": f"{of_kind('non-normal', 32, 0.5).max():.0f}",
        "sheared s1": f"{of('sheared_norm', eigenvalue=0.9, shear=5, power=1):.2f}",
        "sheared most": f"{10 ** float(TABLE.sheared_norm.sel(eigenvalue=0.9, shear=5).max()):.1f}",
        "sheared 100": f"{of('sheared_norm', eigenvalue=0.9, shear=5, power=100):.3f}",
        "both": f"{1.8**60:.0e}".replace("e+", r" \times 10^{") + "}",
        "tanh error": f"{float(f'{error:.3g}'):,.0f}",
        "flipped": f"{1.1**30:.1f}",
        "whole flipped": f"{10 ** grown('symmetric', -1.1):.1f}",
        "whole non-normal": f"10^{round(grown('non-normal', -1.1))}",
    }


CLAIMS = """
Next to nothing is left: <<left>>. What is left halves every <<half>> multiplications
now 1 doubles every <<double>> multiplications
and becomes <<grown>>
it is <<normal s1>>, the size of the eigenvalue
Gaussian: it is <<gaussian s1>>, so some arrows do grow. Non-normal: it is <<non-normal 8 s1>>.
in six steps it climbs to <<non-normal 8 most>>
At 2 *Units* its $s_1$ is <<non-normal 2 s1>>, and nothing grows
Gaussian: $s_1$ is <<gaussian 32 s1>>, and for two steps the norm climbs to <<gaussian 32 most>>
$s_1$ is <<non-normal s1>>, and within <<non-normal when>> steps the norm climbs to <<non-normal most>>
*Eigenvalue of W* of 0.5 it climbs to <<non-normal 0.5>>
$s_1$ is <<sheared s1>>. In nine steps an arrow can become <<sheared most>> times as long
after 100 steps at most <<sheared 100>> of its length is left
Both grow $<<both>>$ times
it grows <<tanh error>> times
the error grows <<tanh error>> times
after 30 steps it is <<flipped>> times as large, and the whole gradient <<whole flipped>> times
the whole grows to $<<whole non-normal>>$ times its first size
Half is left after <<half of 0.95>> steps, and <<left of 0.95>> after 60
1.05 makes <<1.05>> out of 1
nine steps can make <<sheared most>> out of 1
""".strip().splitlines()


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_number_in_the_text_is_found_again(claim):
    assert filled(claim, numbers()) in TEXT


def test_what_is_said_of_the_number():
    assert 1.1**17 < 5.6 < 1.1**20  # leaves the picture before the twentieth


def test_what_is_said_of_arrows():
    def ends(pair, angle=75):
        here = TABLE.sel(pair=pair, angle=angle)
        off = (here.bearing.values - LINES[pair][0] + 90) % 180 - 90
        return 10**here.length.values, np.abs(off)

    for pair in ("1.2 and 0.8", "0.9 and 0.6", "-1.1 and 0.7", "0.7 twice"):
        assert ends(pair)[1][-1] < 1  # falls towards the dashed line
    assert ends("1.2 and 0.8")[0][-1] > 100 and ends("0.9 and 0.6")[0][-1] < 0.05
    for angle, rate in ((30, 1.2), (105, 0.8)):
        np.testing.assert_allclose(ends("1.2 and 0.8", angle)[0], rate ** np.arange(31), rtol=1e-6)
    bearing = TABLE.bearing.sel(pair="-1.1 and 0.7", angle=75).values
    turned = np.abs((np.diff(bearing) + 180) % 360 - 180)
    assert (turned[10:] > 178).all()
    for angle in TABLE.angle.values.tolist():
        sizes = ends("0.7 twice", angle)[0]
        assert (sizes.max() > 1.2) == (angle not in (0, 180))  # not on the line: becomes longer
        assert sizes[-1] < 0.005  # vanishes after all
    assert ends("0.7 twice", 15)[0][1] > 1 > ends("0.7 twice", 165)[0][1]  # first longer, first shorter


def test_what_is_said_of_kinds():
    for kind in ("symmetric", "orthogonal", "identity"):
        for size in (2, 32):
            np.testing.assert_allclose(of_kind(kind, size), 0.9**K)
    assert of_kind("gaussian", 32).argmax() == 2 and of_kind("gaussian", 8).argmax() == 1
    assert of_kind("non-normal", 8).argmax() == 6
    assert of_kind("non-normal", 2).max() == 1  # nothing grows
    peaks = [10 ** power_norms(sheared(x, 5.0), 100) for x in (0.9, 0.95, 1.0)]
    assert peaks[1].max() > peaks[0].max() and peaks[1].argmax() > peaks[0].argmax()
    assert peaks[0].argmax() == 9 and peaks[2].argmax() == 100  # nine steps; no other side


def test_normal_are_those_with_a_full_set_of_eigenvectors_at_right_angles():
    """As the text defines the word: a sheared matrix has too few, those of random entries are oblique."""
    for kind in ("symmetric", "orthogonal", "identity", "gaussian", "non-normal"):
        W = recurrent_matrix(32, 0.9, kind)
        alike = np.allclose(W @ W.T, W.T @ W)
        assert alike == (kind not in ("gaussian", "non-normal"))
        assert not alike or np.linalg.norm(W, 2) == pytest.approx(spectral_radius(W))
    assert np.linalg.matrix_rank(sheared(0.9, 5.0) - 0.9 * np.eye(2)) == 1  # a single line of eigenvectors
    assert 10 ** power_norms(sheared(1.0, 5.0), 100)[-1] > 400 and (of_kind("identity", 2, 1.0) == 1).all()


def test_what_is_said_of_both_ways():
    linear = TABLE.sel(activation="linear", kind="orthogonal", eigenvalue=1.8)
    np.testing.assert_allclose(linear.forward, linear.backward, atol=1e-9)
    tanh = 10 ** TABLE.forward.sel(activation="tanh", kind="orthogonal", eigenvalue=1.8)
    assert tanh[5:].min() > 3.6 and tanh[5:].max() < 4.6  # stays near the mean, which the text names
    near = f"{float(tanh[5:].mean()):.0f}"
    assert f"about {near} times its first size" in TEXT and f"near {near} times its first" in TEXT
    states = [np.tanh(_pulse())]
    assert 0.95 < np.linalg.norm(states[0]) < 1 and f"{np.sqrt(32):.1f}" == "5.7"
    assert float(TABLE.backward.sel(activation="tanh", kind="identity", eigenvalue=1.8, times=60)) < -20
    for _ in range(60):
        states.append(np.tanh(recurrent_matrix(32, 1.8, "orthogonal") @ states[-1]))
    turned = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in itertools.pairwise(states)]
    assert max(turned) < 0.6  # goes on turning: by 53 degrees or more
    relu = TABLE.sel(activation="relu", kind="orthogonal", eigenvalue=1.8, times=60)
    assert max(relu.forward, relu.backward) < 9  # far less than 15
    gaussian = TABLE.sel(activation="linear", kind="gaussian", eigenvalue=1.8, times=60)
    assert float(gaussian.forward) == pytest.approx(float(gaussian.backward), abs=0.05)


def test_the_norm_of_the_power_is_no_bound_with_an_activation():
    """One unit is shut: W D W is not 0, though W^2 is."""
    W, D = np.array([[1, -1], [1, -1]]), np.diag([1, 0])
    assert not (W @ W).any() and np.linalg.norm(W @ D @ W, 2) > 1
