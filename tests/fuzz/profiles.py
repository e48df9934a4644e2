"""How many cases are tried: few and always the same, or as many as a night allows."""

import os

from hypothesis import HealthCheck, Phase, settings

__all__ = ["PROFILE"]

ODD_FRAMES_ARE_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
# to explain which lines a failing case runs takes longer than to find it
PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile(
    "few",
    phases=PHASES,
    derandomize=True,
    max_examples=200,
    deadline=None,
    suppress_health_check=ODD_FRAMES_ARE_SLOW,
)
settings.register_profile(
    "nightly",
    phases=PHASES,
    max_examples=int(os.environ.get("SKINFORMER_FUZZ_EXAMPLES", "5000")),
    deadline=None,
    print_blob=True,
    report_multiple_bugs=True,
    suppress_health_check=ODD_FRAMES_ARE_SLOW,
)
PROFILE = settings.get_profile(os.environ.get("SKINFORMER_FUZZ", "few"))
