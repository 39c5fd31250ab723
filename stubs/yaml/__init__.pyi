"""The dozen names of PyYAML that we use."""

from typing import IO, Any

from yaml import reader as reader

class Mark:
    line: int
    column: int

class Node:
    tag: str
    value: Any
    start_mark: Mark
    end_mark: Mark

class ScalarNode(Node):
    value: str
    style: str | None

class SequenceNode(Node):
    value: list[Node]

class MappingNode(Node):
    value: list[tuple[Node, Node]]

class YAMLError(Exception): ...

class MarkedYAMLError(YAMLError):
    context: str | None
    context_mark: Mark | None
    problem: str | None
    problem_mark: Mark | None

class SafeLoader: ...

def compose(stream: str | bytes | IO[str], Loader: type[SafeLoader]) -> Node | None: ...
def safe_load(stream: str | bytes | IO[str]) -> Any: ...
def safe_dump(data: Any, *, sort_keys: bool = ..., allow_unicode: bool = ...) -> str: ...
