# `make` and Python 3.11+ with its venv are the only prerequisites: every target makes .venv when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := KETNOI_HOME=.demo KETNOI_LANGUAGE=$(or $(LANGUAGE_OF_DEMO),en) $(BIN)/ketnoi

export PYTHONUTF8 := 1

.PHONY: demo test check lint types imports acceptance bench serve clean

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (the first time takes a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bundled]'
	@touch $@

demo: $(READY)
	@BIN=$(BIN) sh benchmarks/demo.sh

test: $(READY)
	$(BIN)/python -m pytest -q -m "not acceptance"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

check: lint types imports test

acceptance: $(READY)
	$(BIN)/python -m pytest -q -m acceptance

bench: $(READY)
	$(BIN)/python -m benchmarks.run

serve: $(READY)
	@echo "The HTTP service is not built yet (see 'Known limits' in CHANGELOG.md)." && exit 1

clean:
	rm -rf $(VENV) .demo build dist *.egg-info
