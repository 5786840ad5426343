# `make` and Python 3.11+ with its venv are the only prerequisites: every target makes .venv when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PYTHONUTF8 := 1

.PHONY: demo test check lint types imports acceptance bench serve clean

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (the first time takes a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bundled]'
	@touch $@

# Its own home, so that a real installation is never touched. make prints each command before it runs.
demo: export KETNOI_HOME := .demo
demo: export KETNOI_LANGUAGE := en
demo: $(READY)
	$(BIN)/ketnoi import data/vietnam
	@echo "\n--- 1. A startup told in one Vietnamese sentence, answered in Vietnamese"
	$(BIN)/ketnoi shortlist --k 3 --lang vi --text "Sàn kết nối nông dân với siêu thị và quán ăn, truy xuất nguồn gốc rau sạch."
	@echo "\n--- 2. A startup that is funded already: its own investors are not suggested again"
	$(BIN)/ketnoi shortlist dat-bike --k 3
	@echo "\n--- 3. A new startup, invented for this demo"
	$(BIN)/ketnoi import docs/examples/new-startup
	$(BIN)/ketnoi shortlist song-khoe --k 3
	@echo "\n--- Why not this fund? The gates that keep it out, and the smallest change that clears each"
	$(BIN)/ketnoi why song-khoe jungle-ventures

test: $(READY)
	$(BIN)/python -m pytest -q -m "not acceptance" --numprocesses 2 --dist loadfile

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
	$(BIN)/python -m pytest -q -m "acceptance or hypothesis" --hypothesis-profile long

bench: $(READY)
	$(BIN)/python -m benchmarks.run

serve: $(READY)
	$(BIN)/ketnoi init
	$(BIN)/ketnoi serve

clean:
	rm -rf $(VENV) .demo build dist *.egg-info
