# `make` alone lists what there is. A file that is newer than its stamp renews what depends on it;
# when nothing is, set-up costs a few milliseconds.

PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.setup
DEV_STAMP := $(VENV)/.setup-dev
LIBRARIES := static/vendor/.stamp
TEST_LIBRARIES := build/npm/.stamp
LIBRARY_INPUTS := scripts/browser_libraries.py scripts/package.json scripts/package-lock.json \
	static/js/lib/highlight.js
MODEL := model/SmolLM2-135M-Instruct.gguf

# A folder that was moved needs a new .venv: the programs in it hold its path.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif

.PHONY: help run setup setup-tests test chaos check lock audit bench bench-store bench-ui screenshots dist clean FORCE
.DELETE_ON_ERROR:

help:
	@echo 'make run    set up and start llmchat; flags: make run ARGS="--port 8080 --no-browser"'
	@echo 'make setup  only set up: .venv, browser libraries, the embedded model'
	@echo 'make test   set up and run all tests; one file: make test ARGS=tests/test_cli.py'
	@echo 'make chaos  break everything around it for 3 minutes; ARGS="--seconds 1800 --seeds 10"'
	@echo 'make check  all that must pass before a change lands (.ci/run)'
	@echo 'make audit  ask the registries for known flaws of what is locked; --strict: all must answer'
	@echo 'make lock   write the lists of packages anew; newer ones: make lock ARGS="--upgrade"'
	@echo 'make bench  measure the relay beside others, into docs/performance.md; the big ones:'
	@echo '            make bench PEERS=litellm,open-webui; a part: make bench ARGS="--help"'
	@echo 'make bench-store  measure a store of a million messages, into docs/performance.md'
	@echo 'make bench-ui  measure the page in Chromium, into docs/performance.md'
	@echo 'make screenshots  pictures of every state of the page, into build/ and docs/screenshots/'
	@echo 'make dist   build the executable dist/llmchat and the folder dist/llmchat-dir'
	@echo 'make clean  remove all that these made'

run: setup
	@exec $(VENV)/bin/llmchat $(ARGS)

setup: $(STAMP) $(LIBRARIES) $(MODEL)

setup-tests: setup $(DEV_STAMP) $(TEST_LIBRARIES)

test: setup-tests
	@$(VENV)/bin/python scripts/nginx.py >/dev/null || exit 1; \
	LLMCHAT_TEST_CHROMIUM="$$($(VENV)/bin/python scripts/chromium.py)" || exit 1; \
	export LLMCHAT_TEST_CHROMIUM; exec $(VENV)/bin/python -m pytest $(if $(ARGS),$(ARGS),-n 3 --dist worksteal)

chaos: setup-tests
	@exec $(VENV)/bin/python -m tests.chaos $(ARGS)

check:
	@exec bash .ci/run

lock: setup $(DEV_STAMP)
	@exec bash scripts/lock.sh $(ARGS)

audit: setup $(DEV_STAMP)
	@exec $(VENV)/bin/python -m scripts.audit $(ARGS)

bench: setup
	@exec $(VENV)/bin/python bench/relay.py --write --peers "$(PEERS)" $(ARGS)

bench-store: setup
	@exec $(VENV)/bin/python bench/store.py --write $(ARGS)

screenshots: setup-tests
	@exec $(VENV)/bin/python -m tests.browser.screenshots $(ARGS)

bench-ui: setup $(DEV_STAMP)
	@exec $(VENV)/bin/python bench/ui.py --write $(ARGS)

dist: setup $(DEV_STAMP)
	$(VENV)/bin/pyinstaller --noconfirm --clean --log-level WARN build.spec

clean:
	rm -rf $(VENV) static/vendor model build dist

$(STAMP): requirements.txt requirements-build.txt pyproject.toml scripts/venv.py
	@command -v $(PYTHON) >/dev/null || \
		{ echo "There is no $(PYTHON): install Python 3.11 or newer."; exit 1; }
	@echo "Setting up .venv ..."
	@$(PYTHON) scripts/venv.py
	@echo "$(CURDIR)" > $@

$(DEV_STAMP): requirements-dev.txt $(STAMP)
	@echo "Installing the tools for tests and builds ..."
	@$(VENV)/bin/python -m pip --disable-pip-version-check --quiet \
		install --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

$(LIBRARIES): $(LIBRARY_INPUTS) | $(STAMP)
	@echo "Fetching the browser libraries ..."
	@$(VENV)/bin/python scripts/browser_libraries.py
	@touch $@

$(TEST_LIBRARIES): $(LIBRARY_INPUTS) | $(STAMP) $(LIBRARIES)
	@echo "Fetching the browser libraries of the tests ..."
	@$(VENV)/bin/python scripts/browser_libraries.py --tests
	@touch $@

$(MODEL): scripts/model.py scripts/downloads/model.txt scripts/downloads/openmp.txt | $(STAMP)
	@echo "Fetching the embedded model (93 MB) ..."
	@$(VENV)/bin/python scripts/model.py
	@touch $@
