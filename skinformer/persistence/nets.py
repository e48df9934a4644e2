"""Networks with their training: settings as JSON, weights as arrays.

A network is made anew by its own constructor and filled with its weights; the optimiser
gets its state back, so that ``partial_fit`` goes on as if nothing had been between.
"""

from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback
from torch import nn
from torch.overrides import TorchFunctionMode

from skinformer.baselines.teacher_forcing import TeacherForcedNet
from skinformer.exceptions import DeviceWarning, warn
from skinformer.forecasting.batches import BatchLoader
from skinformer.forecasting.launched import ACCELERATE
from skinformer.forecasting.losses import MaskedLoss
from skinformer.forecasting.machine import resolve_device
from skinformer.forecasting.recovery import Recovery
from skinformer.forecasting.training import ForecastNet
from skinformer.network import Informer
from skinformer.network.lstm import LSTMNetwork
from skinformer.network.quantiles import PinballLoss
from skinformer.network.transformer import TransformerNetwork

from .kinds import Kind, need, refuse, register
from .plain import read_array, read_pairs, write_array, write_pairs

__all__ = ["TORCH", "choose_device", "kind_of", "put_on"]

NETS = {made.__name__: made for made in (ForecastNet, TeacherForcedNet)}
MODULES = {made.__name__: made for made in (Informer, LSTMNetwork, TransformerNetwork)}
OPTIMIZERS = {
    name: made
    for name, made in vars(torch.optim).items()
    if isinstance(made, type) and issubclass(made, torch.optim.Optimizer)
}
# losses, with what they are made of
LOSSES = {
    nn.L1Loss: (),
    nn.MSELoss: (),
    nn.HuberLoss: ("delta",),
    nn.SmoothL1Loss: ("beta",),
    PinballLoss: ("levels",),
}
LOSS_NAMES = {made.__name__: made for made in LOSSES}
REDUCTIONS = ("mean", "sum", "none")

# what is made of classes, and given anew
OURS = {
    "module": None,
    "criterion": MaskedLoss,
    "iterator_train": BatchLoader,
    "iterator_valid": BatchLoader,
    "train_split": None,
    "torch_load_kwargs": None,
}
# of which first weights are made
DRAWS = (
    torch.Tensor.uniform_,
    torch.Tensor.normal_,
    nn.init.uniform_,
    nn.init.normal_,
    nn.init.kaiming_uniform_,
)
LEFT_OUT = {*OURS, "dataset", "callbacks", "criterion__loss", "device", "compile"}
SETTINGS = {
    "optimizer",
    "lr",
    "max_epochs",
    "batch_size",
    "predict_nonlinearity",
    "warm_start",
    "verbose",
    "use_caching",
    "precision",
}
PREFIXES = ("module__", "optimizer__", "iterator_train__", "iterator_valid__")
# of callbacks, made when it goes on, and of a compiler, which it starts without
LATER = ("callbacks__", "compile__")
# numbers that a network holds beside its weights, tables of positions
MOST_NUMBERS = 2**28


# Writing


def write_net(value: ForecastNet, path: str, writer: Any) -> dict:
    """Write the settings and the states of a net."""
    settings = {k: v for k, v in vars(value).items() if is_setting(k)}
    for name, setting in settings.items():
        if not is_known(name):  # before a file is there that nobody can read
            raise refuse(f"{path}.{name}", setting, "Leave it out of net_params.")
    criterion: Any = value.criterion_
    parts = {
        "settings": settings,
        "module": cpu(value.module_.state_dict()),
        "optimizer": cpu(value.optimizer_.state_dict()),
        "loss": criterion.loss,
        "has_gaps": bool(criterion.has_gaps),
        "history": [dict(epoch) for epoch in value.history],
        "compile": bool(value.compile),
    }
    return {
        "net": type(value).__name__,
        "network": type(value.module_).__name__,
        **{k: writer.write(part, f"{path}.{k}") for k, part in parts.items()},
    }


