# What each target does is said in README.md; the two that a newcomer needs are `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 1
STAMP := $(VENV)/.installed
JS := clients/js
JS_STAMP := $(JS)/node_modules/.installed
WEB := clients/web
WEB_STAMP := $(WEB)/node_modules/.installed
DATA ?= data
HISTORIES ?= ../shared/data/histories.jsonl.gz
TRACKS ?= ../shared/data/tracks.jsonl.gz

.PHONY: install run check lint types layers js web node browser test sim fuzz exhaustive branches bench crashes faults http-mix soak-jam hour pictures pieces previous requests docs clean

install: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tutti needs Python 3.11 or newer; call make with PYTHON=/path/to/python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[server,test]'
	@touch $(STAMP)

# The server runs without its web app, and says so; with Node.js it is built first.
run: install $(if $(shell command -v node),$(WEB)/dist)
	$(BIN)/tutti serve --data $(DATA)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

layers: install
	$(BIN)/lint-imports

check: lint types layers

# What is written in TypeScript says so in a sentence where it cannot be built, instead of npm in many.
NEEDS_NODE = @node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || \
  { echo "The web app and the JavaScript SDK are built by Node.js 20 or newer, which is not on the PATH."; exit 1; }

$(JS_STAMP): $(JS)/package.json $(JS)/package-lock.json
	$(NEEDS_NODE)
	cd $(JS) && npm ci --silent --no-audit --no-fund
	@touch $@

$(JS)/dist: $(JS_STAMP) $(shell find $(JS)/src -name '*.ts')
	cd $(JS) && npm run --silent build
	@touch $@

node:
	$(NEEDS_NODE)

# Built by now, and not built anew: who reads it meanwhile finds it whole. Its tests ask a server.
js: node install $(JS)/dist
	cd $(JS) && npm run --silent check && npm run --silent compile && npm run --silent compiled

$(WEB_STAMP): $(WEB)/package.json $(WEB)/package-lock.json $(JS_STAMP)
	cd $(WEB) && npm ci --silent --no-audit --no-fund
	@touch $@

$(WEB)/dist: $(WEB_STAMP) $(JS)/dist $(WEB)/index.html $(WEB)/vite.config.ts $(shell find $(WEB)/src $(WEB)/public $(WEB)/service-worker -type f)
	cd $(WEB) && npm run --silent build
	@touch $@

web: node $(WEB)/dist
	cd $(WEB) && npm run --silent check && npm test --silent

# Chromium draws the pages of the browser tests; a machine that cannot get it by itself is told.
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

browser:
	@test -n "$(CHROMIUM)" || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo "The browser tests need Chromium: install your system's package, or set CHROMIUM to the program."; exit 1; }

# What is installed and checked in Python and what is in TypeScript do not meet before: a core for each.
# Three at a time, for two cores: many tests wait. The tests of one file stay together, and so share what it starts; the
# files come in the order of tests/conftest.py, the longest first, not as xdist would have them by their tests' number.
test:
	@$(MAKE) --no-print-directory --jobs 2 check js web browser
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

sim: install
	$(BIN)/python -m tests.sim --seed $(SEED) $(if $(SCHEDULES),--schedules $(SCHEDULES)) $(if $(JAMS),--jams) \
	  $(if $(JAVASCRIPT),--javascript) $(if $(JOBS),--jobs $(JOBS)) $(if $(MODE),--mode $(MODE)) $(if $(SUMMARY),--summary $(SUMMARY))

fuzz: install $(JS)/dist
	$(BIN)/tutti fuzz --seed $(SEED) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(MINUTES),--minutes $(MINUTES))
	$(BIN)/tutti fuzz --seed $(SEED) --against "node $(JS)/dist/conformance.js" \
	  $(if $(MINUTES),--minutes $(MINUTES),--rounds $(or $(ROUNDS),15000))
	$(BIN)/python -m tests.jam.differential --seed $(SEED) $(if $(LIVES),--lives $(LIVES))

exhaustive: install
	$(BIN)/tutti fuzz --exhaustive

branches: install
	$(BIN)/tutti branches $(HISTORIES) $(TRACKS) --seed $(SEED) $(if $(PLAYLISTS),--playlists $(PLAYLISTS))

crashes: install
	$(BIN)/python -m tests.integration.crashing --seed $(SEED) $(if $(CRASHES),--crashes $(CRASHES)) $(CRASHING)

faults: install
	$(BIN)/python -m tests.faults $(ROWS) --seed $(SEED) $(if $(ROUNDS),--rounds $(ROUNDS))

http-mix: install
	$(BIN)/python -m tests.integration.http_mix --seed $(SEED) $(if $(REQUESTS),--requests $(REQUESTS)) $(if $(DATABASE),--database-url $(DATABASE))

soak-jam: install
	$(BIN)/python -m tests.integration.soak_jam --seed $(SEED) $(if $(MEMBERS),--members $(MEMBERS)) $(if $(VERSIONS),--versions $(VERSIONS)) $(SOAKING)

pieces: install
	$(BIN)/python -m tests.collab.music.pieces $(if $(KEEP),--keep $(KEEP))

# What the README shows, seen by the test of what people do first.
pictures: install web browser
	TUTTI_PICTURES=docs/pictures $(BIN)/pytest tests/browser/app/test_first_minute.py

hour: install $(JS)/dist browser
	$(BIN)/python -m benchmarks.beat --hour $(MINUTES)

previous: install
	$(BIN)/python -m tests.previous

requests: install
	$(BIN)/python -m tests.documents.random_requests --seed $(SEED) $(if $(MINUTES),--minutes $(MINUTES))

bench: install
	$(BIN)/python -m benchmarks

docs: install
	$(BIN)/python -m tests.documents

clean:
	rm -rf $(VENV) $(JS)/node_modules $(JS)/dist $(JS)/build $(JS)/docs $(WEB)/node_modules $(WEB)/dist benchmarks/core_js/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
