"""Where models come from, what fits, and the one model that is in memory.

Three kinds of name: `smollm2-135m`, which is always there (engine/fetch.py); a folder on this machine; any name on
Hugging Face. Only safetensors are read, as they hold numbers and nothing else; code that comes along is never run.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch

from engine import budget, fetch, quantised
from engine.amounts import said
from engine.anatomy import Anatomy, anatomy_of
from engine.errors import EngineError, ModelUnavailable, OutOfMemory, brief
from engine.fetch import Report
from engine.protocol import DEFAULT_MODEL, ModelInfo, Progress
from engine.writer import Written

WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Known:
    """A model that has a short name here."""

    repo: str
    family: str
    n_parameters: int

    def bytes(self) -> int:
        """About what it takes in bfloat16: its weights, a tenth more for keys and values, and the run itself."""
        return self.n_parameters * 11 // 5 + RUN

    def packed_bytes(self) -> int:
        """The same with its weights in NF4."""
        return self.n_parameters * 3 // 4 + RUN + RUN // 4


RUN = 280_000_000
"""Bytes for a run's logits and activations, which small models need as well as large ones: `budget.Need` counts them."""
KNOWN = {
    DEFAULT_MODEL: Known("", "llama", fetch.N_PARAMETERS),
    "gpt2": Known("gpt2", "gpt2", 124_439_808),
    "gpt2-medium": Known("gpt2-medium", "gpt2", 354_823_168),
    "gpt2-large": Known("gpt2-large", "gpt2", 774_030_080),
    "gpt2-xl": Known("gpt2-xl", "gpt2", 1_557_611_200),
    "pythia-70m": Known("EleutherAI/pythia-70m", "gpt_neox", 70_426_624),
    "pythia-160m": Known("EleutherAI/pythia-160m", "gpt_neox", 162_322_944),
    "pythia-410m": Known("EleutherAI/pythia-410m", "gpt_neox", 405_334_016),
    "pythia-1.4b": Known("EleutherAI/pythia-1.4b", "gpt_neox", 1_414_647_808),
    "smollm2-360m": Known("HuggingFaceTB/SmolLM2-360M-Instruct", "llama", 361_821_120),
    "llama-2-7b": Known("meta-llama/Llama-2-7b-hf", "llama", 6_738_415_616),
}


@dataclass(frozen=True)
class Held:
    """A model in memory."""

    model: Any
    tokenizer: Any
    info: ModelInfo
    written: Written = field(default_factory=Written)


