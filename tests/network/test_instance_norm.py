import numpy as np
import pytest
import torch

from skinformer.network.instance_norm import (
    denormalize_window,
    normalize_window,
    window_scale,
)

# Two windows of four rows and two columns.
WINDOWS = torch.tensor(
    [
        [[1.0, 10.0], [3.0, 10.0], [5.0, 30.0], [7.0, 30.0]],
        [[-2.0, 0.0], [-2.0, 1.0], [2.0, 0.0], [2.0, 1.0]],
    ]
)


def test_mean_and_standard_deviation_by_hand():
    center, scale = window_scale(WINDOWS, "mean_std")
    np.testing.assert_allclose(center[:, 0], [[4.0, 20.0], [0.0, 0.5]])
    np.testing.assert_allclose(scale[:, 0], [[5**0.5, 10.0], [2.0, 0.5]], rtol=1e-6)
    normal = normalize_window(WINDOWS, window_scale(WINDOWS, "mean_std"))
    np.testing.assert_allclose(normal[1], [[-1, -1], [-1, 1], [1, -1], [1, 1]])


def test_last_value_by_hand():
    scale = window_scale(WINDOWS, "last")
    normal = normalize_window(WINDOWS, scale)
    np.testing.assert_allclose(normal[0], [[-6, -20], [-4, -20], [-2, 0], [0, 0]])
    np.testing.assert_allclose(scale.scale, np.ones((2, 1, 2)))


def test_none_changes_nothing():
    scale = window_scale(WINDOWS, None)
    assert torch.equal(normalize_window(WINDOWS, scale), WINDOWS)
    assert torch.equal(denormalize_window(WINDOWS, scale), WINDOWS)


@pytest.mark.parametrize("kind", ["mean_std", "last", None])
def test_undone_for_the_first_columns(kind):
    scale = window_scale(WINDOWS, kind)
    normal = normalize_window(WINDOWS, scale)
    for n_columns in (1, 2):
        undone = denormalize_window(normal[..., :n_columns], scale)
        np.testing.assert_allclose(undone, WINDOWS[..., :n_columns], atol=1e-5)


def test_flat_window_does_not_explode():
    flat = torch.full((1, 7, 1), 0.1)
    scale = window_scale(flat, "mean_std")
    assert scale.scale.item() == pytest.approx(0.01)
    assert normalize_window(flat, scale).abs().max() < 1e-4
    one_off = normalize_window(torch.tensor([[[0.2]]]), scale)
    assert one_off.item() == pytest.approx(10.0, rel=1e-4)
    assert window_scale(flat, "mean_std", min_scale=0.5).scale.item() == 0.5


def test_one_row_is_flat():
    assert window_scale(torch.tensor([[[5.0]]]), "mean_std").scale.item() == (
        pytest.approx(0.01)
    )


def test_unknown_kind():
    with pytest.raises(
        ValueError, match=r"instance_norm must be one of .*last.* 'max'"
    ):
        window_scale(WINDOWS, "max")
