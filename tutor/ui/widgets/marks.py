"""What a good answer holds; the learner marks what their own words covered."""

from __future__ import annotations

from collections.abc import Collection

from textual.app import ComposeResult

from tutor.course.listening import Listen
from tutor.dialogue.moves import Reply, marked
from tutor.ui.widgets.form import Form, FromForm, Row
from tutor.ui.widgets.options import Options


class Marks(Form):
    """A checklist of the expectations. Posts `Marked`."""

    hint = "space marks what your words covered · enter goes on"

    class Marked(FromForm):
        """What was covered, and what kind of reply that makes it."""

        def __init__(self, form: Marks, kind: Reply, met: tuple[str, ...]):
            super().__init__(form)
            self.kind, self.met = kind, met

    def __init__(self, listen: Listen, met: Collection[str]):
        super().__init__()
        self._listen = listen
        self._met = [n for n, e in enumerate(listen.expects) if e.id in met]
        """Marked from the beginning: earlier words covered them."""

    def fields(self) -> ComposeResult:
        yield Row("you", Options([e.says for e in self._listen.expects], self._met, many=True, id="marks"))

    def on_options_entered(self, event: Options.Entered) -> None:
        event.stop()
        expects = self._listen.expects
        met = tuple(expects[i].id for i in sorted(self.query_one(Options).chosen))
        self.post_message(self.Marked(self, marked(len(met), len(expects)), met))
