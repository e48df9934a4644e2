"""Long-sequence time-series forecasting with the Informer, as scikit-learn estimators.

>>> from skinformer import InformerRegressor, TimeFeatures
"""

import importlib
import importlib.util
import logging
from typing import TYPE_CHECKING, Any

from skinformer._version import __version__ as __version__

if TYPE_CHECKING:
    from skinformer._public import *  # noqa: F403
    from skinformer._public import __all__ as __all__
else:

    def __getattr__(name: str) -> Any:
        """Import public names when one is asked for, and folders when they are.

        So the command line, which needs few of them, starts in a moment.
        """
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if importlib.util.find_spec(f"{__name__}.{name}") is not None:
            return importlib.import_module(f"{__name__}.{name}")
        public = importlib.import_module(f"{__name__}._public")
        if name != "__all__" and name not in public.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = getattr(public, name)  # to be found without us from now on
        return globals()[name]


def __dir__() -> list[str]:
    public = importlib.import_module(f"{__name__}._public")
    return sorted({*globals(), *public.__all__})


# what is logged is for the program to show, not for logging's last resort
logging.getLogger("skinformer").addHandler(logging.NullHandler())
