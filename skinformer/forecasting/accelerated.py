"""Training in several processes, each on its part of every batch.

The parts of a batch differ in length, by gaps and at the end of an epoch, and may hold
no window. So the network is not wrapped for the mean of the processes' gradients, which
torch's DistributedDataParallel takes: each gradient counts by the targets that it is
of, and what comes out is the gradient of the whole batch.

Steps, saving and waiting are those of skorch's mixin for accelerate, which takes a
network that is not wrapped as it is. Wrapped, and the losses scaled so that the mean
comes out right, the network trains as well, until memory runs out in a backward pass:
some gradients have been sent by then, a second pass is refused, and the others wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from skorch import NeuralNetRegressor
from skorch.callbacks import Callback
from skorch.hf import AccelerateMixin
from torch import nn

from skinformer.exceptions import TrainingDivergedError
from skinformer.series.windows import Windows

from .batches import BatchLoader
from .generators import seed_torch
from .losses import TINY
from .memory import Batch
from .processes import Start, Team, team
from .rank_batches import RankLoader
from .resuming import digest
from .training import ForecastNet
from .training import train as train_alone

__all__ = ["AcceleratedNet", "RankOrder", "train"]


def weigh(numbers: torch.Tensor, mass: torch.Tensor) -> torch.Tensor:
    """Return means as sums, zero of a part that counts for nothing."""
    return torch.where(mass > 0, numbers * mass, 0.0)


def add_up_step(
    members: Team,
    weights: list[nn.Parameter],
    loss: torch.Tensor,
    mass: torch.Tensor,
    is_mean: bool = True,
) -> torch.Tensor:
    """Give the weights the gradient of the whole batch, and return its loss.

    Parameters
    ----------
    members : Team
    weights : list of Parameter
        With the gradient of the loss of this process's part.
    loss, mass : Tensor
        Of this part, scalars.
    is_mean : bool, default=True
        Whether the loss is a mean over targets, or a sum.
    """
    grads = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
    own = torch.cat([*(grad.flatten() for grad in grads), loss.reshape(1)])
    there = [w.grad is not None for w in weights]
    # in one message: to send many takes longer
    message = [weigh(own, mass), own.new_tensor(there), mass.reshape(1)]
    total = members.add_up(torch.cat(message))
    summed, seen, n = total.split([len(own), len(there), 1])
    whole = summed / n.clamp(min=TINY) if is_mean else summed
    if not any(there):  # of no window: what the others have a gradient of
        there = (seen > 0).tolist()
    parts = whole[:-1].split([w.numel() for w in weights])
    for w, part, has_grad in zip(weights, parts, there, strict=True):
        w.grad = part.view_as(w).to(w.dtype) if has_grad else None
    return whole[-1]


def average_statistics(members: Team, module: nn.Module) -> None:
    """Give all processes the mean of what batch normalisation has seen in each."""
    kinds = "running_mean", "running_var"
    found = [b for name, b in module.named_buffers() if name.endswith(kinds)]
    if not found or members.size == 1:
        return
    total = members.add_up(torch.cat([buffer.flatten() for buffer in found]))
    parts = (total / members.size).split([buffer.numel() for buffer in found])
    for buffer, part in zip(found, parts, strict=True):
        buffer.copy_(part.view_as(buffer))


class RankOrder(Callback):
    """The generator that orders windows, the same in all processes.

    It begins where torch's generator is: without dropout, windows come in the order
    that they have in one process. Dropout and other draws are to differ between
    processes: all but the first begin each epoch with a seed of their own, made of the
    state of this one. So a training that is resumed has only this state to keep.

    Parameters
    ----------
    rank : int
    """

    def __init__(self, rank: int = 0):
        self.rank = rank
        self.generator = torch.Generator().set_state(torch.get_rng_state())

    def on_epoch_begin(self, net: ForecastNet, **kwargs: Any) -> None:
        """Part the processes' generators."""
        if self.rank > 0:
            seed = number_of(self.generator.get_state(), self.rank)
            seed_torch(seed, net.device)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return what a training that is resumed goes on from."""
        return {"generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from there."""
        self.generator.set_state(state["generator"])


class SkorchNet(AccelerateMixin, NeuralNetRegressor):
    """skorch's net for accelerate; it stands below ours, whose steps build on it."""


