# One word each. A fresh clone needs Python 3.11+, git and make; everything else comes by itself, once.
#   make run     the demo tour, moving, on http://127.0.0.1:8080 (TRACKER_PORT, TRACKER_DATA)
#   make test    everything that is checked before a change goes in
#   make web     the pages, built into tracker/static/
#   make accuracy  how right the tracker is, against known truth: docs/accuracy.md (14 min of one core)
#   make lint types bench soak images lock clean venv

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: run test lint types web bench accuracy soak images lock clean venv unit

BIN := .venv/bin
TRACKER_PORT ?= 8080
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# --- the environment: a stamp says what is in it, and goes with it -------------------------------------------------

PIP_LOCKED := $(BIN)/python -m pip install --quiet --require-hashes --no-deps

$(BIN)/python:
	sh tools/venv.sh

$(BIN)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP_LOCKED) -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(BIN)/.dev: requirements/dev.txt $(BIN)/.run
	$(PIP_LOCKED) -r requirements/dev.txt
	touch $@

venv: $(BIN)/.dev

# --- the pages: Node from PATH if it is new enough, otherwise from PyPI ---------------------------------------------

NODE_MODULES := web/node_modules/.installed
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)

$(NODE_MODULES): web/package-lock.json requirements/node.txt | $(BIN)/.run
	$(BIN)/python hatch_build.py --node-on-path || $(PIP_LOCKED) -r requirements/node.txt
	$(BIN)/python hatch_build.py ci
	touch $@

tracker/static/index.html: $(NODE_MODULES) $(WEB_SOURCES)
	$(BIN)/python hatch_build.py run build
	touch $@

web: tracker/static/index.html

# --- verbs ----------------------------------------------------------------------------------------------------------

# The demo's clock starts on the first morning each time, so its data starts empty each time; a folder that
# TRACKER_DATA names is kept.
DEMO_DATA := $(or $(TRACKER_DATA),data/demo-$(TRACKER_PORT))
run: $(BIN)/.run web
	$(if $(TRACKER_DATA),,rm -rf $(DEMO_DATA))
	@exec $(BIN)/tracker demo --port $(TRACKER_PORT) --data $(DEMO_DATA)

lint: $(BIN)/.dev $(NODE_MODULES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python hatch_build.py run lint

types: $(BIN)/.dev $(NODE_MODULES)
	$(BIN)/mypy
	$(BIN)/python hatch_build.py run check

unit: web
	$(BIN)/python hatch_build.py run test
	$(BIN)/python hatch_build.py run size

test: $(BIN)/.dev web lint types unit
	sh tools/system.sh
	$(BIN)/pytest -n 2 --dist loadfile

soak: $(BIN)/.dev web
	$(BIN)/pytest -m soak -o faulthandler_timeout=0

images: $(BIN)/.dev web
	$(BIN)/pytest tests/e2e/test_look.py tests/e2e/test_board.py
	mkdir -p docs/images
	cp artefacts/desktop-light-with-webgl.png docs/images/dashboard.png
	cp artefacts/phone-dark-with-webgl.png docs/images/phone.png
	cp artefacts/board-desktop.png docs/images/board.png
	cp artefacts/board-phone.png docs/images/board-phone.png

bench: $(BIN)/.dev web
	$(BIN)/tracker bench
	$(BIN)/python -m tests.bench.first_vehicle

# On seeds that nothing was tuned on. Who changes the matcher after a look at them takes new ones, odd and higher.
accuracy: $(BIN)/.dev
	$(BIN)/python -m tests.truth --seeds 6 --first 401 --examples 40 --write docs/accuracy.md

# Pins for every Python and system at once, with the hashes of the ordinary PyPI and no address in them.
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
	--custom-compile-command 'make lock' --upgrade
lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	$(UV) pyproject.toml --group build --output-file requirements/run.txt
	$(UV) pyproject.toml --group dev --output-file requirements/dev.txt
	$(UV) --group node --output-file requirements/node.txt

clean:
	rm -rf .venv build dist artefacts data web/node_modules tracker/static .mypy_cache .ruff_cache .pytest_cache .hypothesis
