"""Add Gaussian noise to the residual stream.

All that the layers tell each other goes through the residual stream. Here noise is added to it at one layer, at every
position, in the prompt and in what is written: after the layer (`resid_post`), or before it (`resid_pre`). `sigma` says
how strong: the noise in each dimension has a standard deviation of `sigma` times the stream's own size there, its RMS.

The RMS is taken at each position of the prompt, and the median of them is the unit. Trained models keep one huge
state at the first position, dozens of times larger than the others: a mean would measure that one alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from engine.experiments.base import BaseTweak, Layer, NewTokens, Outcome, ParameterSet, Prompt, Temperature, Unit

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    layer: Layer
    sigma: Annotated[float, Field(ge=0, le=100, description="strength of the noise"), Unit("residual RMS")]
    site: Literal["resid_post", "resid_pre"] = Field(default="resid_post", description="after the layer, or before it")
    max_new_tokens: NewTokens = 20
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    residual_rms: float = Field(ge=0, description="median over the prompt's positions of the residual stream's RMS")
    noise_std: float = Field(ge=0, description="standard deviation of the noise: sigma times residual_rms")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    base = lab.writer(tokens, p.max_new_tokens, read=[(p.site, p.layer)])
    resid = base.trace[p.site, p.layer].float()  # [position, d_model]
    rms = resid.pow(2).mean(-1).sqrt().median().item()  # over the positions

    noise = lab.edit(p.site, "noise", layer=p.layer, value=p.sigma * rms)
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[noise])
    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature)
    return Outcome(Facts(**shared, residual_rms=rms, noise_std=p.sigma * rms), figures)