class AcceleratedNet(ForecastNet, SkorchNet):
    """A net in one of several processes, while it is trained.

    It computes on its part of each batch. Gradients and losses are those of the whole
    batch, in every process, so that all decide alike: schedules, early stopping,
    losses gone wrong. See :func:`accelerated`, which makes one of a net and makes it
    a plain one again.
    """

    members: Team
    order: RankOrder
    # of the mixin: nothing is prepared, so that there is nothing to unwrap
    unwrap_after_train = _wrapped_with_accelerator = False

    @property
    def accelerator(self) -> Any:
        """What the mixin computes with."""
        return self.members.accelerator

    def run_single_epoch(
        self,
        iterator: BatchLoader | None,
        training: bool,
        prefix: str,
        step_fn: Callable,
        **fit_params: Any,
    ) -> None:
        """Run an epoch on the parts that fall to this process."""
        if iterator is None:
            return
        of_rank = self.members.rank, self.members.size
        share = RankLoader(iterator, *of_rank, self.order.generator)
        super().run_single_epoch(share, training, prefix, step_fn, **fit_params)
        name = f"{prefix}_batch_size"  # by which skorch weighs the losses
        rows = [row for row in self.history[-1]["batches"] if name in row]
        for row, size in zip(rows, share.sizes, strict=True):
            row[name] = size
        if training:
            average_statistics(self.members, self.module_)

    def train_step_single(
        self, batch: Batch, **fit_params: Any
    ) -> dict[str, torch.Tensor]:
        """Compute loss and gradients of a whole batch.

        Where memory runs out, this process takes its part in pieces. The others need
        not know: what they add up is the same.
        """
        step = nothing_of(batch)
        if len(batch[1]):
            step = super().train_step_single(batch, **fit_params)
        weights = [w for _, w in self.get_all_learnable_params() if w.requires_grad]
        loss, mass = step["loss"].detach(), self.mass(batch)
        return step | {
            "loss": add_up_step(
                self.members, weights, loss, mass, self.criterion_.is_mean
            )
        }

    def validation_step(
        self, batch: Batch, **fit_params: Any
    ) -> dict[str, torch.Tensor]:
        """Compute the loss of a whole batch."""
        step = nothing_of(batch)
        if len(batch[1]):
            step = super().validation_step(batch, **fit_params)
        mass = self.mass(batch)
        own = torch.stack([weigh(step["loss"], mass), mass])
        total, n = self.members.add_up(own)
        return step | {
            "loss": total / n.clamp(min=TINY) if self.criterion_.is_mean else total
        }

    def evaluation_step(self, batch: Any, training: bool = False) -> torch.Tensor:
        """Forecast for a callback: all windows in each process, and none to gather."""
        return NeuralNetRegressor.evaluation_step(self, batch, training)

    def on_train_end(self, *args: Any, **kwargs: Any) -> None:
        """Wait for all processes."""
        with self.members.together():
            super().on_train_end(*args, **kwargs)


def nothing_of(batch: Batch) -> dict[str, torch.Tensor]:
    """Return the step of a part that has no window."""
    _, y = batch
    return {"loss": y.new_zeros(()), "y_pred": y}


def accelerated_class(plain: type[ForecastNet]) -> type[ForecastNet]:
    """Return the class that trains a net of another in several processes."""
    if plain is ForecastNet:
        return AcceleratedNet
    # between the two: what it does with a batch comes before, and then all are added up
    return type(f"Accelerated{plain.__name__}", (plain, AcceleratedNet), {})


@contextmanager
def accelerated(net: ForecastNet, members: Team) -> Iterator[None]:
    """Let a net train with those of other processes in the block; then it is plain.

    Nothing of the team is kept: a fitted net is copied, saved, and forecasts in any
    process, alone.
    """
    plain, callbacks = type(net), net.callbacks_
    own = {"members": members, "order": RankOrder(members.rank)}
    net.__class__ = accelerated_class(plain)
    net.__dict__.update(own)
    net.callbacks_ = [("rank_order", own["order"]), *callbacks]
    try:
        yield
    except TrainingDivergedError:  # by losses and weights that all have in common
        raise
    except BaseException:
        members.leave()
        raise
    finally:
        net.__class__, net.callbacks_ = plain, callbacks
        for name in own:
            del net.__dict__[name]


def train(
    net: ForecastNet, train: Windows, valid: Windows | None, checkpointer: Any = None
) -> ForecastNet:
    """Train as :func:`skinformer.forecasting.training.train` does, or in a team.

    All processes then hold the weights of the first.
    """
    members = team()
    if members is None:
        return train_alone(net, train, valid, checkpointer)
    members.check_start(start_of(net, train, valid))
    with accelerated(net, members):
        members.copy_first([*net.module_.state_dict().values()])
        train_alone(net, train, valid, checkpointer)
        members.copy_first([*net.module_.state_dict().values()])
        # a first process whose script ends here would cut off those that still read
        members.accelerator.wait_for_everyone()
    return net


def start_of(net: ForecastNet, train: Windows, valid: Windows | None) -> Start:
    """Say what training begins with."""
    shapes = [(k, tuple(v.shape)) for k, v in net.module_.state_dict().items()]
    # the bar is the first process's alone
    callbacks = [name for name, _ in net.callbacks_ if name != "progress"]
    numbers = net.max_epochs, net.batch_size, net.lr, net.iterator_train__limit
    scale = train.scale
    return Start(
        len(train),
        0 if valid is None else len(valid),
        number_of(type(net.module_).__name__, train.seq_len, train.pred_len, shapes),
        number_of(numbers, net.precision, callbacks),
        number_of(torch.get_rng_state()),
        float(scale.mean.mean() + scale.deviation.mean()),
    )


def number_of(*parts: Any) -> int:
    """Return a number below 2**53 that other parts hardly ever have."""
    return int(digest(parts)[1:], 16) >> 11
