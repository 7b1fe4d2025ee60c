# Each command sets itself up in .venv; it needs Python 3.11 or later, and nothing else.

VENV := .venv
BIN := $(VENV)/bin
SERVE := $(VENV)/.installed-serve
DEV := $(VENV)/.installed-dev
PYTHONS := python3.13 python3.12 python3.11 python3 python
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check page-types bench bench-quick plots

demo: $(SERVE)  ## serve the demo assistant
	@$(BIN)/chatkit demo

test: $(DEV)  ## run the tests
	@$(BIN)/pytest -q -n auto

check: $(DEV)  ## format, lint, types, import layers, vendored files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python .ci/vendor

page-types:  ## the types of the page's JavaScript; needs npx
	@.ci/types

bench: $(DEV)  ## measure everything, beside openai-chatkit and a bare app; a quarter of an hour
	@PYTHONPATH=tests $(BIN)/python -m benchmarks --out $(VENV)/bench.jsonl

bench-quick: $(DEV)  ## a minute: is anything several times dearer than it was?
	@PYTHONPATH=tests $(BIN)/python -m benchmarks --quick

plots: $(DEV)  ## draw the plots of docs/performance.md from what `make bench` has measured
	@$(PIP) matplotlib
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.plots $(VENV)/bench.jsonl docs/plots

$(SERVE): pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) -e '.[serve]'
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) -e '.[dev]'
	@touch $@ $(SERVE)

$(BIN)/python:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or later is needed, and none of $(PYTHONS) is that." >&2; \
	exit 1
