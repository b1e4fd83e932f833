"""The lab bench: a loaded model and its tokenizer, with what an experiment needs to read, edit and generate.

A tensor of one text has no batch axis: tokens are [position], logits [position, n_vocab], a residual site [position,
d_model]. Positions and layers count from 0. All randomness comes from one seeded generator, so a run repeats exactly
on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine.anatomy import anatomy_of
from engine.base_tweak import base_tweak
from engine.edits import OPS, Edit, Op
from engine.errors import BadParameter, brief, counted
from engine.figures import Figure, Tokens
from engine.measures import distribution, entropy_bits
from engine.protocol import SEEDS, Progress, Sketch
from engine.trace import Trace, Watch, finite, unembedded
from engine.writer import Writer, Written

if TYPE_CHECKING:
    from engine.experiments import Experiment
    from engine.experiments.base import ParameterSet

Report = Callable[[Progress | Sketch | None], None]
"""Gets a run's events, with id 0 for the engine to fill in, and None at each checkpoint. It may raise Cancelled."""

Read = str | tuple[str, int]
"""A site to read: in every layer it is in, or in one."""


class Dry(Exception):
    """A dry run has come to where it would compute: until then nothing was wrong with its parameters."""


def dry(event: Progress | Sketch | None) -> None:
    """What a dry run reports to. Raises Dry."""
    raise Dry


