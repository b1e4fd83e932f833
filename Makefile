# make run    set everything up and open the tutor        make test   set everything up and run what CI runs
# On a machine without a GPU, `make run TORCH=cpu` spares the gigabytes of CUDA that torch brings on Linux; for an older GPU or
# driver there is TORCH=cu126. A build once taken is kept until another is asked for; TORCH=default is the usual one.

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# setuptools warns that an editable install is one; that is known here
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip --disable-pip-version-check --quiet
# one more than there are cores, as many tests wait for another process; each takes up to 1 GB
WORKERS = $(shell $(BIN)/python -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
TORCH ?=
BUILD := $(if $(TORCH),$(VENV)/torch-$(TORCH))
# torch's own index of the builds of one kind; torch comes from there and everything else from your usual index.
TORCH_INDEX ?= https://download.pytorch.org/whl/$(TORCH)
TORCH_SOURCE := $(if $(filter-out default,$(TORCH)),--extra-index-url $(TORCH_INDEX))

.PHONY: run test setup setup-dev check pytest kill bench bench-year bench-talk bench-peers published seven-b screenshots clean

run: setup
	@$(BIN)/llmw-tutor $(ARGS)

test: setup-dev check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

pytest: setup-dev
	$(BIN)/python -m pytest $(ARGS)

kill: setup-dev  ## the whole program killed 500 times in the middle of a lesson
	LLMW_KILLS=500 $(BIN)/python -m pytest tests/test_kill.py

bench: setup-dev  ## start-up, key to paint: ratios, in one run
	$(BIN)/python -m benchmarks.startup

bench-year: setup-dev  ## the map with a year of use behind it against a new journal: a ratio
	$(BIN)/python -m benchmarks.year $(ARGS)

bench-peers: .venv-bench/ready  ## the sweeps against TransformerLens and nnsight: differences, ratios; writes docs/benchmarks.md
	.venv-bench/bin/python -m benchmarks.sweeps $(ARGS)

published: setup-dev  ## our experiments against published figures, on GPT-2's weights where they can be had
	$(BIN)/python -m benchmarks.published $(ARGS)

seven-b: setup-dev  ## every experiment on a model of Llama-2-7B's shape under 12 GB; needs a GPU
	$(BIN)/python -m benchmarks.seven_b $(ARGS)

bench-talk: setup-dev  ## key to paint while Claude's words stream in, and scrolling in a long talk; needs no key
	$(BIN)/python -m benchmarks.talk

screenshots: setup-dev  ## the pictures of the README, from the program itself
	$(BIN)/python -m tests.ui.screenshots docs/screens

setup: $(VENV)/ready
setup-dev: $(VENV)/ready-dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "llmw-tutor needs Python 3.11 or newer with venv (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Setting up in $(VENV) with $(PYTHON). The first time, this fetches about 500 MB; with CUDA, several GB (or: make run TORCH=cpu)."
	@$(PYTHON) -m venv $(VENV)

# the build of torch that .venv has: another one takes its place
$(VENV)/torch-%: | $(VENV)/bin/python
	@rm -f $(VENV)/torch-*
	@$(PIP) --quiet uninstall --yes torch
	@touch $@

# -v undoes --quiet: the long download shows its bar
$(VENV)/ready: pyproject.toml constraints.txt $(BUILD) | $(VENV)/bin/python
	@$(PIP) install -c constraints.txt pip setuptools
	@$(PIP) -v install -c constraints.txt $(TORCH_SOURCE) torch
	@echo "PyTorch is there. Now the tutor's other libraries."
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

.venv-bench/ready: benchmarks/requirements.txt pyproject.toml constraints.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --quiet install -c constraints.txt pip setuptools
	@.venv-bench/bin/python -m pip --quiet install -c constraints.txt $(TORCH_SOURCE) torch
	@.venv-bench/bin/python -m pip --quiet install -c constraints.txt --no-build-isolation -r benchmarks/requirements.txt -e .
	@touch $@

clean:
	rm -rf $(VENV) .venv-bench build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
