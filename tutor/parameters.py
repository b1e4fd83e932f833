"""Parameters as a learner types them: what is changed, what their ranges are with the loaded model's own sizes in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import takewhile
from typing import Any, get_args

from engine.errors import BadParameter
from engine.experiments import Experiment
from engine.figures import number, shown, unshown
from engine.protocol import ModelInfo

PROMPTS = ("prompt", "text", "clean", "corrupt")
"""Parameters that the model reads. Others could give an answer away."""
DRAFT = "tweak."
"""What stands before a parameter's name where what was typed for it is kept: the same for both ways in."""
CHOICE = re.compile("[a-z][a-z_]*")


def changes(
    experiment: Experiment,
    base: Mapping[str, Any],
    now: Mapping[str, Any],
    typed: Mapping[str, str],
    sizes: Mapping[str, int] | None = None,
) -> dict[str, Any] | None:
    """What differs from the lesson's own run, `base`, when `typed` is laid over the parameters of the last run, `now`.

    None where that is what ran last. Raises BadParameter with a sentence that names the parameter and its range; with the
    `sizes` of the loaded model, these are its own, and a layer or head that it does not have is refused too. So is a change
    that changes nothing, as one of `top_k` where the strategy is another.
    """
    read = {name: unshown(text) for name, text in typed.items()}
    values = {**now, **{name: text if text or is_text(experiment, name) else None for name, text in read.items()}}
    try:
        wanted, before = experiment.parse(values), whole(experiment, now)
    except BadParameter as error:
        raise BadParameter(error.parameter, with_sizes(str(error), experiment, error.parameter, sizes or {})) from None
    parsed = wanted.model_dump(mode="json")
    new = [name for name in parsed if parsed[name] != before[name]]
    changed = differences(experiment, base, parsed) if new else None
    idle = [(name, why) for name in new if (why := wanted.idle(name))]
    if new and len(idle) == len(new):
        name, why = idle[0]
        raise BadParameter(name, f"{why}: the run would be the one before")
    inside(experiment, changed or {}, sizes or {})
    return changed


