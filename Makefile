# Everything a newcomer needs, from a fresh clone with Python 3.11 to 3.13 and make.
# `make help` lists the targets; each says what it does while it does it.

PYTHON ?= $(or $(firstword $(foreach name,python3.11 python3.12 python3.13,$(shell command -v $(name)))),python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all test-quick coverage lint format docs screenshots up bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/ready ## create .venv and install the project with the pinned versions

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit((3, 11) > sys.version_info)' || \
		{ echo "gpu_etl needs Python 3.11 to 3.13, and $(PYTHON) is none: say which with make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "==> creating $(VENV) and installing (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/gpu-etl init >/dev/null
	@touch $@

demo: $(VENV)/ready ## run the whole daily job on a simulated market, keyless and offline (ARGS=--serve stays up)
	@$(BIN)/gpu-etl demo $(ARGS)

test: $(VENV)/ready ## run the tests, all but the exhaustive ones
	@echo "==> running the tests on 2 processes"
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-all: $(VENV)/ready ## run the exhaustive tests too (a quarter of an hour)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m '' $(ARGS)

test-quick: $(VENV)/ready ## run the tests that start nothing, in under a minute
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m 'not server and not slow and not exhaustive' $(ARGS)

coverage: $(VENV)/ready ## run the tests that are not slow and show which lines they do not reach, the worst modules first
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m 'not slow and not exhaustive' -q --cov=gpu_etl --cov-branch --cov-report= $(ARGS)
	@$(BIN)/coverage report --sort=cover --skip-covered --skip-empty

lint: $(VENV)/ready ## check style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy gpu_etl benchmarks gpu_etl_tests

format: $(VENV)/ready ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

screenshots: $(VENV)/ready ## make README's pictures anew from the demo's market (needs Chromium)
	@$(BIN)/python -m gpu_etl_tests.dashboard.pictures docs/images

docs: $(VENV)/ready ## make the pages of docs/ that come from code anew
	@$(BIN)/python -m gpu_etl_tests.house.make_docs

up: $(VENV)/ready ## start the dashboard, the Dagster UI and the daemon on live sources; Ctrl-C stops all
	@$(BIN)/gpu-etl up $(ARGS)

bench: $(VENV)/ready ## measure, side by side in one run
	@$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove .venv and caches; data in .gpu_etl stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build *.egg-info
