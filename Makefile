PYTHON ?= python3
BIN = .venv/bin
PIP_OPTIONS = --quiet --disable-pip-version-check --constraint constraints.txt
FRESH = build/fresh/bin

EXAMPLES = 1000

.PHONY: table test test-models random lint reports bench wheel clean

table: .venv/table  ## Set up what this needs, and show GoogLeNet, checked layer by layer.
	$(BIN)/archcalc table googlenet --check

test: lint  ## Set up the rest, lint, type-check, and run every test.
	$(BIN)/pytest -n 2

test-models: .venv/ready  ## Every classifier of torchvision, counted and compared: some minutes.
	$(BIN)/pytest -n 2 -m zoo

random: .venv/ready  ## Compare that many random networks of each kind: make random EXAMPLES=1000.
	ARCHCALC_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n 2 tests/test_random_networks.py tests/test_random_wirings.py

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
	$(BIN)/python benchmarks/models.py

wheel: .venv/ready  ## Build dist/*.whl, and try it in a fresh environment, which has no torch.
	rm -rf build dist
	$(BIN)/pip wheel $(PIP_OPTIONS) --no-deps --no-build-isolation --wheel-dir dist .
	$(PYTHON) -m venv build/fresh
	$(FRESH)/pip install $(PIP_OPTIONS) dist/*.whl
	$(FRESH)/pip freeze --disable-pip-version-check
	test $$($(FRESH)/pip freeze --disable-pip-version-check | wc -l) -le 20
	$(FRESH)/archcalc table googlenet

clean:
	rm -rf .venv build dist

# Each step adds to the one before it, so that the two can be made in any order, and again.
.venv/table: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install $(PIP_OPTIONS) --editable '.[torch]'
	$(BIN)/python -m compileall -q archcalc  # or every start compiles, where Python keeps no bytecode
	touch $@

.venv/ready: .venv/table
	$(BIN)/pip install $(PIP_OPTIONS) --editable '.[dev]'
	touch $@
