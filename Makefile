# Histoscope: `make serve` builds and serves the page, `make test` tests everything. Both install what is missing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# The Python that makes the virtual environments: 3.11 or later.
PYTHON ?= $(firstword $(shell command -v python3.11 python3) python3)
# Where `make serve` listens on 127.0.0.1.
PORT ?= 8000
# The pictures that `make train` learns from.
DATA ?= ../shared/breakhis
# Processes that `make train` spreads the folds over.
JOBS ?= 1

# Tools compiled for this checkout come first; .cargo/config.toml has the flags, which RUSTFLAGS would replace.
export PATH := $(CURDIR)/target/tools/bin:$(PATH)
unexport RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET

STEP := tools/step.sh
STAMPS := target/stamps
VENV := target/venv
WASM_TARGET := wasm32-unknown-unknown
# Three modules of one source. The first two run what is fused from end to end; the page asks the browser which one it
# can run. The third has tract and runs every other model, the float one among them; relaxed SIMD is of no use to it.
WASM_SIMD128 := www/pkg/histoscope_bg.wasm
WASM_RELAXED := www/pkg-relaxed/histoscope_bg.wasm
WASM_GENERAL := www/pkg-general/histoscope_bg.wasm
WASM := $(WASM_SIMD128) $(WASM_RELAXED) $(WASM_GENERAL)
PAGE := www/dist/index.html
SINGLE_FILE := www/dist-single/histoscope.html
PACKAGE := www/dist-package/package.json
PEERS := benches/peers
NPM_INSTALLED := www/node_modules/.package-lock.json
CHROMIUM := $(STAMPS)/chromium
WEBKIT := $(STAMPS)/webkit

