"""A YAML file as plain values, with the line and column of each.

Every scalar stays the text that is in the file: the schema says what it means. YAML itself would read the number
``+447700900123`` as an int without its plus, ``01632`` as octal and the country ``NO`` as false.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import yaml

from textbackd.errors import UserError

Value = None | str | list["Value"] | dict[str, "Value"]
Place = tuple[str | int, ...]
"""The way to a value from the top: ``("dids", 0, "number")``."""

_DEEPEST = 20
"""An alias may hold itself."""
_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value")
}
"""What YAML takes values for that bear no tag; all else somebody has written."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong, and where; lines and columns count from 1."""

    line: int
    column: int
    message: str


class Document:
    """A parsed file. ``problems`` holds what is wrong with it as YAML; the rest of it is there all the same."""

    def __init__(self, root: yaml.MappingNode, text: str) -> None:
        self._text = text
        self.problems: list[Problem] = []
        self._values: dict[Place, yaml.Mark] = {}
        self._keys: dict[Place, yaml.Mark] = {}
        self._sources: dict[Place, tuple[str, str]] = {}
        """Each text, and how it stands in the file, with its quotes and line breaks."""
        self.data = self._mapping(root, ())

    def problem(self, place: Place, message: str, *, at_key: bool = False, offset: int = 0) -> Problem:
        """A problem at the value of ``place`` or its key; of what is not there, at what it should be in.

        ``offset`` counts characters within the text there.
        """
        marks = self._keys | self._values if not at_key else self._values | self._keys
        while place not in marks:
            place, offset = place[:-1], 0
        mark = marks[place]
        line, column = mark.line + 1, mark.column + 1
        if offset and place in self._sources:
            before = self._before(place, offset)
            line += before.count("\n")
            column = len(before) - before.rfind("\n") if "\n" in before else column + len(before)
        return Problem(line, column, message)

    def has(self, place: Place) -> bool:
        """Whether the file says anything at ``place``."""
        return place in self._values

    def _before(self, place: Place, offset: int) -> str:
        """What stands in the file before a character of the text at ``place``; nothing where it is escaped.

        The file has all characters of a text in their order, and between them quotes, line breaks and indents.
        """
        value, source = self._sources[place]
        at = 0
        for character in value[:offset].replace(" ", ""):
            at = source.find(character, at) + 1
            if not at:
                return ""
        return source[: max(at, source.find(value[offset : offset + 1], at))]

    def _value(self, node: yaml.Node, place: Place) -> Value:
        self._values[place] = node.start_mark
        if node.tag not in _TAGS:
            self.problems.append(self.problem(place, f"{node.tag} means nothing here: write the value itself"))
        if len(place) > _DEEPEST:
            self.problems.append(self.problem(place[:1], "this is nested too deeply"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*place, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        if node.tag == "tag:yaml.org,2002:null":
            return None
        begin, end = node.start_mark.index, node.end_mark.index  # type: ignore[attr-defined]  # its stubs forget it
        self._sources[place] = node.value, self._text[begin:end]
        return str(node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Value]:
        self._values[place] = node.start_mark
        found: dict[str, Value] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                mark = key.start_mark
                self.problems.append(Problem(mark.line + 1, mark.column + 1, "a key is a single word"))
                continue
            there = (*place, str(key.value))
            if there in self._keys:
                first = self._keys[there].line + 1
                mark = key.start_mark
                message = f"'{key.value}' is here twice, first in line {first}: keep one of them"
                self.problems.append(Problem(mark.line + 1, mark.column + 1, message))
                continue
            self._keys[there] = key.start_mark
            content = self._value(value, there)
            if content is not None:  # a key with nothing behind it is a key left out
                found[str(key.value)] = content
        return found


def read(path: Path) -> Document:
    """The document at ``path``. Raises UserError where there is none, or where it is no YAML."""
    return parsed(path, text(path))


def parsed(path: Path, text: str) -> Document:
    """The document in ``text``, which is from the file at ``path``. Raises UserError where it is no YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise UserError(f"{path}:{_in_words(error)}") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise UserError(
            f"{path}:{line}:{column}: the character U+{ord(text[error.position]):04X} may not be in YAML: remove it"
        ) from error
    if root is None:
        raise UserError(f"{path}:1:1: the file is empty: begin with the example, config/textbackd.yaml")
    if not isinstance(root, yaml.MappingNode):
        mark = root.start_mark
        raise UserError(f"{path}:{mark.line + 1}:{mark.column + 1}: the file must hold lines of the form 'key: value'")
    return Document(root, text)


def text(path: Path) -> str:
    """What is in the file at ``path``. Raises UserError where it cannot be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{path}: there is no such file: copy the example, config/textbackd.yaml, to it,"
            " or name another with --config or TEXTBACKD_CONFIG"
        ) from None
    except PermissionError:
        raise UserError(f"{path}: you may not read it: run this as root, or as the user of the service") from None
    except OSError as error:
        raise UserError(f"{path}: it cannot be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise UserError(f"{path}:{line}:{column}: this is not UTF-8: save the file as UTF-8") from error


def entries(data: Value, key: str) -> Iterator[tuple[int, dict[str, Value]]]:
    """The mappings in the list ``key`` with their places in it; whatever has another shape is left out."""
    listed = data.get(key) if isinstance(data, dict) else None
    for i, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield i, entry


def words(data: Value, key: str) -> Iterator[tuple[int, str]]:
    """The texts in the list ``key`` with their places in it."""
    listed = data.get(key) if isinstance(data, dict) else None
    for i, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, str):
            yield i, entry


def word(data: Value, key: str) -> str:
    """The text at ``key``, or an empty one."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def _in_words(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    assert mark is not None
    problem = error.problem or error.context or "this is no YAML"
    if "'\\t'" in problem:
        problem = "there is a tab: YAML takes spaces only"
    elif "mapping values are not allowed" in problem:
        problem = "a ':' that YAML does not expect: indent this line as its neighbours, or put the text in quotes"
    elif "expected <block end>" in problem:
        problem = "this does not go on from the lines before: indent it as its neighbours"
    elif error.context and error.context_mark:
        problem = f"{problem} ({error.context} from line {error.context_mark.line + 1} on)"
    return f"{mark.line + 1}:{mark.column + 1}: {problem}"
