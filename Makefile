# Everything a user or a contributor runs. Nothing here needs more than Python ≥ 3.11, make and a shell.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPEAKING := agent inventory policies tui muster.py
PO := $(wildcard inventory/language/locale/*/LC_MESSAGES/*.po)
PINNED := $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt
REGISTER ?= demo-out/register.sqlite

.DEFAULT_GOAL := help
.PHONY: help setup system demo tui test test-slow check format bench accuracy fuzz messages clean

help: ## say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed $(PO:.po=.mo) ## make .venv with the pinned dependencies

system: ## install the lab's system packages where we may
	@sh lab/prepare

demo: setup system ## the whole of Muster once, on a pretend office
	@$(BIN)/python -m lab.demo --folder demo-out

tui: setup ## open the demo's register on screen (REGISTER=… for another)
	@test -e $(REGISTER) || test $(REGISTER) != demo-out/register.sqlite || { echo "make demo comes first"; exit 1; }
	@$(BIN)/muster --register $(REGISTER) tui

test: setup system ## run the tests
	@$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: setup system ## run the tests that take minutes
	@$(BIN)/pytest -q -m slow

check: setup ## format, lint, types, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/test_architecture.py

format: setup ## put the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup system ## measure speed against peers in the same run (ONLY="sweep tui" for some)
	@$(BIN)/python -m tests.bench $(ONLY)

accuracy: setup ## measure identification on the recorded corpus
	@$(BIN)/python -m tests.accuracy

fuzz: setup ## mutated replies by the million over every parser (EACH=1000000 ONLY=pattern for fewer)
	@$(BIN)/python tests/agent/fuzz.py $(if $(EACH),--each $(EACH)) $(if $(ONLY),--only $(ONLY))

messages: setup ## collect messages from the code into the catalogues
	@$(BIN)/pybabel -q extract -F inventory/language/babel.cfg --no-location --sort-output \
	    --project=muster -o inventory/language/locale/muster.pot $(SPEAKING)
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -D muster \
	    -i inventory/language/locale/muster.pot -d inventory/language/locale
	@rm inventory/language/locale/muster.pot

clean: ## remove what was made, but no register
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

%.mo: %.po $(VENV)/.installed
	@$(BIN)/pybabel -q compile -i $< -o $@ -l zh_TW

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Muster needs Python 3.11 or newer; set PYTHON=… to one"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || apt-get install -y -qq python3-venv >/dev/null \
	    || { echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) with the pinned dependencies …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@{ $(PINNED) hatchling babel editables setuptools wheel && $(PINNED) --no-build-isolation -e '.[dev]'; } \
	    || { echo "pip could not have the packages: it needs a network or a proxy (HTTPS_PROXY), an index of" \
	    "the firm (PIP_INDEX_URL) or a folder of wheels (PIP_NO_INDEX=1 PIP_FIND_LINKS=…)"; exit 1; }
	@touch $@
