"""The configuration: one YAML file, every problem in it at once, and what each part of the program needs of it.

``document`` (YAML with places) -> ``schema`` (shape) and ``meaning`` (sense) -> ``settings``; ``wording`` says what
is wrong. Nobody else reads the file, and nobody gets all of it. ``in_force`` changes it while the daemon runs.
"""

from textbackd.config.essentials import load_essentials
from textbackd.config.in_force import InForce, hindrances
from textbackd.config.settings import Replay, Settings, json_schema, load, notes, replay_defaults, warnings

__all__ = [
    "InForce",
    "Replay",
    "Settings",
    "hindrances",
    "json_schema",
    "load",
    "load_essentials",
    "notes",
    "replay_defaults",
    "warnings",
]
