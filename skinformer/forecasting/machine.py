"""The machine that training runs on: device, precision, compiler."""

import os
import shutil

import torch

from .launched import ACCELERATE, process_device

__all__ = [
    "PRECISIONS",
    "check_compiler",
    "resolve_device",
    "resolve_precision",
]

PRECISIONS = ("auto", "fp32", "bf16")
# from this width of the network on "auto" takes bfloat16: in narrower ones the products
# take less time than the conversions
WIDE = 256


def resolve_device(device: str) -> str:
    """Choose the device that "auto" stands for, a GPU if torch sees one.

    "accelerate" stands for the device of this process among those that train together.

    Raises
    ------
    ValueError
        If torch knows no such device, or has no GPU.
    """
    if device == ACCELERATE:
        return process_device()
    has_gpu = torch.cuda.is_available()
    if device == "auto":
        return "cuda" if has_gpu else "cpu"
    kind, _, number = device.partition(":")
    present = {
        "cpu": 1,
        "cuda": torch.cuda.device_count(),
        "mps": int(torch.backends.mps.is_available()),
    }
    if kind not in present or (number and not number.isdecimal()):
        raise ValueError(
            f"device={device!r} is none that is known here; give 'auto', 'cpu', "
            "'cuda', 'cuda:1', 'mps' or 'accelerate'."
        )
    if int(number or 0) >= present[kind]:
        raise ValueError(
            f"device={device!r}, but torch sees {present[kind]} of this kind; give "
            "'auto' or 'cpu'."
        )
    return device


def has_bfloat16(device: str) -> bool:
    """Say whether a device has instructions for products in bfloat16."""
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if torch.device(device).type == "cpu":
        able = torch.cpu.get_capabilities()
        return any(able.get(name, False) for name in ("avx512_bf16", "amx_bf16"))
    return False


def resolve_precision(precision: str, device: str, d_model: int) -> str:
    """Choose the precision of a network of width ``d_model``, "fp32" or "bf16".

    Raises
    ------
    ValueError
        If bfloat16 is asked for where the device has none.
    """
    if precision == "auto":
        return "bf16" if d_model >= WIDE and has_bfloat16(device) else "fp32"
    if precision == "bf16" and not has_bfloat16(device):
        raise ValueError(
            f"precision='bf16', but the device {device!r} has no bfloat16 products; "
            "give 'auto' or 'fp32'."
        )
    return precision


def check_compiler(device: str) -> None:
    """Raise if torch.compile would find no C++ compiler, which a CPU needs.

    Raises
    ------
    ValueError
    """
    named = os.environ.get("CXX")
    names = [named] if named else ["c++", "g++", "clang++", "cl"]
    if torch.device(device).type == "cpu" and not any(map(shutil.which, names)):
        raise ValueError(
            "compile=True needs a C++ compiler on a CPU, and none of "
            f"{', '.join(names)} is there. Install one, or give compile=False."
        )
