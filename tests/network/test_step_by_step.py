import pytest
import torch

from skinformer.network.step_by_step import RowEmbedding, cut, rows_before

from .helpers import draw

nan = torch.nan


class TestRowsBefore:
    def test_shifts_by_one(self):
        start, targets = draw(2, 3), draw(2, 5, 3, seed=1)
        before = rows_before(start, targets)
        assert torch.equal(before[:, 0], start)
        assert torch.equal(before[:, 1:], targets[:, :-1])

    def test_repeats_what_was_known_last_column_by_column(self):
        targets = torch.tensor(
            [[[nan, 1.0], [nan, nan], [3.0, nan], [4.0, 9.0]], [[nan, nan]] * 4]
        )
        start = torch.tensor([[7.0, 8.0], [5.0, 6.0]])
        expected = torch.tensor(
            [
                [[7.0, 8.0], [7.0, 1.0], [7.0, 1.0], [3.0, 1.0]],
                [[5.0, 6.0]] * 4,
            ]
        )
        assert torch.equal(rows_before(start, targets), expected)


def test_cut():
    rows = draw(2, 7, 3)
    before, after = cut((rows, None), 5)
    assert torch.equal(before[0], rows[:, :5])
    assert torch.equal(after[0], rows[:, 5:])
    assert before[1] is after[1] is None


class TestRowEmbedding:
    def make(self, length=0):
        return RowEmbedding(2, 11, length, n_covariates=3, cardinalities=(5, 7)).eval()

    def draw(self, B=4, L=13):
        codes = torch.randint(0, 5, (B, L, 2), generator=torch.manual_seed(3))
        return draw(B, L, 2), draw(B, L, 3, seed=1), codes

    def test_is_a_sum(self):
        embed = self.make()
        values, covariates, codes = self.draw()
        given = embed(values, embed.ahead((4, 13), covariates, codes))
        tables = embed.tables[0].weight, embed.tables[1].weight
        expected = (
            values @ embed.value.weight.T
            + embed.value.bias
            + covariates @ embed.covariate.weight.T
            + embed.covariate.bias
            + tables[0][codes[..., 0]]
            + tables[1][codes[..., 1]]
        )
        torch.testing.assert_close(given, expected)

    def test_position(self):
        embed = self.make(length=17)
        _, *known = self.draw()
        without = embed.ahead((4, 13), *known) - embed.position[:13]
        torch.testing.assert_close(without, self.plain(embed, known))

    def plain(self, embed, known):
        position, embed.position = embed.position, embed.position[:0]
        try:
            return embed.ahead((4, 13), *known)
        finally:
            embed.position = position

    def test_nothing_is_known(self):
        embed = RowEmbedding(2, 11)
        assert torch.equal(embed.ahead((4, 13)), torch.zeros(4, 13, 11))

    @pytest.mark.parametrize("row", [0, 5, 12])
    def test_a_row_sees_no_other(self, row):
        embed = self.make(length=13)
        values, *known = self.draw()
        ahead = embed.ahead((4, 13), *known)
        alone = embed(values[:, row : row + 1], ahead[:, row : row + 1])
        together = embed(values, ahead)[:, row : row + 1]
        torch.testing.assert_close(alone, together)
