# cnnspec: every task of the project. `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# torch is named with its version: where a CPU build of it lies at hand pip takes that one, and a
# machine with a GPU takes the CUDA build of the same release. torchvision serves the tests only,
# as the other implementation to compare with; without its dependencies it brings no second torch.
TORCH := torch==2.13.0
TORCHVISION := torchvision==0.28.0
WORKERS ?= 2
STAMP := $(VENV)/.cnnspec-

.DEFAULT_GOAL := help
.PHONY: help demo test check fix types contracts tables golden gen errors figures bench playground vsix doubling coverage mutants env fuzz fuzz-train docs changelog dist clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP)run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[draw,train]"
	@touch $@

$(STAMP)dev: pyproject.toml $(STAMP)run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "$(TORCHVISION)"
	@touch $@

env: $(STAMP)dev ## make the environment with all that development needs

demo: $(STAMP)run ## check, summarise, draw, compile and train LeNet-5 (some 2 minutes on a CPU)
	$(BIN)/cnnspec check specs/lenet5.cnn
	$(BIN)/cnnspec summary specs/lenet5.cnn
	$(BIN)/cnnspec draw specs/lenet5.cnn -o demo/lenet5.svg
	$(BIN)/cnnspec draw specs/resnet34.cnn -o demo/resnet34.pdf
	$(BIN)/cnnspec gen --target torch specs/lenet5.cnn -o demo
	$(BIN)/cnnspec train demo/lenet5.py --data digits --set classes=10 --out demo/runs

test: $(STAMP)dev ## make the environment and pass the tests
	CNNSPEC_BIN=$(BIN) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: $(STAMP)dev types contracts ## lint, types, import contracts, specs and generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/cnnspec check specs/
	$(BIN)/cnnspec fmt --check specs/
	$(BIN)/cnnspec gen --check

types: $(STAMP)dev ## mypy --strict on the package
	$(BIN)/mypy

contracts: $(STAMP)dev ## imports run one way
	$(BIN)/lint-imports

fix: $(STAMP)dev ## format and repair what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/cnnspec fmt specs/

tables: $(STAMP)dev ## compile the grammar to cnnspec/syntax/tables.json
	$(BIN)/python -c 'from cnnspec.syntax.tables import write_tables; write_tables()'

golden: $(STAMP)dev ## write the golden files of the tests again
	$(BIN)/python -m pytest --update-golden

gen: $(STAMP)run ## write generated/ from specs/
	$(BIN)/cnnspec gen

errors: $(STAMP)run ## write docs/errors/ from the table of codes
	$(BIN)/python -m cnnspec.report.manual docs/errors

figures: $(STAMP)run ## write docs/figures/ from specs/
	$(BIN)/cnnspec draw --all -o docs/figures

bench: $(STAMP)dev ## cnnspec check beside torchinfo, one JSON line
	$(BIN)/python benchmarks/check_speed.py

fuzz: $(STAMP)dev ## 30,000 random nets against the IR and PyTorch, 100,000 broken specs (more than an hour)
	$(BIN)/python -m tests.fuzz.run
	$(BIN)/python -m tests.draw.walk
	$(BIN)/python -m tests.analyses.decoders 1000
	$(BIN)/python -m tests.backends.test_onnx_sizes 1000

playground/node_modules: playground/package-lock.json
	cd playground && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Of the page's files the one that is written last.
PAGE := build/playground/py/std.zip
$(PAGE): $(STAMP)dev playground/node_modules $(shell find cnnspec specs templates playground editors/vscode -type f \
		-not -path '*/node_modules/*' -not -path '*/__pycache__/*' -not -path '*/built/*' -not -path '*/dist/*')
	node playground/build.mjs $(BIN)/python

playground: $(PAGE) ## build the page for any web server: build/playground (needs npm)

build/mermaid.min.js: # draws the flowcharts of figures in the tests, as a README's host does
	mkdir -p build && cd build && npm pack --silent mermaid@12.3.0
	tar -xzf build/mermaid-12.3.0.tgz -C build --strip-components=2 package/dist/mermaid.min.js
	rm build/mermaid-12.3.0.tgz

build/mxClient.min.js: # reads drawio files in the tests: what diagrams.net is made with
	mkdir -p build && cd build && npm pack --silent mxgraph@4.2.2
	tar -xzf build/mxgraph-4.2.2.tgz -C build --strip-components=2 package/javascript/mxClient.min.js
	rm build/mxgraph-4.2.2.tgz

vsix: playground ## the extension for VS Code, as build/cnnspec.vsix
	$(BIN)/python editors/vscode/package.py build/cnnspec.vsix

doubling: $(STAMP)dev ## what doubling each construct costs, in CPU time
	$(BIN)/python benchmarks/doubling.py

coverage: $(STAMP)dev ## branches that the tests reach: 100 % of the front end, the ops and the emitter
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --fail-under=100 --include='cnnspec/syntax/*,cnnspec/elaborate/*,cnnspec/ops/*,cnnspec/backends/torch/*'

mutants: $(STAMP)dev ## break the ops and the analyses in every small way: do the tests notice? (an hour)
	$(BIN)/python -m tests.mutation ops
	$(BIN)/python -m tests.mutation analyses

fuzz-train: $(STAMP)dev ## kills, bit flips, truncations, full disks: the whole figures of the trainer (some 5 minutes)
	$(BIN)/python tests/train/fuzz_train.py

docs: $(STAMP)dev ## the site into docs/_build, with the playground where npm is; a warning or a dead link is an error
	@if command -v npm >/dev/null && $(MAKE) --no-print-directory playground/node_modules; \
	then $(MAKE) --no-print-directory playground; \
	else echo "npm has nothing for us here: the site is made without the playground"; fi
	$(BIN)/python -m sphinx -n -q -W --keep-going -E docs docs/_build
	@echo "docs/_build/index.html; for the playground: $(BIN)/python -m http.server -d docs/_build"

changelog: $(STAMP)dev ## what changes/*.md will be in CHANGELOG.md
	$(BIN)/towncrier build --draft --version "$$($(BIN)/python -c 'import cnnspec; print(cnnspec.__version__)')"

dist: ## build sdist and wheel into dist/, and check both as somebody who installs them
	PYTHON=$(PYTHON) .ci/package dist

clean: ## remove the environment and what the demo made
	rm -rf $(VENV) demo runs
