"""What displays have in common: axes that are given, or a figure of their own."""

from typing import Any, Self

from .style import SIZE, new_axes

__all__ = ["Display"]


class Display:
    """Base of the displays; a subclass implements :meth:`_draw`.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    ax_: Any
    figure_: Any

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        self
        """
        self.ax_ = new_axes(ax, type(self).__name__, self._size())
        self.figure_ = self.ax_.figure
        self._draw(self.ax_)
        return self

    def _size(self) -> tuple[float, float]:
        """Return width and height of a figure of its own, in inches."""
        return SIZE

    def _draw(self, ax: Any) -> None:
        raise NotImplementedError