class Shelf:
    """Room for one model. Asking for another drops the first."""

    def __init__(self, device: str, limit: int | None, cache: Path):
        self.device = device
        self.limit = limit
        self.cache = cache
        self.held: Held | None = None

    def list(self) -> list[ModelInfo]:
        """The models with a short name: which are on this machine, and what the others would need."""
        return [self._known(name, known) for name, known in KNOWN.items()]

    def get(self, name: str, report: Report, *, online: bool = True) -> Held:
        """The model of that name, loaded. Raises ModelUnavailable, DoesNotFit, OutOfMemory or Cancelled.

        Its architecture and its size are known before a single weight is read.
        """
        if self.held and self.held.info.name == name:
            return self.held
        source = self._source(name, report, online)
        try:
            here = folder_of(source) is not None or in_hub_cache(source)
            held = self._load(name, source, report, online=online and not here)
        except EngineError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                why = f"memory ran out while {name} was loaded: choose a smaller model, or close other programs"
                raise OutOfMemory(why) from error
            if is_lost(error):
                raise
            raise unavailable(name, error) from error
        self.held = held
        return held

    def drop(self) -> None:
        """Forget the model and give its memory back."""
        self.held = None
        gc.collect()
        budget.give_back(self.device)

    def _load(self, name: str, source: str, report: Report, *, online: bool) -> Held:
        from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

        where = {"trust_remote_code": False, "local_files_only": not online}
        config = AutoConfig.from_pretrained(source, **where)
        anatomy = anatomy_of(config)
        need = budget.need_of(config, anatomy)
        packed = quantised.form_of(name, config, self.device)
        form, note = self._choose(name, need, packed)  # raises where not even NF4 fits
        tokenizer = AutoTokenizer.from_pretrained(source, **where)
        if online:
            fetch_weights(source, name, report)
        self.drop()
        if self.limit is not None:  # files have at most 4 bytes a weight
            budget.enforce(self.device, self.limit, mapped=4 * need.n_parameters)
        report(Progress(id=0, label=f"loading {name}"))
        model, loading = AutoModelForCausalLM.from_pretrained(
            source, **self._in_form(form, packed is not None), use_safetensors=True, output_loading_info=True, **where
        )
        if loading["missing_keys"]:  # the library would fill them with random numbers
            missing = sorted(loading["missing_keys"])
            raise ModelUnavailable(f"the files of {name} are not whole: {missing[0]} is missing")
        report(None)
        if form in ("float32", "bfloat16"):  # packed weights are on their device from the start
            model = model.to(self.device)
        model = model.eval().requires_grad_(False)
        size = sum(p.numel() * p.element_size() for p in model.parameters())
        if self.limit is not None:
            budget.enforce(self.device, max(0, self.limit - size))
        return Held(model, tokenizer, info_of(name, anatomy, need.n_parameters, form, self.device, size, note))

    def _choose(self, name: str, need: budget.Need, has: budget.Form | None) -> tuple[budget.Form, str]:
        packs = quantised.is_here()
        return budget.choose(name, need, self.limit, self.device, self._smaller(), packs=packs, has=has)

    def _in_form(self, form: budget.Form, packed_already: bool) -> dict[str, Any]:
        """What transformers is to be told to load weights in a form."""
        if form == "float32":
            return {"dtype": torch.float32}
        if form == "bfloat16":
            return {"dtype": torch.bfloat16}
        how = {} if packed_already else {"quantization_config": quantised.packing()}
        return {"dtype": torch.bfloat16, "device_map": {"": self.device}, **how}

    def _source(self, name: str, report: Report, online: bool) -> str:
        """What transformers is to load: a folder, or a name on Hugging Face."""
        if name == DEFAULT_MODEL:
            return str(fetch.ensure(self.cache, report, fetch=online))
        if name in KNOWN:
            return KNOWN[name].repo
        if not name.strip():
            raise ModelUnavailable(
                f"model = {name!r} is empty; it must be a name or a folder; short names: {', '.join(KNOWN)}"
            )
        if folder := folder_of(name):
            if not (folder / "config.json").is_file():
                raise ModelUnavailable(f"the folder {name} holds no model: there is no config.json in it")
            if not any(folder.glob("*.safetensors")):
                raise ModelUnavailable(no_safetensors(f"the folder {name}"))
            return str(folder)
        if name.startswith((".", "/", "~")):
            raise ModelUnavailable(f"there is no folder {brief(name)}")
        return name

    def _smaller(self) -> str:
        """The models that would fit, in words."""
        room = self._room()
        fit = [f"{n} ({said(k.bytes())})" for n, k in KNOWN.items() if k.bytes() <= room]
        return "a smaller model; these would fit: " + ", ".join(fit) if fit else "a smaller model"

    def _known(self, name: str, known: Known) -> ModelInfo:
        held = self.held  # once: another thread may drop it meanwhile
        if held and held.info.name == name:
            return held.info
        if name == DEFAULT_MODEL:
            here = fetch.is_here(fetch.folder_in(self.cache))
            note = (
                f"from weights of 4 bits, in {fetch.folder_in(self.cache)}"
                if here
                else f"fetched once, at the first use: {said(fetch.DOWNLOAD)}"
            )
        else:
            here = in_hub_cache(known.repo)
            note = "" if here else f"{known.repo} on Hugging Face"
        size, room = known.bytes(), self._room()
        if size > room and self.device in quantised.DEVICES and known.packed_bytes() <= room:
            size = known.packed_bytes()
            note = "; ".join(filter(None, [note, f"fits in NF4, 4 bits a weight{self._with_extra()}"]))
        elif size > room:
            note = f"does not fit: needs about {said(size)} of {said(room)}"
        return ModelInfo(
            name=name, family=known.family, here=here, n_parameters=known.n_parameters, bytes=size, note=note
        )

    def _room(self) -> int:
        """Bytes that a model and its runs may take."""
        free = budget.free_on(self.device)
        return min(self.limit or free, free)

    def _with_extra(self) -> str:
        return "" if quantised.is_here() else f", with {quantised.EXTRA}"


