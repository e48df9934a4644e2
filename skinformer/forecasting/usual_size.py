"""Values of a usual size, which penalties are meant for."""

import numpy as np

__all__ = ["of_usual_size", "together_of_usual_size"]

# root mean square, in the unit of penalties, beyond which values are shrunk, and below
# whose inverse they are stretched
FAR = 3.0


def of_usual_size(z: np.ndarray) -> np.ndarray:
    """Bring centred values (n,) near to one that newer rows have led far from it.

    The map is the same in any unit; penalties are meant for values of about one.

    >>> of_usual_size(np.array([60.0, -60.0])), of_usual_size(np.array([0.5, -0.5]))
    (array([ 3., -3.]), array([ 0.5, -0.5]))
    """
    largest = np.abs(z).max(initial=0.0)
    if largest == 0.0:
        return z
    size = largest * np.sqrt(np.mean((z / largest) ** 2))
    return z * (np.clip(size, 1 / FAR, FAR) / size)


def together_of_usual_size(zs: list[np.ndarray]) -> list[np.ndarray]:
    """Do the same to some series, all by the same factor.

    >>> together_of_usual_size([np.array([60.0]), np.array([-60.0])])
    [array([3.]), array([-3.])]
    """
    ends = np.cumsum([len(z) for z in zs])
    return np.split(of_usual_size(np.concatenate(zs)), ends[:-1])
