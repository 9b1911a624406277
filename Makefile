# Counterpart's commands: make help lists them.

SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# What a person's shell may hold, and what would lead pip or Python astray.
unexport PIP_NO_DEPS PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_ROOT PIP_TARGET PIP_USER
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

# The first of python3.13, 3.12, 3.11, python3 that works, or the one that you name.
PYTHON ?=

BIN := .venv/bin
LOCAL := $(BIN)/python -m scripts.local
export SAM_CLI_TELEMETRY := 0
SAM := .venv-sam/bin/sam
CODE := shared/counterpart functions simulator scripts benchmarks tests

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s  %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Try it

# A world of its own, so that it leaves alone the one that you have up.
.PHONY: demo
demo: export COUNTERPART_LOCAL := .local/demo
demo: environments ## Bring everything up, watch a two-way sync work, take it down again
	@trap '$(MAKE) down' EXIT; \
		$(MAKE) up AWS_PORT=$(or $(AWS_PORT),4587) SALESFORCE_PORT=$(or $(SALESFORCE_PORT),4588) && \
		$(BIN)/python -m scripts.demo

.PHONY: up
up: environments ## Start it all on this machine [AWS_PORT=4577 SALESFORCE_PORT=4578 PEOPLE=2000]
	@$(LOCAL) up $(if $(AWS_PORT),--aws-port $(AWS_PORT)) \
		$(if $(SALESFORCE_PORT),--salesforce-port $(SALESFORCE_PORT)) \
		$(if $(PEOPLE),--people $(PEOPLE))

.PHONY: status
status: venv ## Say what runs, and how far each stream is
	@$(LOCAL) status

.PHONY: invoke
invoke: venv ## Run a function with a sample event [FUNCTION=pull_records EVENT=events/...]
	@$(LOCAL) invoke "$(FUNCTION)" "$(EVENT)"

.PHONY: logs
logs: venv ## Show what the functions logged [FUNCTION=pull_records FOLLOW=1]
	@$(LOCAL) logs $(if $(FUNCTION),--function $(FUNCTION)) $(if $(FOLLOW),--follow)

.PHONY: down
down: venv ## Stop everything that make up started
	@$(LOCAL) down

##@ Develop

.PHONY: venv
venv: .venv/.ready ## Install what developing and testing needs into .venv [PYTHON=python3.12]

.PHONY: environments
environments: .venv/.ready .venv-aws/.ready .venv-sam/.ready

.PHONY: fmt
fmt: venv ## Format the code, and mend what can be mended by itself
	$(BIN)/ruff check --fix --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

.PHONY: check
check: venv .venv-sam/.ready ## Lint, check the types, the floors of the house and the template
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/cfn-lint template.yaml
	AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint

.PHONY: test
test: environments ## Run every test; the last ones deploy the stack on this machine
	$(BIN)/pytest -n 2 --dist loadfile -m "not end_to_end"
	$(BIN)/pytest -m end_to_end

.PHONY: test-unit
test-unit: venv ## Run the tests that need nothing but Python
	$(BIN)/pytest -n 2 --dist loadfile -m "not end_to_end"

.PHONY: test-clients
test-clients: venv ## Try other people's clients, in Python and JavaScript, on the simulator
	$(BIN)/pytest --quiet tests/clients
	@if ! command -v npm >/dev/null && [ -z "$$CI" ]; then \
		echo "The clients in JavaScript were not tried: that needs Node 20 or later."; \
	else \
		cd tests/clients && npm ci --silent && PYTHON="$(CURDIR)/$(BIN)/python" npm test; \
	fi

.PHONY: converge
converge: venv ## Play 2,000 histories of 200 steps, always the same, within ten minutes
	$(BIN)/python -m tests.convergence --histories 2000

.PHONY: soak
soak: venv ## Play many fresh histories of both sides, until three go wrong [HISTORIES=20000 SEED=...]
	$(BIN)/python -m tests.convergence --histories $(or $(HISTORIES),20000) \
		--first $(or $(SEED),$$(date +%s)000)

.PHONY: bench
bench: venv .venv-aws/.ready ## Measure, and write benchmarks/results/
	$(BIN)/python -m benchmarks

##@ Deploy to AWS

# An environment of samconfig.toml, where its parameters are.
ENVIRONMENT ?= dev

.PHONY: build
build: environments ## Build for Lambda [ENVIRONMENT=dev]
	@target="$$($(BIN)/python -m scripts.target $(ENVIRONMENT))" && echo "For $$target" && \
		env $$target UV="$(CURDIR)/$(BIN)/uv" $(SAM) build --config-env $(ENVIRONMENT)

.PHONY: deploy
deploy: build ## Build, and deploy to the AWS account of your shell [ENVIRONMENT=dev]
	$(SAM) deploy --config-env $(ENVIRONMENT)

##@ Keep house

.PHONY: lock
lock: venv ## Pin the newest versions that the .in files allow
	@scripts/lock

.PHONY: clean
clean: down ## Remove everything that make made
	rm -rf .venv .venv-aws .venv-sam .aws-sam .local .mypy_cache .pytest_cache .ruff_cache

.venv/.ready: requirements/dev.txt requirements/uv.txt
	@python="$$(scripts/choose-python $(PYTHON))" && \
		scripts/fill-environment .venv requirements/dev.txt "$$python"

# The local AWS and the SAM command line each pin botocore, so each lives apart.
.venv-aws/.ready: requirements/aws.txt .venv/.ready
	@scripts/fill-environment .venv-aws requirements/aws.txt

.venv-sam/.ready: requirements/sam.txt .venv/.ready
	@scripts/fill-environment .venv-sam requirements/sam.txt
