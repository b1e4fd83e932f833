"""A run kept in a file: `llmw-tutor run --config my-run.yaml`. Read strictly; what is wrong is said with line and column.

    experiment: head_ablation
    prompt: "When Mary and John went to the store, John gave a drink to"
    decoding: {temperature: 0, max_new_tokens: 12}
    parameters: {layer: 23, head: 3, answer: " Mary", distractor: " John"}
    model: smollm2-135m
    seed: 0

`prompt` and `decoding` are parameters of the experiment like the others; they stand apart since most runs have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.errors import BadParameter
from engine.experiments import NAMES, Experiment, bad_parameter, experiment
from engine.figures import number
from engine.protocol import SEEDS
from tutor.course.reader import near
from tutor.course.source import Kind, Node, Problem, read

RUN = Kind(name="a run", begins="`experiment:` and its name", key="`prompt`", guide="docs/my-run.yaml")
KEYS = ("experiment", "prompt", "decoding", "parameters", "model", "seed")
DECODING = ("temperature", "max_new_tokens")


class Wrong(BadParameter):
    """What is wrong with a file, a line for each problem."""

    def __init__(self, problems: list[Problem]):
        super().__init__(problems[0].path, "\n".join(map(str, sorted(problems))))


@dataclass(frozen=True)
class Config:
    """A run as its file says it."""

    path: str
    experiment: str
    values: dict[str, Any]
    """The parameters, those of `prompt` and `decoding` among them."""
    model: str | None
    seed: int | None
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Line and column of each parameter's value, and of `parameters` under an empty name."""

    def placed(self, error: BadParameter) -> BadParameter:
        """The same complaint with its place in the file."""
        line, column = self.places.get(error.parameter, self.places[""])
        found, _, right = str(error).partition("; ")
        return Wrong([Problem(self.path, line, column, found, right)])


def read_config(path: Path) -> Config:
    """The run that the file holds, its parameters checked. Raises BadParameter with every problem and its place."""
    try:
        path.open("rb").close()
    except OSError as error:  # it has no line to speak of
        raise BadParameter(
            str(path), f"{path} cannot be read: {(error.strerror or str(error)).lower()}; see that it is there"
        ) from None
    root, problems = read(path, RUN)
    if root is None:
        raise Wrong(problems)
    reading = Reading(str(path), root, problems)
    config = reading.config()
    if reading.problems or config is None:
        raise Wrong(reading.problems)
    of = experiment(config.experiment)
    try:
        of.parameters.model_validate(config.values, strict=True)
    except ValidationError as error:
        raise config.placed(bad_parameter(of, config.values, error)) from None
    return config


class Reading:
    """One file being read: its problems are gathered."""

    def __init__(self, path: str, root: Node, problems: list[Problem]):
        self.path, self.root, self.problems = path, root, problems

    def problem(self, place: tuple[int, int], found: str, right: str) -> None:
        self.problems.append(Problem(self.path, *place, found, right))

    def config(self) -> Config | None:
        root = self.root
        if not isinstance(root.value, dict):
            self.problem((root.line, root.column), "this is no run", f"write keys with values: {', '.join(KEYS)}")
            return None
        self.known(root, KEYS)
        of = self.which()
        model, seed = self.one("model", str, "a model's name, as text"), self.one("seed", int, "a whole number")
        if seed is not None and not 0 <= seed < SEEDS:
            self.problem(place_of(root.children["seed"]), f"`seed` is {seed}", f"it must be from 0 to {SEEDS - 1}")
        if of is None:
            return None
        values: dict[str, Any] = {}
        places = {"": place_of(root.children.get("parameters", root))}
        for name, key, node in self.parameters():
            if name not in of.parameters.model_fields:
                has = list(of.parameters.model_fields)
                self.problem(key, f"{of.name} has no parameter `{name}`", f"it has {', '.join(has)}{near(name, has)}")
            elif name in values:
                self.problem(key, f"`{name}` a second time (first in line {places[name][0]})", "keep one of them")
            else:
                values[name], places[name] = node.data(), place_of(node)
        return Config(self.path, of.name, values, model, seed, places)

    def which(self) -> Experiment | None:
        """The experiment that is named."""
        name = self.one("experiment", str, "the name of an experiment")
        if name is None:
            if "experiment" not in self.root.children:
                self.problem(place_of(self.root), "`experiment` is missing", f"add `experiment:` with one of {LIST}")
            return None
        if name not in NAMES:
            right = f"there are {LIST}{near(name, NAMES)}"
            self.problem(place_of(self.root.children["experiment"]), f"there is no experiment `{name}`", right)
            return None
        return experiment(name)

    def one(self, key: str, kind: type, right: str) -> Any:
        """The value of a key that may stay away."""
        node = self.root.children.get(key)
        if node is None:
            return None
        if not isinstance(node.value, kind) or isinstance(node.value, bool) or node.value == "":
            self.problem(place_of(node), f"`{key}` is {said(node)}", f"it must be {right}")
            return None
        return node.value

    def parameters(self) -> Iterator[tuple[str, tuple[int, int], Node]]:
        """The name, the place of the key, and the value of each parameter, wherever in the file it stands."""
        root = self.root
        if "prompt" in root.children:
            yield "prompt", root.keys["prompt"], root.children["prompt"]
        for group, allowed in (("decoding", DECODING), ("parameters", None)):
            node = root.children.get(group)
            if node is None or node.value is None:
                continue
            if not isinstance(node.value, dict):
                self.problem(place_of(node), f"`{group}` is {said(node)}", "it must be keys with values")
                continue
            if allowed:
                self.known(node, allowed)
            for key, child in node.children.items():
                if allowed is None or key in allowed:
                    yield str(key), node.keys[key], child

    def known(self, node: Node, keys: tuple[str, ...]) -> None:
        """Say which keys of a mapping are none."""
        for key in node.children:
            if key not in keys:
                right = f"keys here are {', '.join(keys)}{near(str(key), keys)}"
                self.problem(node.keys[key], f"there is no key `{key}` here", right)


LIST = ", ".join(NAMES)


def place_of(node: Node) -> tuple[int, int]:
    return node.line, node.column


def said(node: Node) -> str:
    """A value as it was found, short."""
    match node.value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None | "":
            return "empty"
    return number(node.value)
