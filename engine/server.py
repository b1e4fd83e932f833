"""The engine as a server: requests in, events out, one run at a time.

Three threads, each with one task: the main thread reads requests, so that a cancel is heard while a run computes; the
worker runs them one after another; the heart beats, so that the tutor can tell a long run from a hang.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NoReturn, cast

from pydantic import BaseModel, ValidationError

from engine.amounts import said
from engine.devices import first_sentence
from engine.errors import BadParameter, Cancelled, EngineError, ModelUnavailable, OutOfMemory, brief
from engine.experiments import experiment
from engine.figures import AnyFigure
from engine.models import Held, Shelf, is_lost, is_out_of_memory
from engine.protocol import (
    HEARTBEAT_S,
    LINE_LIMIT,
    REQUEST_LIMIT,
    REQUESTS,
    Alive,
    Cancel,
    Check,
    Checked,
    CutText,
    Failed,
    FindTokens,
    Hello,
    Load,
    Loaded,
    ModelList,
    Models,
    Partial,
    Progress,
    Result,
    Run,
    Sketch,
    TokenList,
)
from engine.vocabulary import Vocabulary, cut

if TYPE_CHECKING:
    from engine.lab import Lab

PROGRESS_EVERY_S = 1 / 10
PARTIAL_EVERY_S = 1 / 4


class Server:
    """Speaks the protocol over two binary streams until the first ends."""

    def __init__(self, requests: IO[bytes], events: IO[bytes], shelf: Shelf):
        self.requests = requests
        self.events = events
        self.shelf = shelf
        self.versions: dict[str, str] = {}
        self.busy: int | None = None
        self._writing = threading.Lock()
        self._vocabulary: tuple[str, Vocabulary] | None = None
        """The model's name and its tokens: no reference to the model, which must be free to go."""
        self._waiting: queue.SimpleQueue[Load | Run | Check | FindTokens | CutText] = queue.SimpleQueue()
        self._open: set[int] = set()
        self._cancelled: set[int] = set()

    def serve(self, hello: Hello) -> None:
        """Say hello, then answer requests until there are no more: the tutor closed the pipe, or is gone."""
        self.versions = {"torch": hello.torch, "transformers": hello.transformers}
        self.send(hello)
        threading.Thread(target=self._beat, daemon=True).start()
        threading.Thread(target=self._work, daemon=True).start()
        for line in lines(self.requests):
            if line is None:
                long = f"this request cannot be read: it has more than {said(REQUEST_LIMIT)}"
                self.send(Failed(id=0, kind=EngineError.kind, message=long))
            elif line.strip():
                self._take(line)

    def send(self, event: BaseModel) -> None:
        """Write one event. If nobody listens any more there is nothing left to do: the process ends.

        Raises EngineError for one that is too long for the pipe.
        """
        line = event.model_dump_json().encode() + b"\n"
        if len(line) > LINE_LIMIT:
            raise EngineError(f"the figures are too large to be sent ({said(len(line))}): try a shorter prompt")
        try:
            with self._writing:
                self.events.write(line)
                self.events.flush()
        except OSError:
            os._exit(0)

    def _take(self, line: bytes) -> None:
        """Put one request in its place. A line that is none is answered with an error."""
        try:
            request = REQUESTS.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(brief(part).strip("'") for part in first["loc"])
            message = f"this request cannot be read: {where}{': ' if where else ''}{first['msg'][:300]}"
            return self.send(Failed(id=id_in(line), kind=EngineError.kind, message=message))
        if not isinstance(request, Cancel) and request.id in self._open:  # whose would the answer be?
            twice = f"request {request.id} is not answered yet: another one needs an id of its own"
            return self.send(Failed(id=0, kind=EngineError.kind, message=twice))
        match request:
            case Cancel():
                if request.id in self._open:
                    self._cancelled.add(request.id)
            case Models():
                self._answer(request)
            case Load() | Run() | Check() | FindTokens() | CutText():
                self._open.add(request.id)
                self._waiting.put(request)

    def _work(self) -> None:
        """The worker: first the slow imports, which nobody has to wait for yet, then request after request."""
        warm_up()
        while True:
            request = self._waiting.get()
            self.busy = request.id
            self._answer(request)
            self.busy = None

    def _answer(self, request: Load | Run | Check | Models | FindTokens | CutText) -> None:
        """Do what is asked. Every request ends with one event, whatever happens in it or in sending what came of it;
        only where the GPU is lost the engine ends with it, and what it says last is the answer to all (engine/life.py)."""
        try:
            done = self._done(request)
            self._close(request.id)
            return self.send(done)
        except BaseException as error:
            if is_lost(error):
                end(f"the engine lost its GPU: {first_sentence(str(error))}", error)
            event = failed(request.id, error)
        self._close(request.id)
        if event.kind == OutOfMemory.kind:
            free(self.shelf)
        self.send(event)

    def _close(self, id: int) -> None:
        """The request is done: before its answer is out, as from then on its id may be used again."""
        self._open.discard(id)
        self._cancelled.discard(id)

    def _done(self, request: Load | Run | Check | Models | FindTokens | CutText) -> BaseModel:
        match request:
            case Models():
                return ModelList(id=request.id, models=self.shelf.list())
            case Load():
                return Loaded(id=request.id, model=self._hold(request).info)
            case Run():
                return self._run(request)
            case Check():
                return self._check(request)
            case FindTokens() | CutText():
                return self._tokens(request)

    def _hold(self, request: Load | Run) -> Held:
        return self.shelf.get(request.model, self._reporter(request.id), online=request.fetch)

    def _dry(self, request: Check | FindTokens | CutText) -> Lab:
        """The bench with the model that is loaded, for what asks it nothing; no model is loaded for that. Raises
        ModelUnavailable."""
        from engine.lab import Lab, dry

        self._reporter(request.id)  # the learner has typed on: this one may be cancelled already
        held = self.shelf.held
        if held is None or held.info.name != request.model:
            raise ModelUnavailable(f"{request.model} is not loaded")
        return Lab(held.model, held.tokenizer, request.model, report=dry)

    def _check(self, request: Check) -> Checked:
        """Go through the run up to where it would compute. Raises what it is refused with."""
        from engine.lab import Dry

        chosen = experiment(request.experiment)
        parameters = chosen.parse(request.parameters)
        lab = self._dry(request)
        lab.check(chosen, parameters)
        with suppress(Dry):
            chosen.run(lab, parameters)
        return Checked(id=request.id)

    def _tokens(self, request: FindTokens | CutText) -> TokenList:
        """Look tokens up, at every key that is typed. Raises ModelUnavailable."""
        lab = self._dry(request)
        if isinstance(request, CutText):
            return TokenList(id=request.id, tokens=cut(lab, request.text, request.bos))
        if self._vocabulary is None or self._vocabulary[0] != request.model:
            self._vocabulary = request.model, Vocabulary(lab)
        return TokenList(id=request.id, tokens=self._vocabulary[1].beginning(request.prefix, request.limit))

    def _run(self, request: Run) -> Result:
        from engine.lab import Lab

        chosen = experiment(request.experiment)
        parameters = chosen.parse(request.parameters)  # what can be refused without a model is refused at once
        report = self._reporter(request.id)
        held = self._hold(request)
        lab = Lab(held.model, held.tokenizer, request.model, report=report, written=held.written)
        lab.check(chosen, parameters)
        lab.seed(request.seed)
        started = time.monotonic()
        outcome = chosen.run(lab, parameters)
        return Result(
            id=request.id,
            experiment=chosen.name,
            model=request.model,
            device=held.info.device,
            dtype=held.info.dtype,
            seed=request.seed,
            parameters=parameters.model_dump(mode="json"),
            facts=outcome.facts.model_dump(mode="json"),
            figures=cast(list[AnyFigure], outcome.figures),
            seconds=time.monotonic() - started,
            versions=self.versions,
        )

    def _reporter(self, id: int) -> Callable[[Progress | Sketch | None], None]:
        """What a run reports to: passes on what is due, and raises Cancelled at the first report after a cancel."""
        last: dict[str | int, float] = {}

        def due(key: str | int, every: float) -> bool:
            now = time.monotonic()
            if now - last.get(key, -every) < every:
                return False
            last[key] = now
            return True

        def report(event: Progress | Sketch | None) -> None:
            if id in self._cancelled:
                raise Cancelled("cancelled")
            match event:
                case Progress():
                    whole = 0 < event.total <= event.done
                    if due(event.label, 0 if whole else PROGRESS_EVERY_S):
                        self.send(event.model_copy(update={"id": id}))
                case Sketch():
                    if due(event.index, PARTIAL_EVERY_S):
                        self.send(Partial(id=id, index=event.index, figure=cast(AnyFigure, event.draw())))

        report(None)
        return report

    def _beat(self) -> None:
        while True:
            self.send(Alive(busy=self.busy))
            time.sleep(HEARTBEAT_S)


