# Omnilens: every target is at most three plain commands; README shows them for machines without make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12)
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
# basicsr has no wheel; it is built with the locked setuptools of build.txt.
BUILD := $(PIP) -r requirements/build.txt && $(PIP) --no-build-isolation
MANAGE := $(BIN)/python manage.py
RUN_SET := requirements/embedded.txt requirements/ml.txt
CODE := project accounts enhance tryon xray monitoring tests manage.py

.PHONY: help setup run demo test test-llm test-services e2e pictures test-js lint format types messages schema \
	load sockets fairness cancel soak reconnect mutants chaos fuzz bench-inference bench-enhance bench-worker bench-xray verify-faces profile requirements release

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.venv/bin/pip:
	@bash docker/check-platform.sh "$(PYTHON)"
	"$(PYTHON)" -m venv .venv

.venv/.run-set: $(RUN_SET) requirements/build.txt | .venv/bin/pip
	@echo "Installing the packages of the stack (torch is several gigabytes the first time)"
	$(BUILD) $(foreach file,$(RUN_SET),-r $(file)) && touch $@

.venv/.dev-set: requirements/dev.txt requirements/build.txt | .venv/bin/pip
	@echo "Installing the packages of the stack and of its tests (torch is several gigabytes the first time)"
	$(BUILD) -r requirements/dev.txt && touch $@ .venv/.run-set

.venv/.bench-set: requirements/bench.txt .venv/.dev-set
	$(PIP) --no-deps -r requirements/bench.txt && touch $@

.venv/.llm-set: requirements/llm.txt .venv/.dev-set
	$(PIP) -r requirements/llm.txt && touch $@

setup: .venv/.run-set ## Make .venv and install what running needs
run: setup ## Start everything and stay up: http://127.0.0.1:8000
	$(MANAGE) models pull --embedded
	$(MANAGE) up --samples

demo: setup ## Start everything, run one real job per app, print the table, exit with its status
	$(MANAGE) models pull --embedded
	$(MANAGE) demo

test: .venv/.dev-set ## Run the whole suite on the embedded default, with coverage
	$(MANAGE) models pull --embedded || echo "Without the weights their tests are skipped, each with the reason"
	$(BIN)/python -m tests.run_suite

test-llm: .venv/.llm-set ## Ask a real small language model for 20 reports (llama.cpp, 130 MB the first time)
	_OMNILENS_LLM=1 $(BIN)/python -m pytest -q -rP --show-capture=stdout -p no:xdist -m llm tests/xray/llm/test_real_model.py

test-services: .venv/.dev-set ## Run jobs, feed, accounts and images again on PostgreSQL and a real redis-server
	bash tests/services/run.sh

e2e: .venv/.dev-set ## Walk the product in real Chromium (installs Debian's browser when missing)
	$(MANAGE) models pull --embedded
	bash tests/e2e/run.sh

pictures: .venv/.dev-set ## Take the pictures of the documentation from a running stack
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.e2e.docs_pictures

test-js: ## Run the tests of the page scripts (needs node)
	node --test tests/realtime/js/ tests/web/js/

lint: .venv/.dev-set ## Lint code, import contracts and the compose files
	$(BIN)/ruff check $(CODE) && $(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports
	$(BIN)/codespell $(CODE) docs *.md && $(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/*.yaml

format: .venv/.dev-set ## Format the code
	$(BIN)/ruff check --fix --exit-zero $(CODE)
	$(BIN)/ruff format $(CODE)

types: .venv/.dev-set ## Check the types, strict
	$(BIN)/mypy

messages: .venv/.dev-set ## Gather and compile translations (needs gettext)
	$(MANAGE) makemessages -l zh_Hans --no-location --no-wrap -i .venv -i var -i tests -i docs -i static/vendor
	$(MANAGE) compilemessages -l zh_Hans -i .venv

schema: .venv/.dev-set ## Write the generated documents: OpenAPI, settings, error codes
	$(MANAGE) spectacular --validate --file docs/api/openapi.yaml
	$(MANAGE) settings_table && $(MANAGE) errors_table

load: .venv/.dev-set ## Measure the API with 25 users, idle and while a job runs, on SQLite and PostgreSQL
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.load.run

sockets: .venv/.dev-set ## Tell 200 sockets 20 events a second each while ten clients read nothing
	$(BIN)/python -m tests.measure.sockets

fairness: .venv/.dev-set ## Set 500 queued jobs of one user against one job of another, with real tiles
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.measure.fairness

cancel: .venv/.dev-set ## Time cancels of running and of queued jobs, with real tiles
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.measure.cancel

soak: .venv/.dev-set ## Work for MINUTES (30) on small jobs of every lane; memory and open files stay flat
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.measure.soak --minutes $(or $(MINUTES),30)

reconnect: .venv/.dev-set ## Cut a page off CUTS (500) times during JOBS (100) jobs; its picture equals the database
	RECONNECT_CUTS=$(or $(CUTS),500) RECONNECT_JOBS=$(or $(JOBS),100) $(BIN)/python -m pytest -q -rP tests/realtime/test_picture.py

mutants: .venv/.dev-set ## Apply listed faults one by one; the suite must go red for each
	$(BIN)/python -m tests.mutants.run

chaos: .venv/.dev-set ## Kill workers, web, Redis and PostgreSQL under load; nothing may be lost (JOBS=1000 SEED=)
	$(BIN)/python -m tests.resilience.chaos.run $(if $(JOBS),--jobs $(JOBS)) $(if $(SEED),--seed $(SEED))

fuzz: .venv/.dev-set ## Throw mutated files at the upload gate, and mutated DICOM at the X-ray door
	$(BIN)/python -m tests.fuzz.upload_fuzz
	$(BIN)/python -m tests.fuzz.dicom_fuzz

bench-inference: .venv/.dev-set ## Measure the device lease, the model host and the precision probe
	$(BIN)/python -m tests.bench.inference_bench

bench-enhance: .venv/.bench-set ## Measure enhancement against upstream and its goals (ONLY=cpu,paste QUICK=1)
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.bench.enhance $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench-worker: .venv/.dev-set ## Measure batching, busy share, waits, ladder and eviction (CUDA goals)
	$(BIN)/python -m tests.bench.worker_bench

bench-xray: .venv/.dev-set ## Measure the chest X-ray: formats, load, upload to report, PDF (MODEL=FILE QUICK=1)
	$(BIN)/python -m tests.bench.xray $(if $(MODEL),--model $(MODEL)) $(if $(QUICK),--quick)

verify-faces: .venv/.dev-set ## Compare the face path with upstream on your GFPGAN file: WEIGHTS=FILE (PICTURE=FILE)
	$(MANAGE) models pull --embedded
	$(BIN)/python -m tests.enhance.faces.verify --weights "$(WEIGHTS)" $(if $(PICTURE),--picture "$(PICTURE)")

profile: .venv/.dev-set ## Sample a command: make profile CMD="manage.py enhance in.jpg -o out.png"
	$(BIN)/py-spy record --output var/profile.svg -- $(BIN)/python $(CMD)

requirements: .venv/.dev-set ## Resolve requirements/*.in again, with hashes (needs uv)
	bash requirements/compile.sh

release: lint types test ## Check that VERSION and CHANGELOG agree, then tag
	$(BIN)/python -m tests.release_check
	git tag --annotate "v$$(cat VERSION)" --message "Omnilens $$(cat VERSION)"
