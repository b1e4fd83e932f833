"""Answers that are written: a number, a token with the model's own tokens offered, free words."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from engine.experiments import experiment
from engine.figures import cut, shown, unshown
from tutor.course.format import Number
from tutor.parameters import sizes
from tutor.predict import NotAnAnswer, answer_text, between, bounded, give_or_take, parse
from tutor.ui.look import Look
from tutor.ui.themes import MUTED
from tutor.ui.widgets.answers.base import HERE, Answer
from tutor.ui.widgets.answers.modelled import LOOK_AGAIN_S
from tutor.ui.widgets.composer import Field

OFFERS = 6


class Written(Answer):
    """A field with a few words beside it."""

    DEFAULT_CSS = """
    Written > Horizontal { height: auto; }
    Written #answer-note { width: auto; padding-left: 2; color: $foreground 65%; }
    """

    hint = ""

    def field(self) -> Field:
        return Field(self.kept, placeholder=self.hint, id="answer")

    def compose(self) -> ComposeResult:
        yield Horizontal(self.field(), Static("", id="answer-note"))

    def on_mount(self) -> None:
        self.say_note()

    @property
    def value(self) -> str:
        return self.query_one(Field).text

    def note(self) -> str:
        """What stands beside the field."""
        return ""

    def say_note(self) -> None:
        self.query_one("#answer-note", Static).update(Content(self.note()))

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        self.say_note()
        self.post_message(self.Edited())

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        self.post_message(self.Entered())


class NumberAnswer(Written):
    """A number, or from where to where it is. What is not written as it is shown is said again: `50%` is 0.50."""

    @property
    def hint(self) -> str:  # type: ignore[override]
        """The most of it that has room in the field: cut in the middle it would say something else."""
        field = next(iter(self.query(Field)), None)
        room = field.size.width if field else 0
        return next((words for words in self.hints if len(words) < room), self.hints[-1])

    @property
    def hints(self) -> list[str]:
        """What can be typed, in fewer and fewer words."""
        asked, margin = self.question, ""
        assert isinstance(asked, Number)
        if self.look.experiment:
            of = experiment(self.look.experiment)
            margin = give_or_take(asked, of)
            asked = bounded(asked, of, sizes(self.look.info))
            assert isinstance(asked, Number)
        range_ = between(asked) or ", such as 0.5 or 1e-3"
        words = f"a number{range_}{margin}"
        return [f"{words}, or low to high", words, f"{range_}{margin}".lstrip(", ")]

    def on_resize(self) -> None:
        self.query_one(Field).placeholder = self.hint

    def on_mount(self) -> None:
        super().on_mount()
        if self.look.experiment and self.look.info is None:
            self._timer = self.set_interval(LOOK_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        """How many layers there are is known once the model is loaded."""
        if self.look.info is not None:
            self._timer.stop()
            self.query_one(Field).placeholder = self.hint

    @property
    def waits(self) -> bool:
        of = self.look.experiment
        return bool(of) and self.question.fact in experiment(of).facts.below() and self.look.loading

    def note(self) -> str:
        typed, unit = self.value.strip(), self.question.unit
        try:
            read = answer_text(self.question, parse(self.question, typed)) if typed else unit
        except NotAnAnswer:
            return str(unit)
        return str(unit) if read == f"{typed} {unit}".strip() or typed.replace(".", "").isdigit() else f"= {read}"


class Words(Field):
    """A field of several lines."""

    DEFAULT_CSS = "Words { max-height: 4; }"

    multiline = True


class TextAnswer(Written):
    """Free words."""

    hint = "what you expect to see, in your own words"

    def field(self) -> Field:
        return Words(self.kept, placeholder=self.hint, id="answer")


class TokenField(Field):
    """A field over a list: up and down go through the list while there is one, enter takes, escape puts it away."""

    class Picked(Message):
        """A key for the list."""

        def __init__(self, key: str):
            super().__init__()
            self.key = key

    def __init__(self, offers: Offers, text: str, placeholder: str):
        super().__init__(text, placeholder=placeholder, id="answer")
        self._offers = offers

    async def _on_key(self, event: events.Key) -> None:
        """Field's own handler comes after this one, unless the default is prevented."""
        if self._offers.takes(event.key):
            event.stop()
            event.prevent_default()