def info_of(name: str, a: Anatomy, n: int, form: str, device: str, size: int, note: str) -> ModelInfo:
    """A loaded model as the learner should know it."""
    return ModelInfo(
        name=name,
        family=a.family,
        n_layers=a.n_layers,
        n_heads=a.n_heads,
        d_model=a.d_model,
        d_mlp=a.d_mlp,
        n_vocab=a.n_vocab,
        n_ctx=a.n_ctx,
        n_parameters=n,
        dtype=form,
        device=device,
        bytes=size,
        note=note,
    )


def fetch_weights(repo: str, name: str, report: Report) -> None:
    """Have the weights of a Hugging Face model in the hub's own cache, with progress. Only safetensors are fetched."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    bar = bar_class(f"fetching {name}", report)
    try:
        hf_hub_download(repo, WEIGHTS, tqdm_class=bar)
    except EntryNotFoundError:
        for shard in shards_of(hf_hub_download(repo, WEIGHTS + ".index.json")):
            hf_hub_download(repo, shard, tqdm_class=bar)


def bar_class(label: str, report: Report) -> type[Any]:
    """A tqdm that reports instead of drawing."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **{**kwargs, "disable": False})

        def display(self, *_: Any, **__: Any) -> None:
            report(Progress(id=0, label=label, done=int(self.n), total=int(self.total or 0), unit="bytes"))

    return Bar


def folder_of(name: str) -> Path | None:
    """The folder of that name; None where there is none, or none can have it: too long, or `~` of nobody."""
    try:
        folder = Path(name).expanduser()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def in_hub_cache(repo: str) -> bool:
    """Whether the weights of a Hugging Face model are on this machine, whole. They are what is fetched last."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    def cached(file: str) -> str | None:
        path = try_to_load_from_cache(repo, file)
        return path if isinstance(path, str) else None

    try:
        if cached(WEIGHTS):
            return True
        index = cached(WEIGHTS + ".index.json")
        return index is not None and all(cached(shard) for shard in shards_of(index))
    except HFValidationError:
        return False


def shards_of(index: str) -> list[str]:
    """The files that weights in several parts are in, from the index beside them."""
    return sorted(set(json.loads(Path(index).read_text())["weight_map"].values()))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's or a CUDA GPU's, or (plain RuntimeErrors of torch) the CPU's or an Apple GPU's."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    says = ("allocate memory", "out of memory", "ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(words in str(error) for words in says)


def is_lost(error: BaseException) -> bool:
    """Whether the GPU failed for good: after such an error all that this process asks of it fails, until it ends."""
    return isinstance(error, torch.AcceleratorError) and not is_out_of_memory(error)


def no_safetensors(what: str) -> str:
    return f"{what} has no .safetensors weights; other formats are never read, as they can run code"


def unavailable(name: str, error: Exception) -> ModelUnavailable:
    """Whatever kept a model from being had, in a line that says what to do."""
    from huggingface_hub import errors as hub

    near = [] if name in KNOWN else get_close_matches(name.lower(), KNOWN, n=1, cutoff=0.75)
    meant = f"did you mean {near[0]}? Otherwise " if near else ""
    right = f"did you mean {near[0]}?" if near else f"short names: {', '.join(KNOWN)}"
    causes = (error, error.__cause__, error.__context__)

    def caused_by(*kinds: type[Exception]) -> bool:
        return any(isinstance(c, kinds) for c in causes)

    if caused_by(hub.GatedRepoError):
        return ModelUnavailable(f"{name} is gated: accept its terms on its Hugging Face page, then `hf auth login`")
    if caused_by(hub.RepositoryNotFoundError, hub.HFValidationError):
        return ModelUnavailable(f"there is no model {brief(name)} on Hugging Face; {right}")
    if caused_by(hub.RemoteEntryNotFoundError):
        return ModelUnavailable(no_safetensors(name))
    if caused_by(hub.LocalEntryNotFoundError, hub.HfHubHTTPError, hub.OfflineModeIsEnabled):
        return ModelUnavailable(
            f"{name} is not on this machine and could not be fetched: {meant}connect to the network once, or take "
            f"{DEFAULT_MODEL}, which is always there"
        )
    why = " ".join(str(error).split()) or type(error).__name__  # of transformers' the first line may be a heading
    return ModelUnavailable(f"{name} could not be loaded: {why if len(why) <= 200 else f'{why[:199]}…'}")
