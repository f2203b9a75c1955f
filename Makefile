# `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
# Ansible insists on UTF-8, and a bare machine may have no locale set.
export LC_ALL := C.UTF-8

BIN := .venv/bin
ARGS ?=
JOBS ?= 3

# In the order of their start: what takes longest goes first, and two scenarios run beside the other stages.
FIRST := docker cluster
REST := $(filter-out $(FIRST),s3 postgres kubernetes $(patsubst molecule/%/molecule.yml,%,$(wildcard molecule/*/molecule.yml)))
STAGES := $(FIRST:%=scenario-%) lint unit core-matrix sanity integration kubernetes $(REST:%=scenario-%)

##@ Use
.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z-]*:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: .venv/.made ## Make the controller in .venv: pinned ansible-core and uv, and this collection resolvable

.venv/.made: requirements.txt tools/make_venv
	@tools/make_venv .venv requirements.txt
	touch $@

.PHONY: deploy
deploy: .venv/.made ## Stand up Prefect on this machine (ARGS='-e prefect_file=qhub-config.yaml' goes to ansible-playbook)
	@$(BIN)/ansible-playbook deploy_prefect.yaml $(ARGS)

.PHONY: verify
verify: .venv/.made ## Run the canary flow against what is deployed
	@$(BIN)/ansible-playbook playbooks/verify_prefect.yaml $(ARGS)

.PHONY: remove
remove: .venv/.made ## Take it away again (ARGS='-e prefect_remove_data=true' also removes the data)
	@$(BIN)/ansible-playbook playbooks/remove_prefect.yaml $(ARGS)

##@ Work on the collection
.PHONY: dev
dev: .venv/.made-dev ## Add what the tests and linters need to .venv

.venv/.made-dev: .venv/.made requirements-dev.txt
	@tools/make_venv .venv requirements-dev.txt
	mkdir -p .cache/types/ansible_collections/flowops
	ln -sfnr . .cache/types/ansible_collections/flowops/prefect
	touch $@

.PHONY: lint
lint: .venv/.made-dev ## ruff, mypy --strict, yamllint, ansible-lint (production), documentation
	@tests/lint

.PHONY: sanity
sanity: .venv/.made-dev ## ansible-test sanity on the built collection
	@tests/sanity/run

.PHONY: unit
unit: .venv/.made-dev ## Unit tests (ARGS='-k word' goes to pytest)
	@$(BIN)/python -m pytest tests/unit --numprocesses 2 $(ARGS)

.PHONY: integration
integration: .venv/.made-dev ## Every module against a real Prefect server on a real PostgreSQL
	@$(BIN)/python -m pytest tests/integration --numprocesses 2 --dist loadfile $(ARGS)

.PHONY: kubernetes
kubernetes: .venv/.made-dev ## The cluster that tests use: names, volumes, rights, and nothing left of it
	@$(BIN)/python -m pytest tests/kubernetes $(ARGS)

.PHONY: molecule
molecule: .venv/.made-dev ## Whole landscapes in containers (ARGS='default nosystemd' picks scenarios)
	@tests/scenarios $(ARGS)

.PHONY: core-matrix
core-matrix: .venv/.made-dev ## Unit tests again on every other supported ansible-core whose Python is here
	@tests/core_matrix

scenario-%: .venv/.made-dev
	@tests/scenarios $*

stage-%:
	@started=$$SECONDS
	$(MAKE) $* && verdict=passed || verdict=FAILED
	printf '== %s %s in %s s\n' $* "$$verdict" $$((SECONDS - started)) | tee -a .cache/stages
	[[ $$verdict == passed ]]

.PHONY: test
test: .venv/.made-dev ## Everything that CI runs, JOBS stages and scenarios at a time (default 3)
	@rm -f .cache/stages
	tests/bed/engine start
	tests/images/build
	$(MAKE) --keep-going --jobs $(JOBS) $(STAGES:%=stage-%) && verdict=passed || verdict=FAILED
	cat .cache/stages
	[[ $$verdict == passed ]]

.PHONY: bench
bench: .venv/.made-dev ## Module resources beside a bare asyncio client and a loop (ARGS='--sizes 100 1000' for fewer)
	@$(BIN)/python tests/bench/objects.py $(ARGS)

.PHONY: bench-deploy
bench-deploy: .venv/.made-dev ## First and second deploy beside a plain script of the same steps
	@$(BIN)/python tests/bench/deploy.py $(ARGS)

.PHONY: bench-stack
bench-stack: .venv/.made-dev ## The stack in containers beside a plain script of the same containers
	@$(BIN)/python tests/bench/stack.py $(ARGS)

.PHONY: bench-workers
bench-workers: .venv/.made-dev ## 20 worker hosts beside 1 (ARGS='--hosts 10' for fewer)
	@$(BIN)/python tests/bench/workers.py $(ARGS)

.PHONY: constraints
constraints: .venv/.made ## Make and prove the constraints file of VERSION=x (BOUNDS='"fastapi<0.151"' binds more)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/make_constraints.py $(VERSION) $(BOUNDS)

.PHONY: from-helm
from-helm: .venv/.made ## Write docs/from-helm.md from the tables of the charts
	@$(BIN)/python tools/make_from_helm.py

.PHONY: build
build: .venv/.made ## Build the collection's tarball
	@$(BIN)/ansible-galaxy collection build --force $(ARGS)

.PHONY: clean
clean: ## Remove what make made in this folder
	rm -rf .venv .cache .ansible .hypothesis .mypy_cache .ruff_cache .pytest_cache flowops-prefect-*.tar.gz
