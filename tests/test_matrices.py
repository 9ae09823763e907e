"""Recurrent matrices have the eigenvalue that was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import recurrent_matrix
from rnn_gradients.engine.matrices import KINDS


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 50), st.floats(-10, 10), st.integers(0, 10**6))
def test_the_eigenvalue_is_there_and_none_is_larger(kind, size, eigenvalue, seed):
    found = np.linalg.eigvals(recurrent_matrix(size, eigenvalue, kind, seed))
    assert np.abs(found - eigenvalue).min() < 1e-10
    assert np.abs(found).max() == pytest.approx(abs(eigenvalue), abs=1e-10)


@given(st.sampled_from(sorted(KINDS)), st.floats(-10, 10))
def test_the_eigenvalue_scales_one_and_the_same_matrix(kind, eigenvalue):
    expected = eigenvalue * recurrent_matrix(8, 1.0, kind, seed=2)
    np.testing.assert_array_equal(recurrent_matrix(8, eigenvalue, kind, seed=2), expected)


def test_each_kind_is_what_its_name_says():
    W = {kind: recurrent_matrix(16, 1.5, kind) for kind in KINDS}
    np.testing.assert_array_equal(W["symmetric"], W["symmetric"].T)
    np.testing.assert_allclose(W["orthogonal"] @ W["orthogonal"].T, 1.5**2 * np.eye(16), atol=1e-12)
    np.testing.assert_array_equal(W["identity"], 1.5 * np.eye(16))
    assert np.linalg.norm(W["non-normal"], 2) > 3
    assert np.linalg.norm(W["gaussian"] @ W["gaussian"].T - W["gaussian"].T @ W["gaussian"]) > 0.1


def test_a_caller_cannot_change_the_next_ones_matrix():
    recurrent_matrix(3, 1.0)[:] = 0
    assert recurrent_matrix(3, 1.0).any()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((0, 1.0), "size"),
        ((2.5, 1.0), "size"),
        ((2, np.nan), "eigenvalue"),
        ((2, 1.0, "diagonal"), "kind"),
        ((2, "2.0"), "eigenvalue"),
        ((2, 1j), "eigenvalue"),
        ((True, 1.0), "size"),
        ((2, 1.0, "orthogonal", -1), "seed"),
        ((2, 1.0, "orthogonal", None), "seed"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, name):
    with pytest.raises(ValueError, match=f"{name} is .*; allowed: "):
        recurrent_matrix(*arguments)