def whole(experiment: Experiment, values: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of the experiment, with their defaults. Raises BadParameter."""
    return experiment.parse(dict(values)).model_dump(mode="json")


def differences(experiment: Experiment, base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of `values` that are not as in `base`; what is not given is the default. Raises BadParameter."""
    first = whole(experiment, base)
    return {name: value for name, value in whole(experiment, values).items() if value != first[name]}


def range_words(experiment: Experiment, name: str, sizes: Mapping[str, int]) -> str:
    """The range of a parameter, with the loaded model's own sizes in it."""
    words, below = experiment.parameters.range_of(name), experiment.parameters.below().get(name)
    size = sizes.get(below.size, 0) if below else 0
    return words.replace(f"{below.words} - 1", str(size - 1)) if below and size else words


def with_sizes(words: str, experiment: Experiment, name: str, sizes: Mapping[str, int]) -> str:
    """A sentence on a parameter that was refused, its range with the loaded model's own sizes in it."""
    if name not in experiment.parameters.model_fields:
        return words
    return words.replace(experiment.parameters.range_of(name), range_words(experiment, name, sizes))


def inside(experiment: Experiment, values: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    """Refuse a layer or head that the loaded model does not have. Raises BadParameter."""
    for name, below in experiment.parameters.below().items():
        size = sizes.get(below.size, 0)
        if size and values.get(name) is not None and values[name] >= size:
            right = range_words(experiment, name, sizes)
            raise BadParameter(name, f"{name} = {values[name]} is out of range; it must be {right}")


def is_text(experiment: Experiment, name: str) -> bool:
    """Whether the parameter is a text that must be there, so that an empty field is an empty text."""
    needed = type(None) not in get_args(experiment.parameters.model_fields[name].annotation)
    return needed and experiment.parameters.kind_of(name) in ("text", "token")


def written(value: Any) -> str:
    """A parameter's value as it is typed; a space in front of a text as `·`, which a space in a field would not show."""
    if isinstance(value, str) and value.startswith(" "):
        return f"·{value[1:]}" if value.strip(" ") else "·" * len(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def is_token(experiment: Experiment, name: str) -> bool:
    """Whether the parameter is one token, its leading space and all."""
    return name in experiment.parameters.model_fields and experiment.parameters.kind_of(name) == "token"


def misspaced(experiment: Experiment, values: Mapping[str, Any], given: Iterable[str]) -> str:
    """What is said of a token among the parameters `given` that begins a word without the space before it, or of a text that
    ends with one; empty mostly.

    That may be meant, and it runs. But a word of a text brings its space with it: without it, it is another token, and after
    another space it is a word that the model hardly ever saw there.
    """
    texts = [v for n, v in values.items() if experiment.parameters.kind_of(n) == "text"]
    words = any(isinstance(t, str) and " " in t and (t[-1].isalnum() or t[-1] in ",.;:!?") for t in texts)
    for name in given:
        token = values.get(name)
        if name in PROMPTS and isinstance(token, str) and token.endswith(" ") and token.strip():
            return f"{name} ends with a space, and a word that comes next would bring its own"
        if words and isinstance(token, str) and token[:1].isalpha() and is_token(experiment, name):
            return f"{name} is “{shown(token)}” with no space before it; as the next word it would be “·{shown(token)}”"
    return ""


def changed(parameters: Mapping[str, Any] | None, base: Mapping[str, Any], of: Experiment | None = None) -> str:
    """What a tweak changed of the lesson's run, before the question is asked again; nothing where there is no tweak. What does
    not count beside the rest, as `top_k` with another strategy, is left out where the experiment is known; and there a head is
    told with its layer."""
    new = {n: v for n, v in (parameters or {}).items() if v != base.get(n)}
    if of and new:
        with suppress(BadParameter):  # a journal of an older tutor
            new = counting(of, {**base, **new}, new) or new
            places = of.parameters.below()
            if places.keys() & new.keys():
                new = {**{n: {**base, **new}[n] for n in places if n in base or n in new}, **new}
    as_it_was = "Now with the lesson's own parameters. " if parameters is not None else ""
    return f"Now with {named(new)}. " if new else as_it_was


def counting(of: Experiment, values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """What of `changed` counts in a run with these values: not `top_k` where the strategy is another. Raises BadParameter."""
    parsed = of.parse(dict(values))
    return {name: value for name, value in changed.items() if not parsed.idle(name)}


BRIEF = 8
"""Characters of a value up to which it is told before longer ones: a line that is cut still says what differs."""


def named(parameters: Mapping[str, Any]) -> str:
    """Parameters in a sentence, long ones last: `layer 23, prompt “The capital”`."""
    said = [(n.replace("_", " "), value(v)) for n, v in parameters.items()]
    return ", ".join(f"{name} {v}" for name, v in sorted(said, key=lambda one: len(one[1]) > BRIEF))


def value(v: Any) -> str:
    """A parameter as a person reads it; texts in quotes, but not what is one of a few words: `top_p`, `zero`."""
    if isinstance(v, list):
        return ", ".join(f"“{shown(one)}”" if isinstance(one, str) else number(one) for one in v)
    return f"“{shown(v)}”" if isinstance(v, str) and not (CHOICE.fullmatch(v) and len(v) <= 12) else number(v)


def apart(v: Any, other: Any) -> Any:
    """Of a text of several words, the part that is not as in `other`, with a word of what both begin with."""
    if not isinstance(v, str) or not isinstance(other, str) or v == other:
        return v
    words, theirs = v.split(" "), other.split(" ")
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(words, theirs, strict=False)))
    skip = alike - 1 if alike < len(words) else alike - 2
    return f"… {' '.join(words[skip:])}" if skip > 1 else v


def sizes(info: ModelInfo | None) -> dict[str, int]:
    """The sizes that bound parameters, by the names that experiments use; empty while no model is loaded."""
    names = ("n_layers", "n_heads", "d_model", "d_mlp", "n_vocab")
    return {name: size for name in names if info and (size := getattr(info, name))}


def typable(experiment: Experiment) -> list[str]:
    """The parameters that can be typed into a field: all but lists."""
    return [name for name in experiment.parameters.model_fields if experiment.parameters.kind_of(name) != "list"]