class Offers(Widget):
    """The model's tokens that begin with what was typed."""

    DEFAULT_CSS = "Offers { height: auto; display: none; }"

    class Taken(Message):
        """This one."""

        def __init__(self, token: str):
            super().__init__()
            self.token = token

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self.here = -1
        """The one that is pointed at; -1 is none."""

    def offer(self, tokens: list[str]) -> None:
        """Show these. The list keeps its height while it is there, so that nothing jumps while one types."""
        self.tokens, self.here = tokens, -1
        self.display = bool(tokens)
        self.refresh(layout=True)

    def takes(self, key: str) -> bool:
        """Do what the key says; whether it was for the list."""
        if not self.tokens:
            return False
        if key == "escape":
            self.offer([])
        elif key in ("up", "down") and (key == "down" or self.here >= 0):
            self.here = max(-1, min(len(self.tokens) - 1, self.here + (1 if key == "down" else -1)))
            self.refresh()
        elif key == "enter" and self.here >= 0:
            self.post_message(self.Taken(self.tokens[self.here]))
        else:
            return False
        return True

    def render(self) -> Content:
        width = self.size.width
        lines = []
        for i, token in enumerate(self.tokens):
            mark, style = ("▸ ", HERE) if i == self.here else ("  ", MUTED)
            lines.append(Content.styled(mark + cut(shown(token), max(1, width - 2)), style))
        if self.here < 0 and lines:
            lines[0] = Content.assemble(lines[0], ("   ↓ tokens of this model", MUTED)).truncate(width)
        return Content("\n").join(lines + [Content("")] * (OFFERS - len(lines)))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        at = event.get_content_offset(self)
        if at is not None and at.y < len(self.tokens):
            self.post_message(self.Taken(self.tokens[at.y]))


class TokenAnswer(Written):
    """One token. The engine is asked which tokens begin like this; while it cannot say, one writes without its help."""

    hint = "one token, with the space before it if there is one"

    class Offered(Message):
        """The engine's answer for what was typed then. `tokens` None: it cannot say."""

        def __init__(self, typed: str, tokens: list[str] | None):
            super().__init__()
            self.typed, self.tokens = typed, tokens

    def __init__(self, question: object, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        self._offers = Offers()
        self._settled = kept
        """A text that was there before or was taken: nothing is offered for it."""
        self._unknown = False

    def field(self) -> Field:
        return TokenField(self._offers, self.kept, self.hint)

    def on_mount(self) -> None:
        super().on_mount()
        if self.look.loading:
            self._timer = self.set_interval(LOOK_AGAIN_S, self._look_again)
        else:
            self._check()

    def _look_again(self) -> None:
        if not self.look.loading:
            self._timer.stop()
            self._check()

    def _check(self) -> None:
        """Hold what was there before the engine could be asked against the model's tokens."""
        if typed := self.value:
            self.run_worker(self._look(typed), group="offers", exclusive=True, exit_on_error=False)

    @property
    def waits(self) -> bool:
        return self.look.loading

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self._offers

    def note(self) -> str:
        """The token as the model sees it."""
        text = meant(self.value)
        if not text:
            return ""
        if self._unknown:
            return f"{shown(text)} · no token begins like this"
        return shown(text) if text[:1] == " " else f"{shown(text)} · no space before it"

    def on_field_edited(self, event: Field.Edited) -> None:
        self._unknown = False
        self._ask()
        super().on_field_edited(event)

    def _ask(self) -> None:
        typed = self.value
        if not typed or typed == self._settled:
            self._offers.offer([])
            return
        self._settled = ""
        self.run_worker(self._look(typed), group="offers", exclusive=True, exit_on_error=False)

    async def _look(self, typed: str) -> None:
        tokens = await self.look.vocabulary(meant(typed), OFFERS)
        if tokens == [] and meant(typed)[:1] != " ":  # most words have a space before them
            tokens = await self.look.vocabulary(f" {meant(typed)}", OFFERS)
        self.post_message(self.Offered(typed, tokens))

    @property
    def impossible(self) -> str:
        words = "no token of this model begins like this; the bet is one token"
        return words if self._unknown else ""

    def on_token_answer_offered(self, event: Offered) -> None:
        event.stop()
        if event.typed != self.value:  # typed on meanwhile
            return
        self._unknown = event.tokens == []
        there = self.query_one(Field).has_focus
        self._offers.offer([t for t in event.tokens or [] if there and event.typed != self._settled])
        self.say_note()

    def on_offers_taken(self, event: Offers.Taken) -> None:
        event.stop()
        self._settled = event.token.replace("\n", "⏎")
        self.query_one(Field).put(self._settled)
        self.query_one(Field).focus()
        self._offers.offer([])

    def take(self) -> bool:
        return self._offers.takes("enter")

    def on_descendant_blur(self) -> None:
        self._offers.offer([])


def meant(typed: str) -> str:
    """What was typed with its signs read: `·` for a space in front, `⏎` for a line break."""
    return unshown(typed).replace("⏎", "\n")
