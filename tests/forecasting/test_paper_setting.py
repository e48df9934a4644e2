"""The paper's setting is one of the regressor."""

from skinformer import PAPER_SETTING, InformerRegressor


def test_the_papers_setting():
    model = InformerRegressor(**PAPER_SETTING)
    assert (model.d_model, model.d_ff, model.instance_norm) == (512, 2048, None)
    assert set(PAPER_SETTING) <= set(InformerRegressor().get_params())