class Lab:
    """A model on the bench.

    model: a transformers causal language model of a known architecture, on its device; tokenizer: its tokenizer;
    name: what the learner knows it by; report: gets what a run tells, before it computes anything; written: what it wrote
    on benches before this one. Raises ModelUnavailable for an architecture that is not known.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        name: str,
        *,
        report: Report | None = None,
        written: Written | None = None,
    ):
        self.anatomy = anatomy_of(model.config)
        self.model, self.tokenizer, self.name = model.eval().requires_grad_(False), tokenizer, name
        self.n_layers, self.n_heads, self.n_ctx = self.anatomy.n_layers, self.anatomy.n_heads, self.anatomy.n_ctx
        self.n_vocab, self.d_model, self.d_mlp = self.anatomy.n_vocab, self.anatomy.d_model, self.anatomy.d_mlp
        self.device, self.dtype = model.device, str(model.dtype).removeprefix("torch.")
        self.report: Report = report or (lambda event: None)
        self.generator = torch.Generator()  # on the CPU, so that a seed means the same on every device
        self.seed(0)
        self.modules = dict(model.named_modules())
        self.written = Written() if written is None else written
        self._editing: list[Edit] = []
        self._anchor = self._encode("a")
        self._anchor_text = self._decode(self._anchor)

    def seed(self, seed: int) -> None:
        """Start the run's randomness over: the same seed gives the same run. Raises BadParameter."""
        if not 0 <= seed < SEEDS:
            raise BadParameter("seed", f"seed = {seed} is out of range; it must be from 0 to {SEEDS - 1}")
        self.generator.manual_seed(seed)
        self.seeded = seed

    def check(self, experiment: Experiment, parameters: ParameterSet) -> None:
        """Refuse what only the loaded model can refuse. Raises BadParameter naming parameter, value and range."""
        lacking = [need for need in experiment.needs if need not in self.anatomy.features]
        if lacking:
            raise BadParameter("model", f"{self.name} has no {', no '.join(lacking)}, which {experiment.name} needs")
        for name, below in parameters.below().items():
            value, size = getattr(parameters, name), getattr(self.anatomy, below.size)
            if value is not None and value >= size:
                has = f"{self.name} has {below.words} 0 to {size - 1}"
                raise BadParameter(name, f"{name} = {value} is out of range; {has}")

    # --- text and tokens ---------------------------------------------------------------------------------------------

    def tokens(self, text: str, *, bos: bool = False, parameter: str = "prompt") -> Tensor:
        """The text's tokens [position]; with `bos`, after the beginning-of-sequence token. Raises BadParameter."""
        ids = self._encode(text)
        if not ids:
            raise BadParameter(parameter, f"{parameter} is empty; it must be text that gives at least one token")
        if bos:
            if self.tokenizer.bos_token_id is None:
                raise BadParameter("bos", f"bos = true: {self.name} has no beginning-of-sequence token")
            ids = [self.tokenizer.bos_token_id, *ids]
        if len(ids) > self.n_ctx:
            raise BadParameter(
                parameter, f"{parameter} has {counted(len(ids))}; {self.name} reads at most {self.n_ctx}"
            )
        self._refuse_unknown(ids, parameter)
        return torch.tensor(ids, device=self.device)

    def token_id(self, token: str, *, parameter: str = "token") -> int:
        """The id of a text that is one token, leading space and all. Raises BadParameter showing its tokens if not."""
        ids = self._encode(token)
        if len(ids) != 1 and token.startswith(" "):  # tokenizers of Llama-2's kind put a space of their own in front
            after = self._encode("a" + token)
            ids = after[1:] if len(after) == 2 and after[:1] == self._anchor else ids
        if len(ids) != 1:
            parts = [repr(self.text_of(i)) for i in ids[:10]] + ["…"] * (len(ids) > 10)
            found = f"{parameter} = {brief(token)} is {len(ids)} tokens, not one"
            raise BadParameter(parameter, f"{found}: {' + '.join(parts)}")
        self._refuse_unknown(ids, parameter)
        return ids[0]

    def pair(self, answer: str, distractor: str) -> tuple[int, int]:
        """The ids of an answer and a distractor. Raises BadParameter where one is not one token, or both are the same."""
        pair = self.token_id(answer, parameter="answer"), self.token_id(distractor, parameter="distractor")
        if pair[0] == pair[1]:
            same = f"distractor = {brief(distractor)} is the same token as answer"
            raise BadParameter("distractor", f"{same}; it must be another one, to hold the answer against")
        return pair

    def text_of(self, tokens: int | Sequence[int] | Tensor) -> str:
        """The text of one token or of several in a row, as it reads within a text: leading spaces are kept."""
        ids = [tokens] if isinstance(tokens, int) else [int(t) for t in tokens]
        return self._decode([*self._anchor, *ids])[len(self._anchor_text) :]

    @property
    def ends(self) -> frozenset[int]:
        """The tokens with which this model ends a text."""
        config = getattr(self.model, "generation_config", None) or self.model.config
        end = config.eos_token_id
        return frozenset(() if end is None else [end] if isinstance(end, int) else end)

    def _refuse_unknown(self, ids: Sequence[int], parameter: str) -> None:
        """Raises BadParameter for a token that was added to the tokenizer alone: the model has no embedding for it."""
        for token in ids:
            if token >= self.n_vocab:
                has = f"{parameter} has the token {brief(self.text_of(token))}, which {self.name} does not know"
                raise BadParameter(parameter, f"{has}: it is in the tokenizer alone")

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def _decode(self, ids: list[int]) -> str:
        text: str = self.tokenizer.decode(ids, clean_up_tokenization_spaces=False)
        return text

    # --- running the model -------------------------------------------------------------------------------------------

    def forward(self, tokens: Tensor, *, edits: Sequence[Edit] = (), read: Iterable[Read] = (), keep: int = 0) -> Trace:
        """Read tokens [position] or [batch, position] in one pass, with edits made and sites read.

        keep: have logits for the last `keep` positions only, which saves time and memory; 0 for all.
        """
        self.checkpoint()
        rows = tokens if tokens.ndim == 2 else tokens[None]
        with self.watch(edits, read) as watch:
            logits = watch(rows, keep=keep)
        return Trace(self.anatomy, watch.kept, logits, single=tokens.ndim == 1)

    def generate(
        self,
        tokens: Tensor,
        n: int,
        *,
        edits: Sequence[Edit] = (),
        pick: Callable[[Tensor], Tensor] | None = None,
        label: str = "writing",
    ) -> Tensor:
        """Write at most n tokens [written] after tokens [position]; a token that ends the text is the last one.

        pick: from logits [1, n_vocab] the next token [1]; the most likely one where not given. Raises BadParameter
        where prompt and new tokens are more than the model reads.
        """
        return self.write(self.writer(tokens, n, edits=edits), pick=pick, label=label)

    def write(
        self, writer: Writer, *, pick: Callable[[Tensor], Tensor] | None = None, label: str = "writing"
    ) -> Tensor:
        """Write one text to its end, as `generate` does: [written]."""
        for step in range(writer.room):
            writer.append(writer.logits.argmax(-1) if pick is None else pick(writer.logits))
            self.progress(label, step + 1, writer.room, "tokens")
            if int(writer.tokens[0, -1]) in self.ends:
                break
        return writer.tokens[0]

    def writer(
        self, tokens: Tensor, n: int, *, copies: int = 1, edits: Sequence[Edit] = (), read: Iterable[Read] = ()
    ) -> Writer:
        """Read tokens [position], with sites read, to write `copies` texts of n tokens each after them.

        The edits are made all along. Raises BadParameter where prompt and new tokens are more than the model reads.
        """
        most = self.n_ctx - len(tokens) + 1  # the last token that is written is not read
        if n > most:
            here = f"after a prompt of {counted(len(tokens))} it must be from 1 to {most}"
            raise BadParameter(
                "max_new_tokens",
                f"max_new_tokens = {n} is out of range; {here}, as {self.name} reads at most {counted(self.n_ctx)}",
            )
        return Writer(self.watch(edits, read), tokens, copies, n, self.checkpoint)

    def cooled(self, logits: Tensor, temperature: float) -> Tensor:
        """Logits [texts, n_vocab] divided by a temperature, with the top one at 0: so none is too low for float32."""
        return (logits - logits.amax(-1, keepdim=True)) / max(temperature, 1e-30)

    def draw(self, probabilities: Tensor) -> Tensor:
        """One token [texts] for each row of probabilities [texts, n_vocab], by the run's own luck."""
        drawn = torch.multinomial(probabilities.float().cpu(), 1, generator=self.generator)
        return drawn[:, 0].to(probabilities.device)

    def ended(self, tokens: Tensor) -> Tensor:
        """Which of the written texts [texts, written] hold a token that ends a text, [texts]."""
        ends = torch.tensor(sorted(self.ends), dtype=torch.long, device=tokens.device)
        return torch.isin(tokens, ends).sum(-1) > 0  # an Apple GPU may not say that there is not any among none

    def until_end(self, tokens: Tensor) -> Tensor:
        """Written tokens [written] up to and with the first that ends the text: what follows it means nothing."""
        after = [i + 1 for i, token in enumerate(tokens.tolist()) if token in self.ends]
        return tokens[: after[0]] if after else tokens

    def hold_ended(self, tokens: Tensor, logs: Tensor) -> Tensor:
        """Log-probabilities [texts, n_vocab] by which a text that has ended goes on with its end, at no cost."""
        ended = self.ended(tokens)
        if not ended.any():
            return logs
        held = torch.full_like(logs, -torch.inf).scatter(-1, tokens[:, -1:], 0.0)
        return torch.where(ended[:, None], held, logs)

    def unembed(self, resid: Tensor) -> Tensor:
        """Logits [..., n_vocab] of a residual state [..., d_model]: the model's final norm, then its unembedding."""
        with torch.inference_mode():
            return finite(unembedded(self.module("logits"), self.module("ln_final")(resid)), self.model)

    def module(self, site: str, layer: int | None = None) -> Any:
        """The model's own module that takes in or gives out the site."""
        return self.modules[self.anatomy.spot(site, layer)[0]]

    def watch(self, edits: Sequence[Edit] = (), read: Iterable[Read] = ()) -> Watch:
        """A context in which the model runs with these edits and reads, and with those of `editing`."""
        reads: list[tuple[str, int | None]] = []
        for wanted in read:
            site, layer = (wanted, None) if isinstance(wanted, str) else wanted
            every = layer is None and self.anatomy.place(site).layered
            reads += [(site, k) for k in range(self.n_layers)] if every else [(site, layer)]
        return Watch(self.model, self.modules, self.anatomy, [*self._editing, *edits], reads, self.checkpoint)

    # --- edits -------------------------------------------------------------------------------------------------------

    def edit(
        self,
        site: str,
        op: Op,
        *,
        layer: int | None = None,
        head: int | None = None,
        neuron: int | None = None,
        start: int | None = None,
        stop: int | None = None,
        positions: Iterable[int] | None = None,
        value: float | Tensor = 0.0,
    ) -> Edit:
        """An edit (see engine.edits), checked against this model. Raises BadParameter."""
        heads, width = self.anatomy.heads(site), self.anatomy.width(site)
        if op not in OPS:
            raise BadParameter("op", f"there is no operation {op!r}; there are: {', '.join(OPS)}")
        self.anatomy.spot(site, layer)
        if head is not None and heads is None:
            raise BadParameter("head", f"{site} has no heads")
        self._within("head", head, heads, "key-value heads" if site in ("k", "v") else "heads")
        if neuron is not None and site != "mlp_post":
            raise BadParameter("neuron", f"{site} has no neurons; mlp_post has")
        self._within("neuron", neuron, self.d_mlp, "neurons")
        self._within("start", start, width, "dimensions")
        if stop is not None and stop <= (start or 0):
            raise BadParameter("stop", f"stop = {stop} must be more than start = {start or 0}")
        if stop is not None and width is not None and stop > width:
            raise BadParameter("stop", f"stop = {stop} is out of range; it must be at most {width}, the size of {site}")
        where = None if positions is None else tuple(positions)
        for position in where or ():
            self._within("position", position, self.n_ctx, "positions")
        if op == "mean" and site == "pattern":
            raise BadParameter("op", "a pattern has no mean over positions: its rows have different lengths")
        seed = int(torch.randint(2**62, (), generator=self.generator)) if op == "noise" else 0
        return Edit(site, op, layer, head, neuron, start, stop, where, value, seed)

    @contextmanager
    def editing(self, *edits: Edit) -> Iterator[None]:
        """A context in which every run has these edits, before its own. Contexts nest."""
        before = self._editing
        self._editing = [*before, *edits]
        try:
            yield
        finally:
            self._editing = before

    def _within(self, name: str, value: int | None, size: int | None, words: str) -> None:
        if value is not None and (value < 0 or (size is not None and value >= size)):
            has = f"{self.name} has {words} 0 to {size - 1}" if size is not None else "it must be at least 0"
            raise BadParameter(name, f"{name} = {value} is out of range; {has}")

    # --- what the model says -----------------------------------------------------------------------------------------

    def most_likely(self, logits: Tensor) -> tuple[str, float]:
        """The most likely next token and its probability, from logits [n_vocab]."""
        best = int(logits.argmax())
        return self.text_of(best), logits.softmax(-1)[best].item()

    def entropy_bits(self, logits: Tensor) -> float:
        """How undecided the model is, in bits, from logits [n_vocab]."""
        return entropy_bits(logits)

    def token_figure(self, title: str, logits: Tensor, *, top: int = 10, always: Sequence[str] = ()) -> Tokens:
        """The `top` most likely next tokens under logits [n_vocab], and the tokens `always`."""
        ids = [*logits.topk(min(top, len(logits))).indices.tolist(), *(self.token_id(token) for token in always)]
        return Tokens(title=title, runs=[distribution(logits, ids, self.text_of)])

    def base_tweak(
        self,
        base: Writer,
        tweak: Writer,
        *,
        temperature: float = 0.0,
        always: Sequence[str] = (),
        count: int | None = None,
    ) -> tuple[dict[str, Any], list[Figure]]:
        """What a run with edits is to be held against: the shared facts of BaseTweak, and the figures.

        base, tweak: writers that have read the same prompt, without and with the edits. Both write on, greedily at
        temperature 0, else sampled, both with the same luck: read their `logits` before. always: tokens
        that the figures show in any case; where they are an answer and a distractor, their logits get a table, and how far
        they are apart is in the facts base_logit_diff and tweak_logit_diff. count: a token that is counted in both texts,
        as facts base_count and tweak_count.
        """
        return base_tweak(self, base, tweak, temperature, always, count)

    # --- telling how far a run is ------------------------------------------------------------------------------------

    def progress(self, label: str, done: int, total: int, unit: str = "") -> None:
        """Say how far the run is. Raises Cancelled if the learner pressed escape."""
        self.report(Progress(id=0, label=label, done=done, total=total, unit=unit))

    def partial(self, figure: Figure | Callable[[], Figure], index: int = 0) -> None:
        """Show a figure as far as it is known; index is its place among the result's figures. Raises Cancelled.

        Where it takes long to draw, give what draws it: that is called only if the figure is to be shown now.
        """
        self.report(Sketch(index, figure if callable(figure) else lambda: figure))

    def checkpoint(self) -> None:
        """A point at which a run may be cancelled, and costs nothing otherwise. Raises Cancelled."""
        self.report(None)