def lines(stream: IO[bytes], limit: int = REQUEST_LIMIT) -> Iterator[bytes | None]:
    """The lines of a stream; None for one of more than `limit` bytes, which is never held in memory whole."""
    while line := stream.readline(limit):
        if line.endswith(b"\n") or len(line) < limit:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
        yield None


def failed(id: int, error: BaseException) -> Failed:
    """The event for what went wrong in a request. What nobody foresaw goes to standard error in full."""
    if isinstance(error, BadParameter):
        return Failed(id=id, kind=error.kind, message=str(error), parameter=error.parameter)
    if isinstance(error, EngineError):
        return Failed(id=id, kind=error.kind, message=str(error))
    if is_out_of_memory(error):
        line = "the run needs more memory than the budget allows: try a shorter prompt, fewer tokens or a smaller model"
        return Failed(id=id, kind=OutOfMemory.kind, message=line)
    traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, ValidationError):  # a page's own fault: a fact it does not have, a figure that does not fit
        found = ((".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()[:5])
        wrong = "; ".join(": ".join(part for part in parts if part) for parts in found)
        return Failed(
            id=id, kind=EngineError.kind, message=f"the run failed: not right in {error.title}: {wrong}"[:300]
        )
    first = (str(error).strip().splitlines() or [""])[0]
    return Failed(id=id, kind=EngineError.kind, message=f"the run failed: {type(error).__name__}: {first}"[:300])


def end(why: str, error: BaseException) -> NoReturn:
    """End the process at once, whatever its threads are doing. `why` is the last line on standard error."""
    traceback.print_exception(error, file=sys.stderr)
    print(f"engine: {why}", file=sys.stderr, flush=True)
    os._exit(1)


def free(shelf: Shelf) -> None:
    """After memory ran out: collect what the run left behind, so that the next one has room."""
    from engine import budget

    gc.collect()
    budget.give_back(shelf.device)


def warm_up() -> None:
    """Import what every model needs. A failure is not lost: the first request meets it again and says it.

    Nobody looks for garbage while it goes on (engine.__main__): imports make nothing but what stays.
    """
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: F401
        from transformers.modeling_utils import PreTrainedModel  # noqa: F401
        from transformers.utils import logging

        logging.disable_progress_bar()
    except Exception:
        traceback.print_exc()
    finally:
        gc.freeze()
        gc.enable()


def id_in(line: bytes) -> int:
    """The id in a request that is otherwise wrong, so that its sender learns of it; 0 if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # the latter where it is nested deeply
        return 0
    id = found.get("id") if isinstance(found, dict) else None
    return id if isinstance(id, int) else 0
