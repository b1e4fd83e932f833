"""Keys of the learner's own: which actions there are, which keys they have, and whether what config.toml says can be.

Every binding has an id, such as `lesson.skip`; the table `[keys]` of config.toml gives it other keys. Ids that several
widgets share (`move.up`) change in all of them. Enter and the digits mean the same everywhere and stay.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key
from textual.screen import Screen

if TYPE_CHECKING:
    from tutor.settings import Rebound

FIXED = frozenset({"enter", *string.digits})
"""Keys that mean the same everywhere."""
MODIFIERS = ("ctrl", "shift", "alt")
SIGNS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}
SHORT = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "delete": "del"}
"""Keys as the screen names them. They may be written so in config.toml too."""
NAMED = {sign: name for name, sign in (SIGNS | SHORT).items()} | {"return": "enter", "ins": "insert"}
HINT = re.compile(r"\{([a-z_.]+)\|([^}]+)\}")
KEPT = "The keys are as they come."
"""What follows from a line that cannot be."""
SENT_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+j": "a new line"}
"""Keys that a terminal does not tell from others."""


@dataclass(frozen=True)
class Action:
    """Something that keys do."""

    id: str
    keys: tuple[str, ...]
    words: str
    places: frozenset[type]
    """The classes that bind it."""
    priority: bool = False
    """Whether it comes before what is typed."""


@cache
def actions() -> dict[str, Action]:
    """Every action that has an id, in the order of the ids. Imports every screen: half a second, the first time."""
    import tutor.ui

    for module in pkgutil.walk_packages(tutor.ui.__path__, "tutor.ui."):
        importlib.import_module(module.name)
    found: dict[str, Action] = {}
    for place, binding in bindings():
        if binding.id:
            known = found.get(binding.id) or Action(binding.id, (), binding.description, frozenset())
            keys = tuple(dict.fromkeys([*known.keys, binding.key]))
            first = known.priority or binding.priority
            same = binding.description == known.words  # else the id says what the places have in common
            words = known.words if same else binding.id.replace(".", " ").replace("_", " ")
            found[binding.id] = replace(known, keys=keys, words=words, places=known.places | {place}, priority=first)
    return dict(sorted(found.items()))


def bindings() -> Iterator[tuple[type, Binding]]:
    """The bindings of our own classes, as far as they are imported."""
    for place in sorted(ours(DOMNode), key=lambda c: (c.__module__, c.__qualname__)):
        for binding in Binding.make_bindings(place.__dict__.get("BINDINGS", ())):
            yield place, binding


def ours(of: type) -> set[type]:
    """The classes of this program below that class."""
    below: set[type] = set()
    child: type
    for child in of.__subclasses__():
        below |= {child, *ours(child)}
    return {c for c in below if c.__module__.startswith("tutor.ui.")}


def read(rebound: Sequence[Rebound]) -> tuple[dict[str, str], str]:
    """(keymap for `App.set_keymap`, ""); where a line cannot be, (no keymap, one line that says what would be right)."""
    known = actions()
    wanted: dict[str, tuple[str, ...]] = {}
    for line in rebound:
        try:
            if line.action not in known:
                raise ValueError(f"there is no action {line.action!r}{near(line.action, known)}")
            wanted[line.action] = tuple(key_of(key) for key in written(line.keys))
            check(known[line.action], wanted[line.action])
        except ValueError as error:
            stop = "" if str(error).endswith("?") else "."
            return {}, f"{line.where}: {line.action} = {line.keys!r}: {error}{stop} {KEPT}"
    now = {id: replace(action, keys=wanted.get(id, action.keys)) for id, action in known.items()}
    for line in rebound:
        if clash := clashing(now[line.action], now.values()):
            key, other = clash
            words = f"{other.id} ({other.words.lower()})"
            return {}, (
                f"{line.where}: {line.action} = {line.keys!r}: {shown(key)} is also {words}; give one of them another key. {KEPT}"
            )
    return {id: ",".join(keys) for id, keys in wanted.items()}, ""


def written(keys: Any) -> list[str]:
    """The keys as they stand in the file: a text with one key or several, or a list of them. Raises ValueError."""
    parts = keys.split(",") if isinstance(keys, str) else keys
    if not isinstance(parts, list) or not parts or not all(isinstance(p, str) and p.strip() for p in parts):
        raise ValueError('it is a key in quotes, or several, such as "ctrl+k" or ["f5", "x"]')
    return [part.strip() for part in parts]


def key_of(text: str) -> str:
    """A key as Textual names it. Raises ValueError with what would be right."""
    *modifiers, name = (["+"] if text == "+" else re.split(r"\+(?=.)", text)) if text else [""]
    modifiers = [word.lower() for word in modifiers]
    plain = name if len(name) == 1 else NAMED.get(name.lower(), name.lower())
    plain = NAMED.get(plain, plain.lower() if "ctrl" in modifiers else plain)
    key = "+".join([*modifiers, _character_to_key(plain) if len(plain) == 1 else plain])
    if not set(modifiers) <= set(MODIFIERS) or not ((len(plain) == 1 and plain.isprintable()) or plain in names()):
        raise ValueError(f"there is no key {text!r}{near(text.rpartition('+')[2], [*names(), *NAMED])}")
    if key in SENT_AS:
        raise ValueError(f"a terminal sends {key} as {SENT_AS[key]}; take another key")
    if key in FIXED:
        raise ValueError(f"{key} means the same everywhere; take another key")
    return key


def names() -> frozenset[str]:
    """The names of keys that are more than one letter, without modifiers."""
    signs = {_character_to_key(c) for c in string.punctuation}
    return frozenset(k.value for k in Keys if re.fullmatch(r"[a-z]+[0-9]*", k.value)) | signs | {"space"}


def check(action: Action, keys: Iterable[str]) -> None:
    """Whether the action can be had with these keys. Raises ValueError."""
    from textual.widgets import TextArea  # here, since the first paint needs none

    for key in keys:
        if action.priority and key in {_character_to_key(c) for c in string.printable}:
            raise ValueError(f"{shown(key)} would be taken from what you type; add ctrl, or take a function key")
        edits = {b.key: b.description for b in Binding.make_bindings(TextArea.BINDINGS) if "+" in b.key}
        if key in edits and not action.priority and any(issubclass(p, (App, Screen)) for p in action.places):
            raise ValueError(f"{shown(key)} edits what you type ({edits[key].lower()}); take another key")


def clashing(action: Action, every: Iterable[Action]) -> tuple[str, Action] | None:
    """A key of the action that another one has where both can be meant, and that other one."""
    for other in every:
        if other.id != action.id and meet(action.places, other.places):
            for key in action.keys:
                if key in other.keys:
                    return key, other
    return None


def meet(some: frozenset[type], others: frozenset[type]) -> bool:
    """Whether places of the two can have the focus at once: one class, or one around the other."""
    return any(issubclass(a, b) or issubclass(b, a) or around(a, b) or around(b, a) for a in some for b in others)


def around(outer: type, inner: type) -> bool:
    """Whether one place stands around the other: the program around all, the lesson around every widget, a panel around its
    figures."""
    from tutor.ui.figures import FigurePanel, FigureView
    from tutor.ui.screens.lesson import LessonScreen

    in_lesson = issubclass(LessonScreen, outer) and not issubclass(inner, (App, Screen))
    return issubclass(outer, App) or in_lesson or (issubclass(outer, FigurePanel) and issubclass(inner, FigureView))


def near(name: str, names: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or where the names are."""
    from rapidfuzz import process

    found = process.extractOne(name, list(names), score_cutoff=60)
    return f"; did you mean {found[0]!r}?" if found else "; docs/keys.md has the list"


