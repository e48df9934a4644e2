import math

import numpy as np
import pytest
import torch

from skinformer.network.embedding import CategoryTable, InputEmbedding, sinusoid_table


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def fill(table, rows):
    table.weight.data.copy_(torch.tensor(rows).unsqueeze(1))


def look_up(table, *codes):
    return table(torch.tensor(codes)).flatten().tolist()


@pytest.mark.parametrize("width", [1, 2, 7, 10])
def test_sinusoids(width):
    expected = np.empty((11, width))
    for row in range(11):
        for column in range(width):
            angle = row / 10000 ** (column // 2 * 2 / width)
            expected[row, column] = (math.cos if column % 2 else math.sin)(angle)
    np.testing.assert_allclose(sinusoid_table(11, width), expected, atol=1e-6)


def test_codes_look_up_their_rows():
    table = CategoryTable(3, 1)
    fill(table, [1.0, 3.0, 9.0, 7.0])
    assert look_up(table, 2, 0, 3, 1) == [9.0, 1.0, 7.0, 3.0]


def test_small_integers_are_codes_too():
    table = CategoryTable(3, 1)
    fill(table, [1.0, 3.0, 9.0, 7.0])
    assert table(torch.tensor([[2], [0]], dtype=torch.int8)).tolist() == [
        [[9.0]],
        [[1.0]],
    ]


def test_unmarked_table_replaces_only_unknown():
    table = CategoryTable(3, 1).eval()
    fill(table, [1.0, 3.0, 8.0, 700.0])
    assert look_up(table, 0, 1, 2, 3) == [1.0, 3.0, 8.0, 4.0]


def test_unseen_codes_use_the_mean_of_the_seen_rows():
    table = CategoryTable(4, 1).eval()
    fill(table, [1.0, 3.0, 90.0, 8.0, 700.0])
    table.mark_seen(torch.tensor([0, 1, 0]))
    table.mark_seen(torch.tensor([[3]]))
    assert table.seen.tolist() == [True, True, False, True, False]
    assert look_up(table, 0, 1, 2, 3, 4) == [1.0, 3.0, 4.0, 8.0, 4.0]


def test_unknown_that_training_saw_keeps_its_row():
    table = CategoryTable(2, 1).eval()
    fill(table, [1.0, 90.0, 5.0])
    table.mark_seen(torch.tensor([0, 2]))
    assert look_up(table, 0, 1, 2) == [1.0, 3.0, 5.0]


def test_training_uses_every_row_itself():
    table = CategoryTable(2, 1)
    fill(table, [1.0, 90.0, 5.0])
    table.mark_seen(torch.tensor([0]))
    assert look_up(table, 0, 1, 2) == [1.0, 90.0, 5.0]


@pytest.mark.parametrize("training", [False, True])
def test_fixed_table_replaces_only_unknown(training):
    table = CategoryTable(3, 2, embedding="fixed").train(training)
    expected = [[math.sin(code), math.cos(code)] for code in range(3)]
    table.mark_seen(torch.tensor([1, 2, 3]))
    unknown = np.mean(expected[1:], axis=0)
    np.testing.assert_allclose(
        table(torch.arange(4)), [*expected, unknown], atol=1e-6, rtol=0
    )


def test_fixed_table_whose_only_code_was_unknown_averages_all():
    table = CategoryTable(2, 1, embedding="fixed").eval()
    table.mark_seen(torch.tensor([2]))
    assert look_up(table, 2) == pytest.approx([math.sin(1) / 2])


def test_fixed_table_has_no_parameter():
    assert list(CategoryTable(3, 2, embedding="fixed").parameters()) == []


def test_seen_travels_with_the_state():
    table = CategoryTable(2, 1)
    table.mark_seen(torch.tensor([1]))
    other = CategoryTable(2, 1)
    other.load_state_dict(table.state_dict())
    assert other.seen.tolist() == [False, True, False]


@pytest.mark.parametrize("code", [-1, 4])
def test_marking_a_code_outside_the_table(code):
    table = CategoryTable(3, 1)
    with pytest.raises(ValueError, match=f"from 0 to 3.* got {code}"):
        table.mark_seen(torch.tensor([0, code]))
    assert not table.seen.any()


def test_unknown_kind_of_table():
    with pytest.raises(
        ValueError, match=r"embedding must be one of .*fixed.* 'static'"
    ):
        CategoryTable(3, 1, embedding="static")


def test_repr_tells_the_table():
    assert repr(CategoryTable(3, 2)) == "CategoryTable(3, 2, embedding='learned')"
    assert "fixed" in repr(CategoryTable(3, 2, embedding="fixed"))


# The whole


def slow_embedding(embed, values, covariates, categories):
    """Sum of the parts, one row at a time."""
    B, L, _ = values.shape
    kernel = embed.value.weight.detach()  # (d_model, n_inputs, 3)
    expected = np.empty((B, L, len(kernel)))
    for b, t in np.ndindex(B, L):
        row = embed.value.bias.detach() + sinusoid_table(L, len(kernel))[t]
        for offset in (-1, 0, 1):  # circular: row -1 is the last, row L the first
            row = row + kernel[:, :, offset + 1] @ values[b, (t + offset) % L]
        layer = embed.covariate
        row = row + layer.weight.detach() @ covariates[b, t] + layer.bias.detach()
        for table, code in zip(embed.tables, categories[b, t], strict=True):
            row = row + table.weight.detach()[code]
        expected[b, t] = row.numpy()
    return expected


@pytest.mark.parametrize("length", [1, 2, 11])
@pytest.mark.parametrize("kind", ["learned", "fixed"])
def test_parts_are_added(kind, length):
    embed = InputEmbedding(
        3, 7, 13, n_covariates=2, cardinalities=(5, 4), embedding=kind
    )
    values, covariates = draw(2, length, 3), draw(2, length, 2, seed=1)
    categories = torch.arange(2 * length * 2).view(2, length, 2).remainder(4)
    actual = embed(values, covariates, categories)
    expected = slow_embedding(embed, values, covariates, categories)
    np.testing.assert_allclose(actual.detach().numpy(), expected, atol=1e-5, rtol=0)


def test_dropout_is_applied_to_the_sum():
    embed = InputEmbedding(3, 7, 11, dropout=0.5)
    dropped = embed(draw(2, 11, 3))
    whole = embed.eval()(draw(2, 11, 3))
    kept = dropped != 0
    assert 0.3 < kept.float().mean() < 0.7
    torch.testing.assert_close(dropped[kept], 2 * whole[kept])


def test_position_is_a_buffer_outside_the_state():
    embed = InputEmbedding(3, 7, 11)
    assert "position" in dict(embed.named_buffers())
    assert "position" not in embed.state_dict()
    before = embed.position
    embed(draw(1, 5, 3))
    assert embed.position is before


def test_mark_seen_by_column():
    embed = InputEmbedding(1, 2, 3, cardinalities=(2, 3))
    embed.mark_seen(torch.tensor([[0, 3], [0, 1]]))
    assert embed.tables[0].seen.tolist() == [True, False, False]
    assert embed.tables[1].seen.tolist() == [False, True, False, True]


def test_mark_seen_with_another_number_of_columns():
    embed = InputEmbedding(1, 2, 3, cardinalities=(2, 3))
    with pytest.raises(ValueError, match=r"shape \(N, 2\), got \(4, 1\)"):
        embed.mark_seen(torch.zeros(4, 1, dtype=torch.long))


def test_missing_numbers_add_what_their_columns_say():
    embed = InputEmbedding(3, 7, length=5, n_covariates=2, masks=True).eval()
    values, covariates = draw(2, 5, 3), draw(2, 5, 2, seed=1)
    whole = embed(values, covariates)
    absent = torch.zeros(2, 5, 3), torch.zeros(2, 5, 2)
    absent[0][1, 3, 2] = absent[1][0, 4, 1] = 1.0
    # what they add starts at zero
    assert torch.equal(embed(values, covariates, None, *absent), whole)
    embed.missing_values.data.copy_(draw(7, 3, seed=2))
    embed.missing_covariates.data.copy_(draw(7, 2, seed=3))
    added = embed(values, covariates, None, *absent) - whole
    expected = torch.zeros(2, 5, 7)
    expected[1, 3] = embed.missing_values[:, 2]
    expected[0, 4] = embed.missing_covariates[:, 1]
    torch.testing.assert_close(added, expected, atol=1e-6, rtol=0)


def test_without_masks_there_are_no_weights_of_what_is_missing():
    plain = InputEmbedding(3, 7, length=5, n_covariates=2)
    assert plain.missing_values is plain.missing_covariates is None
    without = InputEmbedding(3, 7, length=5, masks=True)
    assert without.missing_covariates is None
    assert without.missing_values.shape == (7, 3)
