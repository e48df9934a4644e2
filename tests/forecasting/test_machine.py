"""Device, precision, generators."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from torch import nn

from skinformer.forecasting import machine
from skinformer.forecasting.machine import (
    check_compiler,
    has_bfloat16,
    resolve_device,
    resolve_precision,
    seeded,
)
from skinformer.forecasting.seeds import draw_seed


class TestSeeds:
    def test_the_global_generator_is_put_back(self):
        before = torch.get_rng_state()
        with seeded(3, "cpu"):
            first = torch.rand(5)
        assert torch.equal(torch.get_rng_state(), before)
        with seeded(3, "cpu"):
            assert torch.equal(torch.rand(5), first)

    def test_put_back_after_an_error(self):
        before = torch.get_rng_state()
        with pytest.raises(ValueError, match="probability"), seeded(3, "cpu"):
            nn.Dropout(p=torch.rand(1).item() + 2)
        assert torch.equal(torch.get_rng_state(), before)

    def test_none_asks_the_operating_system(self):
        state = np.random.get_state()[1].copy()  # noqa: NPY002
        assert draw_seed(None) != draw_seed(None)
        assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002

    def test_int_and_random_state(self):
        assert draw_seed(7) == 7
        seeds = [draw_seed(np.random.RandomState(5)) for _ in range(2)]
        assert seeds[0] == seeds[1]


class TestDevice:
    def test_auto(self):
        expected = "cuda" if torch.cuda.is_available() else "cpu"
        assert resolve_device("auto") == expected

    def test_unknown(self):
        with pytest.raises(ValueError, match=r"device='gpu'.*'auto', 'cpu', 'cuda'"):
            resolve_device("gpu")

    @pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is at hand")
    def test_absent(self):
        with pytest.raises(ValueError, match=r"device='cuda', but torch sees 0 of"):
            resolve_device("cuda")


class TestPrecision:
    @pytest.mark.parametrize(
        ("able", "d_model", "expected"),
        [(True, 255, "fp32"), (True, 256, "bf16"), (False, 512, "fp32")],
    )
    def test_auto_takes_bfloat16_for_wide_networks(
        self, monkeypatch, able, d_model, expected
    ):
        monkeypatch.setattr(machine, "has_bfloat16", lambda device: able)
        assert resolve_precision("auto", "cpu", d_model) == expected

    def test_asked_for_and_absent(self, monkeypatch):
        monkeypatch.setattr(machine, "has_bfloat16", lambda device: False)
        assert resolve_precision("fp32", "cpu", 512) == "fp32"
        with pytest.raises(
            ValueError, match=r"'cpu' has no bfloat16.*'auto' or 'fp32'"
        ):
            resolve_precision("bf16", "cpu", 512)

    @pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16"])
    def test_a_cpu_is_asked_for_its_instructions(self, monkeypatch, name):
        able = {}
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
        assert not has_bfloat16("cpu")
        able[name] = True
        assert has_bfloat16("cpu")


def test_compiling_without_a_compiler_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CXX", str(tmp_path / "g++"))
    with pytest.raises(ValueError, match=r"compile=True needs.*g\+\+ is there.*=False"):
        check_compiler("cpu")
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match="compile=True needs a C"):
        check_compiler("cpu")
    found = tmp_path / "clang++"
    found.touch(mode=0o755)
    check_compiler("cpu")
