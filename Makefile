# The two commands of the README are `make demo` and `make test`; each makes .venv first when there is none.

PYTHON ?= python3
BIN := .venv/bin
DAYS := 2026-06-15 2026-06-16 2026-06-17 2026-06-18 2026-06-19 2026-06-20 2026-06-21
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test unit test-slow lint bench install clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# A week of the example dumps, a run a day, into demo/.
demo: install
	rm -rf demo
	mkdir -p demo
	cp -R examples/dumps demo/inbox
	@for day in $(DAYS); do $(BIN)/digest run --config config.example.toml --state demo --date $$day --force || exit 1; done
	@$(BIN)/python tools/demo_files.py demo

test: install
	$(BIN)/pytest --numprocesses auto -m 'not slow'

# The parts without whole runs: for the minute after an edit.
unit: install
	$(BIN)/pytest --numprocesses auto -m 'not slow' $(addprefix --ignore tests/,pipeline serve cli faults)

test-slow: install
	$(BIN)/pytest --numprocesses auto -m slow

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	@for script in bench/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv demo dist
