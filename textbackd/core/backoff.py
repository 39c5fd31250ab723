"""How long to wait after the n-th failure in a row."""


def delay(failures: int, *, first: float, most: float, spread: float) -> float:
    """Seconds: doubled with each failure from ``first`` up to ``most``, shortened by up to a half by ``spread``.

    ``spread`` is a random number in [0, 1): many daemons that lost the same PBX must not come back at once.
    """
    full = min(most, first * 2.0 ** min(failures - 1, 30))
    return full * (1 - spread / 2)
