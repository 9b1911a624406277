SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The first of python3.13, 3.12, 3.11, python3 that works; make PYTHON=... chooses another.
PYTHON ?=

##@ Environments

# Each environment is rebuilt when its pinned requirements change. uv is quick; where it does not
# know the way to the packages (a mirror named in pip.conf, say), pip itself fills the environment.
define environment
	@python="$$(scripts/choose-python $(PYTHON))" && \
	echo "environment  $(1) with $$("$$python" -V), from $(2)" && \
	{ "$(1)/bin/python" -c '' 2>/dev/null || "$$python" -m venv --clear "$(1)"; } && \
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements/uv.txt && \
	{ VIRTUAL_ENV="$(CURDIR)/$(1)" $(1)/bin/uv pip install --quiet --require-hashes \
		--requirement $(2) || \
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement $(2); }
endef

.PHONY: venv
venv: .venv/.ready ## Install what developing and testing needs into .venv

.venv/.ready: requirements/dev.txt requirements/uv.txt
	$(call environment,.venv,requirements/dev.txt)
	@# Let "import counterpart" work in this environment, wherever the project lies.
	@.venv/bin/python -c 'import pathlib, sysconfig; \
	pathlib.Path(sysconfig.get_path("purelib"), "counterpart.pth").write_text( \
	"../../../..\n../../../../shared\n")'
	@touch $@
