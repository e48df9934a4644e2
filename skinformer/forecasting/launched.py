"""The processes that a launcher has started, joined by Hugging Face accelerate."""

import importlib
import multiprocessing
import os
from datetime import timedelta
from typing import Any

import torch

from skinformer._extras import import_extra

__all__ = ["ACCELERATE", "make_accelerator", "process_device"]

ACCELERATE = "accelerate"
# a process that waits so long for another gives up
PATIENCE = timedelta(minutes=10)
# what launchers tell each process: how many there are
SIZES = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
# how processes may belong together: copies of one network
COPIES = [
    "NO",
    "MULTI_CPU",
    "MULTI_GPU",
    "MULTI_NPU",
    "MULTI_MLU",
    "MULTI_XPU",
    "MULTI_HPU",
]


def launched() -> int:
    """Return how many processes the launcher says that it has started."""
    return max(int(os.environ.get(name, 1)) for name in SIZES)


def has_gpu() -> bool:
    """Say whether there is a device on which several processes can train together."""
    kind = torch.accelerator.current_accelerator(check_available=True)
    return kind is not None and kind.type != "mps"


def make_accelerator() -> Any:
    """Make what accelerate keeps of this process; the first call joins the others.

    Raises
    ------
    ModuleNotFoundError
        If accelerate is not installed.
    ValueError
        If the processes are to share out the network itself, or this is a worker that
        one of them has started.
    RuntimeError
        If this process has left the others.
    """
    accelerate = import_extra(ACCELERATE, f"device={ACCELERATE!r}", "distributed")
    utils = import_extra("accelerate.utils", f"device={ACCELERATE!r}", "distributed")
    refuse_worker()
    # Imported later, it would hold the connection to the others as a default of its
    # functions, and a process that breaks off could not close it.
    importlib.import_module("torch.distributed.nn.functional")
    accelerator = accelerate.Accelerator(
        # where there is no GPU, accelerate would take each process to be alone
        cpu=launched() > 1 and not has_gpu(),
        mixed_precision="no",  # a matter of our own parameter
        # whatever the configuration says: a batch is whole
        gradient_accumulation_plugin=utils.GradientAccumulationPlugin(num_steps=1),
        kwargs_handlers=[utils.InitProcessGroupKwargs(timeout=PATIENCE)],
    )
    check_accelerator(accelerator)
    return accelerator


def refuse_worker() -> None:
    """Raise in a process that joblib has started beside those of a launcher."""
    name = multiprocessing.current_process().name
    if launched() > 1 and name.startswith("LokyProcess"):
        raise ValueError(
            f"device={ACCELERATE!r} in a worker of joblib: the {launched()} processes "
            "that were launched fit one after another, all together. Give n_jobs=None."
        )


def check_accelerator(accelerator: Any) -> None:
    """Raise unless each process is to train a whole copy, and can reach the others."""
    kind = str(accelerator.distributed_type.value)
    if kind not in COPIES:
        raise ValueError(
            f"device={ACCELERATE!r} trains a copy of the network in each process, and "
            f"the configuration of accelerate asks for {kind}. Choose plain multi-GPU "
            "or multi-CPU training: accelerate launch --multi_gpu."
        )
    if launched() > accelerator.num_processes:
        raise ValueError(
            f"{launched()} processes were launched, and accelerate takes this one to "
            "be alone. Start the script with: accelerate launch, or torchrun."
        )
    if accelerator.num_processes > 1 and not torch.distributed.is_initialized():
        raise RuntimeError(
            "This process has left the others when a fit failed in it, and cannot "
            "train with them any more. Start all of them again."
        )


def process_device() -> str:
    """Return the device of this process, by the name that the package has for it."""
    device = make_accelerator().device
    return "cpu" if device.type == "cpu" else str(device)
