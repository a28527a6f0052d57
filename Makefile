# Parley. `make run` runs it and `make test` tests it; neither needs anything before it.
# ARGS passes more: make run ARGS="--port 9000", make test ARGS="-k grants".

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check --no-input
DONE := $(VENV)/done
BUNDLE := client/dist/.vite/manifest.json
CLIENT := $(shell find client \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header
NPM_CI := npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
ARGS :=

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_ROOT_USER_ACTION := ignore

.PHONY: install run dev browser test faults check audit locks-current bench lock clean
.DELETE_ON_ERROR:

install: $(DONE)/packages $(BUNDLE)

run: install
	@exec $(PYTHON) manage.py up --demo $(ARGS)

dev: install $(DONE)/dev

test: dev browser
	@(cd client && npm test --silent); client=$$?; $(PYTHON) -m pytest -n 2 $(ARGS) && exit $$client

check: dev locks-current
	ruff check .
	ruff format --check .
	mypy .
	lint-imports
	cd client && npm run --silent check
	$(PYTHON) -W ignore manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py protocol_types --check
	$(PYTHON) manage.py roles_page --check
	$(PYTHON) manage.py privacy_page --check

# Asks PyPI and npm for known vulnerabilities; not part of check, since both must be reached. `.ci/audit.py` has the codes.
audit: dev $(DONE)/node
	@$(PYTHON) .ci/audit.py

# Kills, stops, cuts, floods; half an hour at most on two cores, and not part of test. SEED=… repeats a run's schedule.
faults: dev
	@$(PYTHON) -m pytest -s --durations=0 --durations-min=1 tests/faults $(ARGS)

bench: dev
	$(PYTHON) -m bench $(ARGS)

# Writes the locks anew; what is locked already stays, unless ARGS=--upgrade.
lock: dev
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) requirements-dev.in -o requirements-dev.txt
	$(LOCK) $(ARGS) requirements-node.in -o requirements-node.txt

# The locks say what a lock made now, with them as preference, would say.
locks-current: dev
	@for name in requirements requirements-dev requirements-node; do \
		cp $$name.txt $(VENV)/$$name.txt && $(LOCK) $$name.in -o $(VENV)/$$name.txt && \
		diff -u $$name.txt $(VENV)/$$name.txt || { echo "$$name.txt is not what $$name.in asks for: run make lock." >&2; exit 1; }; \
	done

clean:
	rm -rf $(VENV) client/node_modules client/dist tests/browser/node_modules .cache

$(DONE)/venv:
	@lacks() { echo "Parley needs $$1. On Debian: apt install $$2" >&2; exit 1; }; \
	command -v python3 >/dev/null || lacks "Python 3.11 or later" "python3 python3-venv"; \
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || lacks "Python 3.11 or later" "python3 python3-venv"; \
	python3 -c 'import ensurepip, venv' 2>/dev/null || lacks "Python's venv" "python3-venv"; \
	command -v git >/dev/null || lacks "git" "git"
	@test -x $(PYTHON) || { echo "Making $(VENV)…"; python3 -m venv $(VENV); }
	@mkdir -p $(DONE) && touch $@

$(DONE)/packages: $(DONE)/venv requirements.txt
	@echo "Installing the Python packages (a minute or so)…"
	@$(PIP) install --quiet --progress-bar off --require-hashes -r requirements.txt
	@touch $@

$(DONE)/dev: $(DONE)/packages requirements-dev.txt
	@echo "Installing what tests and checks need…"
	@$(PIP) install --quiet --progress-bar off --require-hashes -r requirements-dev.txt
	@touch $@

# The machine's own Node serves where it is 22.12 or later.
$(DONE)/node: $(DONE)/venv requirements-node.txt
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) ? 0 : 1)' 2>/dev/null \
		&& command -v npm >/dev/null || { echo "Installing Node…"; \
		$(PIP) install --quiet --progress-bar off --require-hashes -r requirements-node.txt; }
	@touch $@

$(DONE)/npm: $(DONE)/node client/package-lock.json
	@echo "Installing the client's packages…"
	@cd client && $(NPM_CI)
	@touch $@

$(BUNDLE): $(DONE)/npm $(CLIENT)
	@echo "Building the client…"
	@cd client && npm run --silent build
	@touch $@

# axe-core; and a Chromium, without root, where PARLEY_BROWSER names none and the machine has none.
browser: $(DONE)/node
	@if test -n "$$PARLEY_BROWSER" || command -v chromium google-chrome >/dev/null; \
		then $(MAKE) --no-print-directory $(DONE)/axe; else $(MAKE) --no-print-directory $(DONE)/browser; fi

$(DONE)/axe: $(DONE)/node tests/browser/package-lock.json
	@echo "Installing what tests look at pages with…"
	@cd tests/browser && $(NPM_CI) --omit=dev
	@rm -f $(DONE)/browser
	@touch $@

$(DONE)/browser: $(DONE)/node tests/browser/package-lock.json
	@echo "Installing a Chromium for the tests…"
	@cd tests/browser && $(NPM_CI)
	@touch $@ $(DONE)/axe
