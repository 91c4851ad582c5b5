# Two commands matter: `make run` and `make test`. Both do all set-up themselves.
PY := .venv/bin/python
export QT_API := pyside6
export PYQTGRAPH_QT_LIB := PySide6

.PHONY: run test shift setup check lint types imports forms lock bench bench-full match-long clean

run: setup
	@$(PY) -m nas_desktop demo $(ARGS)

test: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest $(ARGS)

setup:
	@packaging/setup.sh

check: setup lint types imports

lint:
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types:
	@$(PY) -m mypy

imports:
	@$(PY) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

forms: setup
	@$(PY) packaging/compile_forms.py

# The index against the naive double loop for as long as it is given; stops by itself.
MINUTES ?= 10
match-long: setup
	@$(PY) -m tests.unit.domain.matching.long_run $(MINUTES)

# Eight hours at three desks in two minutes, on real nodes; the record has to prove itself.
SEED ?= 1
shift: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.end2end.shift --seed $(SEED) $(ARGS)

bench: setup
	@$(PY) -m nas_desktop bench feed --quick && QT_QPA_PLATFORM=offscreen $(PY) -m nas_desktop bench ui --quick

# A week of a London-sized force: ten minutes, 5 GB of disk for the time it takes.
bench-full: setup
	@$(PY) -m nas_desktop bench ingest && $(PY) -m nas_desktop bench search --reads 147000000 $(ARGS)

lock:
	@uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-find-links --no-header -q --python-version 3.11 -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
