"""Whatever is in the file, loading it ends in settings or in problems that have a place."""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.config.files import written
from tests.config.test_settings import WHOLE
from textbackd import config
from textbackd.errors import UserError

ODD: list[Any] = [None, "-1", ["x"], [[]], {"x": []}]


def _places(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*way, key)
        yield from _places(value, (*way, key))


RIGHT = yaml.safe_load(WHOLE)


@pytest.mark.parametrize("place", list(_places(RIGHT)), ids=lambda place: ".".join(map(str, place)))
def test_an_odd_value_anywhere_is_at_most_a_problem(place: tuple[Any, ...], tmp_path: Path) -> None:
    """In place of any value of the whole file."""
    for odd in ODD:
        data = copy.deepcopy(RIGHT)
        around = data
        for key in place[:-1]:
            around = around[key]
        around[place[-1]] = odd
        path = written(tmp_path, yaml.safe_dump(data, allow_unicode=True))
        problems = _problems(path)
        assert all(problem.startswith(f"{path}:") for problem in problems)
        assert all("[type=" not in problem for problem in problems), problems


def _problems(path: Path) -> Sequence[str]:
    try:
        config.load(path)
    except UserError as error:
        return error.problems
    return ()