RUST_SOURCES := Cargo.toml Cargo.lock rust-toolchain.toml .cargo/config.toml $(shell find src crates -name '*.rs' -o -name Cargo.toml)
PAGE_SOURCES := $(shell find www/src www/public -type f) $(wildcard www/*.html www/*.ts www/*.json) \
	$(wildcard models/*.json models/*.onnx models/*.md models/plots/*)
TEST_REQUIREMENTS := tests/fixtures/requirements.txt models/train/requirements-test.txt

# The test files that run in the browser too. Named, because the link of each one optimises the whole program anew.
WASM_TESTS := --package histoscope --package histoscope-engine \
	$(patsubst %,--test %,$(basename $(notdir $(shell grep -l wasm_bindgen_test tests/*.rs crates/*/tests/*.rs))))

# -Os makes f32 a fifth slower and saves next to nothing after compression. `make wasm WASM_OPT_LEVEL=-O0` is quick, for
# development.
WASM_OPT_LEVEL ?= -O2
# What the browser build may use besides SIMD; browsers with SIMD have had all of it for longer.
WASM_OPT_FEATURES := --enable-simd --enable-relaxed-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
	--enable-mutable-globals --enable-reference-types --enable-multivalue

# Hints that several steps share.
NETWORK := If it says that it cannot download: the package registry (crates.io, npm or PyPI) was not reached; check the \
	network or the proxy and run make again, it goes on where it stopped.

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

# ---- The page ---------------------------------------------------------------------------------------------------------

.PHONY: serve
serve: build ## Build the page and serve it at http://127.0.0.1:8000 (PORT=N for another port)
	@exec node www/serve.mjs --port $(PORT)

.PHONY: build
build: $(PAGE) ## Build the page into www/dist: plain files for any static host

.PHONY: single-file
single-file: $(SINGLE_FILE) ## Build the page as one HTML file that opens by double-click, www/dist-single/histoscope.html

$(SINGLE_FILE): $(PAGE) www/single-file.mjs www/serve.mjs
	@$(STEP) single-file 'Put the page into one file' 'See above; single-file.mjs expects the page as Vite builds it.' \
		node www/single-file.mjs --out $(CURDIR)/$@

.PHONY: package
package: $(PACKAGE) ## Build the npm package, www/dist-package, and pack it into target/package
	@mkdir -p target/package
	@$(STEP) pack 'Pack the npm package' 'See above.' npm pack --silent --pack-destination target/package ./www/dist-package
	@ls target/package/*.tgz

$(PACKAGE): $(WASM) $(NPM_INSTALLED) $(PAGE_SOURCES) www/package.mjs
	@$(STEP) package 'Build the npm package' 'See above; package.mjs says what does not hold together.' \
		npm --prefix www run --silent build:package

.PHONY: dist
dist: $(SINGLE_FILE) ## Pack the page for a host: target/dist/histoscope-<version>.zip, the single file, and SHA256SUMS
	@$(STEP) dist 'Pack the page' 'See above.' $(PYTHON) tools/dist.py

.PHONY: wasm
wasm: $(WASM) ## Build the browser modules into www/pkg, www/pkg-relaxed and www/pkg-general

$(PAGE): $(WASM) $(NPM_INSTALLED) $(PAGE_SOURCES)
	@$(STEP) page 'Build the page into www/dist' \
		'Vite found an error in www/; the file and line are above.' \
		npm --prefix www run --silent build
	@touch $@

# In the environment of whatever compiles the second module, or tests it.
RELAXED := RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tools/rustc-relaxed.sh
# Cargo's arguments for the edition without tract.
INT8_ONLY := --no-default-features
# Cargo does not tell the two apart: what it has of our crate may be the other one's. The dependencies stay.
FORGET_OURS := cargo clean --quiet $(addprefix --package ,histoscope histoscope-engine histoscope-wasm) --profile web --target $(WASM_TARGET)

# wasm-pack leaves its output aside, so that www/pkg keeps the last good module until the next one is finished.
# $(1): name of the build, which tells its logs and folders apart; $(2): environment of the compiler; $(3): of cargo.
define build-wasm
	@$(FORGET_OURS)
	@$(2) $(STEP) wasm-build-$(1) 'Build the Rust core for the browser, $(1) (first time: some minutes)' \
		'A compile error in src/ (the browser build has its own parts: wasm.rs, kernels). $(NETWORK)' \
		wasm-pack build crates/histoscope-wasm --target web --mode no-install --no-opt --profile web \
		--out-dir $(CURDIR)/target/wasm-pack/$(1) --out-name histoscope -- $(3)
	@$(STEP) wasm-opt-$(1) 'Optimise the browser module with wasm-opt (a minute or two)' \
		'wasm-opt of the npm package binaryen failed; a feature that it does not know may be missing in WASM_OPT_FEATURES.' \
		www/node_modules/.bin/wasm-opt $(WASM_OPT_LEVEL) $(WASM_OPT_FEATURES) --strip-debug --strip-producers \
		target/wasm-pack/$(1)/histoscope_bg.wasm -o target/wasm-pack/$(1)/optimised.wasm
	@mkdir -p $(@D) && cp target/wasm-pack/$(1)/histoscope* $(@D)/ && mv target/wasm-pack/$(1)/optimised.wasm $@
endef

$(WASM_SIMD128): $(RUST_SOURCES) $(NPM_INSTALLED) | rust-tools
	$(call build-wasm,simd128,,$(INT8_ONLY))

# After the one before, never beside it: they are compiled in one place.
$(WASM_RELAXED): $(RUST_SOURCES) tools/rustc-relaxed.sh $(NPM_INSTALLED) | rust-tools $(WASM_SIMD128)
	$(call build-wasm,relaxed,$(RELAXED),$(INT8_ONLY))

$(WASM_GENERAL): $(RUST_SOURCES) $(NPM_INSTALLED) | rust-tools $(WASM_RELAXED)
	$(call build-wasm,general,,)

# ---- The command line -------------------------------------------------------------------------------------------------

.PHONY: cli
cli: prerequisites ## Build the command line, target/release/histoscope
	@$(STEP) cli 'Build the command line' 'A compile error in src/. $(NETWORK)' cargo build --release --package histoscope-cli
	@echo 'Try: target/release/histoscope predict www/public/demo'

# ---- Tests: what fails fast comes first -------------------------------------------------------------------------------

TESTS := test-format test-page-unit test-fixtures test-native test-training test-wasm test-page

.PHONY: test $(TESTS)
test: ## Run every check and test, with the browser's
	@rm -f target/logs/test-*.log
	@$(MAKE) --no-print-directory prerequisites-test
	@for part in $(TESTS); do $(MAKE) --no-print-directory $$part; done
	@tools/summary.sh target/logs/test-*.log

test-format: prerequisites
	@$(STEP) format 'Check the format of the Rust code' 'Run: make fmt' cargo fmt --check
	@$(STEP) tables 'Check the tables of the README' 'Run: node benches/table.mjs' node benches/table.mjs --check

test-page-unit: $(NPM_INSTALLED)
	@$(STEP) page-lint 'Lint the page' 'Run: make fmt; what remains has to be mended by hand.' npm --prefix www run --silent lint
	@$(STEP) test-page-unit 'Unit tests of the page' 'A test in www/test failed; it is named above.' npm --prefix www run --silent test

test-fixtures: $(VENV)/installed
	@$(STEP) test-fixtures 'Check the test images against their index' \
		'tests/fixtures/index.json and the files differ. After a change of the generator: make fixtures' \
		$(VENV)/bin/python -m pytest -q -p no:cacheprovider tests/fixtures

# The release profile: the same compiled tract serves tests and command line, and without optimisation it is very slow.
test-native: prerequisites
	@$(STEP) clippy 'Lint the Rust code' 'clippy names file, line and remedy.' \
		cargo clippy --release --workspace --all-targets -- -D warnings
	@$(STEP) test-native 'Rust tests, native (first time: some minutes)' \
		'A test of the core or the command line failed; it is named above. $(NETWORK)' cargo test --release --workspace

test-training: $(VENV)/installed
	@$(STEP) test-training 'Tests of the training code' 'A test in models/train/tests failed; it is named above.' \
		$(VENV)/bin/python -m pytest -q -p no:cacheprovider models/train/tests

# The `web` profile: tract is compiled once for the tests and for the page. Every test runs on both builds with tract,
# and what needs none of it on both without.
test-wasm: $(WASM) $(CHROMIUM)
	$(call test-wasm,simd128-int8,,$(INT8_ONLY))
	$(call test-wasm,simd128,,)
	$(call test-wasm,relaxed-int8,$(RELAXED),$(INT8_ONLY))
	$(call test-wasm,relaxed,$(RELAXED),)

# As build-wasm.
define test-wasm
	@$(FORGET_OURS)
	@$(2) $(STEP) clippy-wasm-$(1) 'Lint the Rust code of the browser build, $(1)' 'clippy names file, line and remedy.' \
		cargo clippy --profile web --target $(WASM_TARGET) --lib $(WASM_TESTS) $(3) -- -D warnings
	@$(2) CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) test-wasm-$(1) 'Rust tests in headless Chromium, $(1)' \
		'A test failed in the browser only, or the browser did not start: see above; CHROMIUM_PATH=... names another one.' \
		cargo test --profile web --target $(WASM_TARGET) --lib $(WASM_TESTS) $(3)
endef

test-page: $(PAGE) $(PACKAGE) $(CHROMIUM) $(WEBKIT)
	@$(STEP) page-types 'Check the types of the page' 'TypeScript names file and line.' npm --prefix www run --silent check
	@CI=1 CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) test-page 'End-to-end tests of the built page and package in Chromium, Firefox and WebKit' \
		'A test in www/e2e failed; www/test-results has a trace of it.' npm --prefix www run --silent e2e

.PHONY: lint
lint: prerequisites $(NPM_INSTALLED) ## Lint the Rust code and the page
	@$(STEP) clippy 'Lint the Rust code' 'clippy names file, line and remedy.' \
		cargo clippy --release --workspace --all-targets -- -D warnings
	@$(STEP) page-lint 'Lint the page' 'Biome names file, line and remedy.' npm --prefix www run --silent lint

.PHONY: fmt
fmt: prerequisites $(NPM_INSTALLED) ## Format the Rust code and the page
	@cargo fmt
	@npm --prefix www run --silent format

# ---- Measurements, model, test images -----------------------------------------------------------------------------------

.PHONY: bench bench-page bench-load bench-curves bench-layers bench-pipeline bench-native bench-peers bench-models bench-ceiling
bench: bench-page bench-load bench-curves bench-layers bench-pipeline bench-native bench-peers ## Measure everything, other engines beside ours, and write the tables (most of an hour)
	@node benches/table.mjs

bench-page: $(PAGE) $(CHROMIUM)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-page 'Benchmarks in the browser' \
		'See above; the page has to be built and Chromium has to start.' npm --prefix www run --silent bench -- \
		--runs 15 --out $(CURDIR)/benches/results/page.json

bench-load: $(PAGE) $(CHROMIUM)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-load 'From navigation to ready; one instance over a thousand images' \
		'See above.' bash -c 'npm --prefix www run --silent bench:load && npm --prefix www run --silent bench:engine'

bench-curves: $(PAGE) $(CHROMIUM)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-curves 'Curves over patches, workers and megapixels' \
		'See above.' npm --prefix www run --silent bench:curves

# As $(WASM), but of the kernels alone, which takes seconds.
BENCH_KERNELS := wasm32-unknown-unknown/release/kernel_bench.wasm
bench-layers: bench-ceiling $(NPM_INSTALLED) $(CHROMIUM)
	@$(STEP) bench-layers-build 'Build the benchmark of the kernels for simd128' '$(NETWORK)' \
		cargo build --release --lib --target $(WASM_TARGET) --manifest-path benches/kernels/Cargo.toml \
		--target-dir target/bench-kernels-simd128
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-layers 'Every layer alone, in the browser' 'See above.' \
		node benches/kernels/run.mjs --json benches/results/layers.json \
		relaxed=target/bench-kernels/$(BENCH_KERNELS) simd128=target/bench-kernels-simd128/$(BENCH_KERNELS)

bench-pipeline: $(VENV)-train/installed
	@$(STEP) bench-pipeline 'The pipeline that this replaces, in PyTorch' 'See above.' \
		$(VENV)-train/bin/python $(PEERS)/pipeline.py --out benches/results/pipeline.json

bench-native: cli bench-models
	@$(STEP) bench-native 'ONNX Runtime and the command line on one thread' 'See above.' \
		$(VENV)-train/bin/python $(PEERS)/native.py

bench-peers: $(WASM) $(CHROMIUM) $(PEERS)/node_modules/.package-lock.json $(PEERS)/tract/pkg/stock_tract_bg.wasm bench-models bench-ceiling
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-peers 'Other engines beside ours, in one browser' \
		'An engine did not start, or its results differ from those of the others: see above.' \
		npm --prefix $(PEERS) run --silent bench

# The dot products alone, which no network can outrun.
bench-ceiling: | rust-tools
	@$(RELAXED) $(STEP) bench-ceiling 'Build the benchmark of the kernels' '$(NETWORK)' \
		cargo build --release --lib --target $(WASM_TARGET) --manifest-path benches/kernels/Cargo.toml \
		--target-dir target/bench-kernels

# The whole EfficientNet-Lite0 with a random head: the network on which engines are compared.
bench-models: $(foreach network,lite0-whole histoscope-v0,$(PEERS)/models/$(network).int8.tflite $(PEERS)/models/$(network).f32.layers.json)
$(PEERS)/models/lite0-whole.int8.onnx: | $(VENV)-train/installed
	@$(STEP) bench-models 'Export the network of the benchmark' 'See above.' \
		$(VENV)-train/bin/python -m models.train.release.benchmark --out $(@D)

$(PEERS)/models/lite0-whole.int8.tflite: $(PEERS)/models/lite0-whole.int8.onnx
$(PEERS)/models/histoscope-v0.int8.tflite: models/histoscope-v0.int8.onnx
$(PEERS)/models/%.tflite: $(PEERS)/tflite.py | $(VENV)-peers/installed
	@mkdir -p $(@D)
	@$(STEP) tflite 'Write the network as TFLite' 'See above.' \
		$(VENV)-peers/bin/python $(PEERS)/tflite.py $(filter %.onnx,$^) $@

# The exporter writes both precisions at once.
$(PEERS)/models/lite0-whole.f32.layers.json: $(PEERS)/models/lite0-whole.int8.onnx
$(PEERS)/models/histoscope-v0.f32.layers.json: models/histoscope-v0.f32.onnx
$(PEERS)/models/%.layers.json: $(PEERS)/layers.py | $(VENV)-peers/installed
	@mkdir -p $(@D)
	@$(STEP) layers 'Write the network layer by layer' 'See above.' \
		$(VENV)-peers/bin/python $(PEERS)/layers.py $(patsubst %.int8.onnx,%.f32.onnx,$(filter %.onnx,$^)) $(@:.json=)

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package.json $(PEERS)/package-lock.json | prerequisites
	@$(STEP) npm-peers 'Install the other engines' '$(NETWORK)' npm --prefix $(PEERS) ci --no-audit --no-fund
	@touch $@

$(PEERS)/tract/pkg/stock_tract_bg.wasm: $(wildcard $(PEERS)/tract/src/*.rs $(PEERS)/tract/Cargo.*) | rust-tools
	@$(STEP) tract-peer 'Build tract as it comes for the browser (some minutes)' '$(NETWORK)' \
		cargo build --release --target $(WASM_TARGET) --manifest-path $(PEERS)/tract/Cargo.toml
	@wasm-bindgen --target web --out-dir $(@D) $(PEERS)/tract/target/$(WASM_TARGET)/release/stock_tract.wasm

.PHONY: train
train: $(VENV)-train/installed cli ## Train and release the model (DATA=FOLDER: BreakHis, or our subset of it; hours)
	@$(STEP) train 'Train, evaluate and release the model from $(DATA)' \
		'See above; what is done is kept in target/train. DATA: an unpacked BreaKHis_v1, or the subset with its index.tsv.' \
		env OMP_NUM_THREADS=1 $(VENV)-train/bin/python -m models.train.run --data $(DATA) --out models --reference tests/fixtures/reference \
		--cli target/release/histoscope --jobs $(JOBS)

.PHONY: report
report: $(VENV)-train/installed ## Scores, plots and model card again from the last training's predictions
	@$(STEP) report 'Write metrics.json, plots and model card again' 'See above.' \
		$(VENV)-train/bin/python -m models.train.run --out models --only-report

.PHONY: fixtures
fixtures: $(VENV)/installed ## Make the test images and the demo images again
	@$(STEP) fixtures 'Render test and demo images' 'The generator failed; see above.' $(VENV)/bin/python tests/fixtures/generate.py

# ---- What has to be there first -----------------------------------------------------------------------------------------

.PHONY: prerequisites prerequisites-test
prerequisites:
	@tools/prerequisites.sh || { echo '*** Install what is missing and run make again.'; exit 1; }

prerequisites-test:
	@tools/prerequisites.sh $(PYTHON) || { echo '*** Install what is missing and run make again.'; exit 1; }

.PHONY: rust-tools
rust-tools: prerequisites
	@$(STEP) rust-tools 'Look for wasm-bindgen and wasm-pack' \
		'A Rust tool did not compile. $(NETWORK)' tools/rust-tools.sh

# npm writes this file itself at the end of an installation.
$(NPM_INSTALLED): www/package.json www/package-lock.json | prerequisites
	@$(STEP) npm 'Install the npm packages of the page' '$(NETWORK)' npm --prefix www ci --no-audit --no-fund
	@touch $@

$(CHROMIUM): $(NPM_INSTALLED)
	@mkdir -p $(@D)
	@$(STEP) chromium 'Look for a Chromium' \
		'None was found and none could be installed. Install Chromium or Chrome, or name its program: CHROMIUM_PATH=...' \
		bash -c 'node tools/chromium.mjs >$@'
	@cat $@

# Elsewhere than on Debian there may be none; the tests in it are skipped then.
$(WEBKIT): $(NPM_INSTALLED)
	@mkdir -p $(@D)
	@$(STEP) webkit 'Look for a WebKit' \
		'None was found and none could be installed. Debian: apt-get install webkit2gtk-driver xvfb' \
		bash -c 'CI=1 node tools/webkit.mjs >$@'
	@cat $@

$(VENV)/installed: $(TEST_REQUIREMENTS) | prerequisites-test
$(VENV)-train/installed: models/train/requirements.txt models/train/requirements-test.txt | prerequisites-test
$(VENV)-peers/installed: $(PEERS)/requirements.txt | prerequisites-test
$(VENV)/installed $(VENV)-train/installed $(VENV)-peers/installed:
	@$(STEP) venv 'Make a Python environment in $(@D)' '$(NETWORK)' \
		bash -c '$(PYTHON) -m venv --clear $(@D) && $(@D)/bin/pip install -q --disable-pip-version-check $(^:%=-r %)'
	@touch $@

.PHONY: clean distclean
clean: ## Remove what was built; keep tools and packages
	rm -rf www/dist www/dist-single www/dist-package target/dist target/package www/pkg www/pkg-relaxed www/pkg-general www/test-results target/release target/web target/$(WASM_TARGET) target/wasm-pack \
		target/stamps target/logs

distclean: clean ## Remove everything that make has installed or built in this folder
	rm -rf target www/node_modules
