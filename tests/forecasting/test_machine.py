"""Device, precision, compiler."""

import pytest
import torch

from skinformer.forecasting import machine
from skinformer.forecasting.machine import (
    check_compiler,
    has_bfloat16,
    resolve_device,
    resolve_precision,
)


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