# --- as the screen says them ----------------------------------------------------------------------------------------


@lru_cache
def shown(key: str) -> str:
    """A key as people read it: `↑`, `esc`, `?`, `ctrl+p`."""
    *modifiers, name = key.split("+")
    sign = next((c for c in string.punctuation if _character_to_key(c) == name), "")
    return "+".join([*modifiers, sign or (SIGNS | SHORT).get(name, name)])


def keys_of(app: App[Any], id: str) -> str:
    """The learner's keys for an action, as they are shown."""
    own: Mapping[str, str] = getattr(app, "keys", {})
    keys = own[id].split(",") if id in own else actions()[id].keys
    return " ".join(dict.fromkeys(shown(key) for key in keys))


def fill(app: App[Any], text: str) -> str:
    """The text with the learner's keys in place of ids: `{lesson.skip} skips`."""
    return re.sub(r"\{([a-z_.]+)\}", lambda found: keys_of(app, found[1]), text)


def hint(app: App[Any], text: str) -> str:
    """The text with the learner's key in place of the usual one: `{lesson.back|esc} cancels`."""
    own: Mapping[str, str] = getattr(app, "keys", {})
    return HINT.sub(lambda found: shown(own[found[1]].split(",")[0]) if found[1] in own else found[2], text)


def table() -> str:
    """The table of docs/keys.md."""
    rows = ["| action | keys | what it does |", "|---|---|---|"]
    for action in actions().values():
        keys = " ".join(f"`{shown(key)}`".replace("|", "\\|") for key in action.keys)
        rows.append(f"| `{action.id}` | {keys} | {action.words.lower()} |")
    return "\n".join(rows)


def write(page: Path) -> None:
    """Put the table into the page, between its marks."""
    head, _, rest = page.read_text("utf-8").partition("<!-- keys -->\n")
    _, _, tail = rest.partition("<!-- /keys -->")
    page.write_text(f"{head}<!-- keys -->\n{table()}\n<!-- /keys -->{tail}", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
