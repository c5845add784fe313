PYTHON ?= python3
BIN = .venv/bin

.PHONY: table test lint reports bench clean

table: .venv/ready  ## Set up, and show GoogLeNet, checked layer by layer.
	$(BIN)/archcalc table googlenet --check

test: lint  ## Set up, lint, type-check, and run every test.
	$(BIN)/pytest -n 2

lint: .venv/ready  ## Format, lint and types.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

reports: .venv/ready  ## Write reports/ and README's picture anew.
	$(BIN)/archcalc report
	$(BIN)/archcalc sweep googlenet --vary '3b.#3x3=64:384:16' --vary '4e.#3x3=96:640:32' \
	  --vary '5b.#3x3=96:768:32' --pareto macs,-params --plot docs/pareto.svg -f csv > /dev/null

bench: .venv/ready  ## Time archcalc against its peers.
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/sweep.py

clean:
	rm -rf .venv

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m compileall -q archcalc  # or every start compiles, where Python keeps no bytecode
	touch .venv/ready