def is_setting(name: str) -> bool:
    """Say whether an attribute of a net is a setting that is written."""
    private = name.startswith("_") or name.endswith("_")
    return not private and name not in LEFT_OUT


def is_known(name: Any) -> bool:
    """Say whether a setting of a net is one that is read again."""
    if type(name) is not str or not is_setting(name):
        return False
    return name in SETTINGS or name.startswith(PREFIXES + LATER)


def cpu(state: Any) -> Any:
    """Return a state with its tensors on the CPU."""
    if isinstance(state, torch.Tensor):
        return state.detach().cpu()
    if isinstance(state, dict):
        return {key: cpu(part) for key, part in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(cpu(part) for part in state)
    return state


def write_tensor(value: torch.Tensor, path: str, writer: Any) -> list:
    """Write a tensor as an array."""
    if value.dtype == torch.bfloat16:  # numpy has none
        return ["bfloat16", write_array(value.view(torch.int16).numpy(), path, writer)]
    return ["", write_array(value.detach().cpu().numpy(), path, writer)]


def write_loss(value: Any, path: str, writer: Any) -> list:
    """Write the name of a loss, and what it is made of."""
    made = type(value)
    parts = {name: getattr(value, name) for name in LOSSES[made]}
    numbers = {k: getattr(v, "tolist", lambda v=v: v)() for k, v in parts.items()}
    return [made.__name__, value.reduction, write_pairs(numbers, path, writer)]


# Reading


class Undrawn(TorchFunctionMode):
    """Leaves first weights undrawn, in a block of one thread: others take their place.

    The generator is torch's, and common to all threads: to draw from it, loading would
    have to wait until no other thread trains.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Return what a function of torch does, or where it would write its draws."""
        kwargs = kwargs or {}
        if func in DRAWS:
            return args[0] if args else kwargs["tensor"]
        return (torch.empty if func is torch.randn else func)(*args, **kwargs)


def read_net(node: Any, reader: Any) -> ForecastNet:
    """Make a net anew, with the weights and the state of the optimiser that it had."""
    parts = {k: reader.read(part) for k, part in node.items()}
    need(parts["net"] in NETS and parts["network"] in MODULES, "a net of ours")
    settings, device = parts["settings"], reader.target
    check_settings(settings)
    later = {k: v for k, v in settings.items() if k.startswith(LATER)}
    made = {k: v for k, v in settings.items() if k not in later}
    module = MODULES[parts["network"]]
    check_sizes(module, made, parts["module"])
    for name in ("iterator_train__device", "iterator_valid__device"):
        made[name] = device
    with Undrawn():
        net = NETS[parts["net"]](
            **(OURS | made | {"module": module}),
            criterion__loss=parts["loss"].to(device),
            callbacks=[("check_loss", Recovery())],
            callbacks__print_log=None,
            device=device,
        ).initialize()
    vars(net).update(later)
    net.compile = parts["compile"]
    fill(net, parts)
    return net


def check_settings(settings: Any) -> None:
    """Raise unless these are settings that are written."""
    need(type(settings) is dict, "settings of a net")
    for name in settings:
        need(is_known(name), f"settings of a net, not {name!r}")
    need(settings.get("optimizer") in OPTIMIZERS.values(), "an optimiser")


def check_sizes(module: type[nn.Module], settings: dict, state: dict) -> None:
    """Raise unless a network of these settings has weights of the shapes given.

    It is made without memory first: no file makes us ask for more than it holds.
    """
    own = {k[8:]: v for k, v in settings.items() if k.startswith("module__")}
    layers = np.sum([np.sum(v) for k, v in own.items() if k.endswith("_layers")])
    need(0 <= layers <= len(state), "as many layers as there are weights for")
    with torch.device("meta"):
        sketch = module(**own)
    shapes = {name: tensor.shape for name, tensor in sketch.state_dict().items()}
    given = {name: getattr(tensor, "shape", None) for name, tensor in state.items()}
    need(shapes == given, "weights of the shapes that the settings ask for")
    held = sum(buffer.numel() for buffer in sketch.buffers())
    need(held <= MOST_NUMBERS, "tables of a size that fits")


def fill(net: ForecastNet, parts: dict) -> None:
    """Put weights, the state of the optimiser and the history in place."""
    net.module_.load_state_dict(parts["module"])
    net.module_.eval()
    state = parts["optimizer"]
    need(type(state) is dict and state.keys() == {"state", "param_groups"}, "a state")
    net.optimizer_.load_state_dict(state)
    net.criterion_.has_gaps = parts["has_gaps"]
    history = parts["history"]
    need(type(history) is list and all(type(e) is dict for e in history), "epochs")
    net.history_.extend(history)


def read_tensor(node: Any, reader: Any) -> torch.Tensor:
    """Read a tensor."""
    dtype, array = node
    tensor = torch.from_numpy(np.asarray(read_array(array, reader), order="C"))
    need(dtype in ("", "bfloat16"), "a tensor")
    return tensor.view(torch.bfloat16) if dtype else tensor


def read_loss(node: Any, reader: Any) -> nn.Module:
    """Make a loss anew."""
    name, reduction, pairs = node
    need(name in LOSS_NAMES and reduction in REDUCTIONS, "a loss")
    numbers = read_pairs(pairs, reader)
    made = LOSS_NAMES[name]
    need(numbers.keys() == {*LOSSES[made]}, "what the loss is made of")
    loss = made(**numbers)
    loss.reduction = reduction
    return loss


def read_optimizer(node: Any, reader: Any) -> type[torch.optim.Optimizer]:
    """Return a class of optimisers by its name."""
    need(type(node) is str and node in OPTIMIZERS, f"an optimiser, not {node!r}")
    return OPTIMIZERS[node]


# The device


def choose_device(model: Any, asked: str | None) -> str:
    """Return where the network of a model goes: as asked for, else as it says.

    Warns
    -----
    DeviceWarning
        If the device that it says is not here.
    """
    if asked is not None:
        return resolve_device(asked)
    if model.device == ACCELERATE:  # a forecast needs no other process
        return resolve_device("auto")
    try:
        return resolve_device(model.device)
    except ValueError:
        warn(
            f"The model was fitted with device={model.device!r}, which is not here; it "
            "is on the CPU now, and its device is 'cpu'.",
            DeviceWarning,
        )
        return "cpu"


def put_on(model: Any, device: str, asked: str | None) -> None:
    """Let a model know where its network is, for the training that may follow."""
    need(type(model.net_) is type(model)._net_class, "the net of its forecaster")
    network = type(model)._module_class
    need(type(model.net_.module_) is network, "the network of its forecaster")
    model._fitted_identity["device"] = device
    if asked is not None:
        model.device = asked
    elif model.device == ACCELERATE:
        model._fitted_identity["device"] = ACCELERATE
    elif model.device != "auto":
        model.device = device


# Kinds

# by exact type
TORCH: dict[type, Kind] = {
    **dict.fromkeys(NETS.values(), register("net", write_net, read_net)),
    **dict.fromkeys(
        (torch.Tensor, nn.Parameter), register("tensor", write_tensor, read_tensor)
    ),
    **dict.fromkeys(LOSSES, register("loss", write_loss, read_loss)),
}
OPTIMIZER = register("optimizer", lambda v, p, w: v.__name__, read_optimizer)


def kind_of(value: Any, path: str) -> Kind | None:
    """Return the kind of a class of optimisers; refuse other parts of a training."""
    if isinstance(value, type) and OPTIMIZERS.get(value.__name__) is value:
        return OPTIMIZER
    if isinstance(value, nn.Module):
        raise refuse(path, value, "Fit with 'mse', 'mae', 'huber' or 'quantile'.")
    if isinstance(value, Callback):
        remedy = "No forecast needs it: save after set_params(callbacks=None)."
        raise refuse(path, value, remedy)
    return None
