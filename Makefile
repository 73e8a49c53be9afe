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
# What `make train-teaching` learns from and is judged by: oral fields, TCGA's tiles and their index. The oral fields are also what
# `make train` has to find unfamiliar; where they are absent, the card lacks that row.
ORAL ?= ../shared/oral
TCGA ?= ../shared/data/tcga_tiles.tsv
TILES ?= ../shared/tiles
# Processes that `make train` spreads the folds over.
JOBS ?= 1
# Steps that run side by side. Compiling one crate after the other leaves every second core idle half of the time.
CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# SLOW=1: `make test` runs the slow tests, too, as CI does: of the page, of the Python package and of the relaxed build.
SLOW ?=

# .cargo/config.toml has the flags, which RUSTFLAGS would replace.
unexport RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET

STEP := tools/step.sh
# Two more steps than cores: one that waits until another one's cargo has left their common folder keeps no core busy.
PARALLEL := $(MAKE) --no-print-directory -j$(shell expr $(CORES) + 2)
STAMPS := target/stamps
VENV := target/venv
WASM_TARGET := wasm32-unknown-unknown
# Three modules of one source. The first two run what is fused from end to end; the page asks the browser which one it
# can run. The third has tract and runs every other model, the float one among them; relaxed SIMD is of no use to it.
WASM_SIMD128 := www/pkg/histoscope_bg.wasm
WASM_RELAXED := www/pkg-relaxed/histoscope_bg.wasm
WASM_GENERAL := www/pkg-general/histoscope_bg.wasm
# The reader of whole slides, which the page fetches with the first slide.
WASM_SLIDE := www/pkg-slide/histoscope_slide_bg.wasm
WASM := $(WASM_SIMD128) $(WASM_RELAXED) $(WASM_GENERAL) $(WASM_SLIDE)
PAGE := www/dist/index.html
SINGLE_FILE := www/dist-single/histoscope.html
PACKAGE := www/dist-package/package.json
PEERS := benches/peers
NPM_INSTALLED := www/node_modules/.package-lock.json
CHROMIUM := $(STAMPS)/chromium
CHROMIUM_SHELL := $(STAMPS)/chromium-shell
WEBKIT := $(STAMPS)/webkit
FIREFOX := $(STAMPS)/firefox
# What makes a compiled module loadable for JavaScript, and what it is made of.
export HISTOSCOPE_BINDGEN := $(CURDIR)/target/tools/bin/histoscope-bindgen
BINDGEN_SOURCES := $(wildcard tools/bindgen/src/*.rs tools/bindgen/Cargo.*)
# The command line that the tests build and run.
export HISTOSCOPE_CLI := $(CURDIR)/target/debug/histoscope

# What the browser's modules are made of; other crates do not touch them.
rust-sources = Cargo.toml Cargo.lock rust-toolchain.toml .cargo/config.toml $(wildcard crates/*/Cargo.toml) \
	$(shell find $(1) -name '*.rs')
ENGINE_SOURCES := $(call rust-sources,src crates/histoscope-colours/src crates/histoscope-engine/src crates/histoscope-wasm/src)
SLIDE_SOURCES := $(call rust-sources,crates/histoscope-colours/src crates/histoscope-slide/src crates/histoscope-slide-wasm/src)
PAGE_SOURCES := $(shell find www/src www/public -type f) $(wildcard www/*.html www/*.ts www/*.json) \
	$(wildcard models/*.json models/*.onnx models/*.md models/plots/*)
TEST_REQUIREMENTS := tests/fixtures/requirements.txt models/train/requirements-test.txt crates/histoscope-python/tests/requirements.txt

# The test files that run in the browser too. Named, because each link takes its time.
WASM_TESTS := --package histoscope --package histoscope-engine \
	$(patsubst %,--test %,$(basename $(notdir $(shell grep -l wasm_bindgen_test tests/*.rs crates/*/tests/*.rs))))

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
build: ## Build the page into www/dist: plain files for any static host
	@$(PARALLEL) $(PAGE)

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
wasm: ## Build the browser modules into www/pkg, www/pkg-relaxed, www/pkg-general and www/pkg-slide
	@$(PARALLEL) $(WASM)

$(PAGE): $(WASM) $(NPM_INSTALLED) $(PAGE_SOURCES)
	@$(STEP) page 'Build the page into www/dist' \
		'Vite found an error in www/; the file and line are above.' \
		npm --prefix www run --silent build
	@touch $@

# In the environment of whatever compiles the second module, or tests it.
RELAXED := RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tools/rustc-relaxed.sh
# Cargo's arguments for the edition without tract.
INT8_ONLY := --no-default-features
# All of our crates are named: cargo tells apart what a wrapper compiled only of packages that it was asked for.
OURS := --package histoscope-engine --package histoscope --package histoscope-wasm
COMPILED := target/$(WASM_TARGET)/web

# The three modules share the compiled dependencies, and have one name in cargo's folder. So the last one is removed
# first, lest cargo takes it for this one. www/pkg keeps the last good module until the next one is finished.
# $(1): name of the build, which tells its logs and folders apart; $(2): environment of the compiler; $(3): of cargo.
define build-wasm
	@rm -f $(COMPILED)/histoscope_wasm.wasm $(COMPILED)/deps/histoscope_wasm.wasm
	@$(2) $(STEP) wasm-build-$(1) 'Build the Rust core for the browser, $(1) (first time: a minute or two)' \
		'A compile error in a crate (the browser build has its own parts: histoscope-wasm, kernels). $(NETWORK)' \
		cargo build --profile web --target $(WASM_TARGET) $(OURS) $(3)
	@$(STEP) wasm-bindgen-$(1) 'Make the module loadable for JavaScript, $(1)' \
		'If it speaks of another version: wasm-bindgen-cli-support in tools/bindgen has to be of the version of wasm-bindgen.' \
		$(HISTOSCOPE_BINDGEN) page $(COMPILED)/histoscope_wasm.wasm target/wasm/$(1) histoscope
	@mkdir -p $(@D) && cp target/wasm/$(1)/histoscope* $(@D)/
endef

# One after the other: they are compiled in one place.
$(WASM_SIMD128): $(ENGINE_SOURCES) $(HISTOSCOPE_BINDGEN)
	$(call build-wasm,simd128,,$(INT8_ONLY))

$(WASM_RELAXED): $(ENGINE_SOURCES) tools/rustc-relaxed.sh $(HISTOSCOPE_BINDGEN) | $(WASM_SIMD128)
	$(call build-wasm,relaxed,$(RELAXED),$(INT8_ONLY))

$(WASM_GENERAL): $(ENGINE_SOURCES) $(HISTOSCOPE_BINDGEN) | $(WASM_RELAXED)
	$(call build-wasm,general,,)

$(WASM_SLIDE): $(SLIDE_SOURCES) $(HISTOSCOPE_BINDGEN) | $(WASM_GENERAL)
	@$(STEP) wasm-build-slide 'Build the reader of slides for the browser' \
		'A compile error in crates/histoscope-slide or -slide-wasm. $(NETWORK)' \
		cargo build --profile web --target $(WASM_TARGET) --package histoscope-slide-wasm
	@$(STEP) wasm-bindgen-slide 'Make the reader of slides loadable for JavaScript' \
		'If it speaks of another version: wasm-bindgen-cli-support in tools/bindgen has to be of the version of wasm-bindgen.' \
		$(HISTOSCOPE_BINDGEN) page $(COMPILED)/histoscope_slide_wasm.wasm target/wasm/slide histoscope_slide
	@mkdir -p $(@D) && cp target/wasm/slide/histoscope_slide* $(@D)/

# ---- The command line -------------------------------------------------------------------------------------------------

.PHONY: cli
cli: prerequisites ## Build the command line, target/release/histoscope
	@$(STEP) cli 'Build the command line' 'A compile error in src/. $(NETWORK)' cargo build --release --package histoscope-cli
	@echo 'Try: target/release/histoscope predict www/public/demo'

.PHONY: server
server: prerequisites $(SINGLE_FILE) ## Build the command line with the page in it, for `histoscope serve`
	@HISTOSCOPE_PAGE=$(CURDIR)/$(SINGLE_FILE) $(STEP) server 'Build the server' \
		'A compile error in src/ or crates/. $(NETWORK)' cargo build --release --package histoscope-cli
	@echo 'Try: target/release/histoscope serve'

# ---- The Python package -----------------------------------------------------------------------------------------------

PYTHON_PACKAGE := crates/histoscope-python
# As the native tests compile it, whose crates it has: quick to build.
TEST_WHEEL := target/wheels/test

.PHONY: wheel
wheel: $(VENV)/installed ## Build the Python package, target/wheels/histoscope-*.whl, for Python 3.10 and later
	@$(STEP) wheel 'Build the Python package' 'A compile error in a crate. $(NETWORK)' \
		$(VENV)/bin/maturin build --release --manifest-path $(PYTHON_PACKAGE)/Cargo.toml --out target/wheels
	@echo 'Try: pip install target/wheels/histoscope-*.whl'

# ---- Tests --------------------------------------------------------------------------------------------------------------

# Without a browser: what can be known while one works.
CHECKS := test-format test-page-unit test-native $(if $(wildcard www/pkg-general/*.d.ts),test-page-types)
# Without the built page. What fails fast comes first; what takes longest is begun early.
TESTS := test-format test-page-unit $(WASM) test-native test-fixtures test-training test-export test-python test-wasm-lint test-wasm \
	$(PAGE) $(PACKAGE) $(WEBKIT) $(FIREFOX)

.PHONY: check test $(filter test-%,$(CHECKS) $(TESTS)) test-page
check: ## Format, lint, types, and the tests that need no browser
	@rm -f target/logs/test-*.log
	@GROUPED=1 $(PARALLEL) $(CHECKS)
	@tools/summary.sh target/logs/test-*.log

# The steps side by side, then the page alone: its tests keep every core busy.
test: ## Run the checks and tests, with the browsers' (SLOW=1: and the slow ones, as CI does)
	@rm -f target/logs/test-*.log
	@$(MAKE) --no-print-directory prerequisites-test
	@GROUPED=1 $(PARALLEL) $(TESTS)
	@$(MAKE) --no-print-directory test-page
	@tools/summary.sh target/logs/test-*.log

test-format: prerequisites
	@$(STEP) format 'Check the format of the Rust code' 'Run: make fmt' cargo fmt --all --check
	@$(STEP) tables 'Check the tables of the README' 'Run: node benches/table.mjs' node benches/table.mjs --check

test-page-unit: $(NPM_INSTALLED)
	@$(STEP) page-lint 'Lint the page' 'Run: make fmt; what remains has to be mended by hand.' npm --prefix www run --silent lint
	@$(STEP) test-page-unit 'Unit tests of the page' 'A test in www/test failed; it is named above.' npm --prefix www run --silent test

test-fixtures: $(VENV)/installed
	@$(STEP) test-fixtures 'Check the test images against their index' \
		'tests/fixtures/index.json and the files differ. After a change of the generator: make fixtures' \
		$(VENV)/bin/python -m pytest -q -p no:cacheprovider tests/fixtures

# The types of the modules are those of the last build.
test-page-types: $(NPM_INSTALLED)
	@$(STEP) page-types 'Check the types of the page' 'TypeScript names file and line.' npm --prefix www run --silent check

# Builds the command line as well, for the tests of the training code and of the page.
test-native: prerequisites
	@$(call clippy)
	@$(STEP) test-native 'Rust tests, native (first time: some minutes)' \
		'A test of the core or the command line failed; it is named above. $(NETWORK)' cargo test --workspace --no-fail-fast

define clippy
$(STEP) clippy 'Lint the Rust code' 'clippy names file, line and remedy.' cargo clippy --workspace --all-targets -- -D warnings
endef

test-training: $(VENV)/installed test-native
	@$(STEP) test-training 'Tests of the training code' 'A test in models/train/tests failed; it is named above.' \
		$(VENV)/bin/python -m pytest -q -p no:cacheprovider models/train/tests

# Without PyTorch, whose files test-export-torch reads.
test-export: $(VENV)/installed test-native
	@$(STEP) test-export 'Tests of the export of other networks' 'A test in models/export/tests failed; it is named above.' \
		$(VENV)/bin/python -m pytest -q -p no:cacheprovider models/export/tests

.PHONY: test-export-torch
test-export-torch: $(VENV)-export/installed | $(HISTOSCOPE_CLI) ## Tests of the export with PyTorch, torchvision and timm (installs them; not among those of make test)
	@$(STEP) test-export-torch 'Tests of the export, with PyTorch' 'A test in models/export/tests failed; it is named above.' \
		$(VENV)-export/bin/python -m pytest -q -p no:cacheprovider models/export/tests

.PHONY: test-wheel
test-wheel: $(VENV)/installed
	@rm -rf $(TEST_WHEEL)
	@$(STEP) wheel-test 'Build the Python package for its tests' 'A compile error in a crate. $(NETWORK)' \
		$(VENV)/bin/maturin build --manifest-path $(PYTHON_PACKAGE)/Cargo.toml --out $(TEST_WHEEL)

# Beside the command line, which the tests before it have built.
test-python: test-native test-wheel
	$(call test-package,python,$(VENV),tests,$(if $(SLOW),,-m 'not slow'))

.PHONY: test-cohorts
test-cohorts: $(VENV)-cohorts/installed test-wheel | $(HISTOSCOPE_CLI) ## Tests of cohorts, on a Ray cluster and in Snakemake (installs both; not among those of make test)
	$(call test-package,cohorts,$(VENV)-cohorts,tests-cohorts)

# $(1): name of the steps; $(2): environment; $(3): folder of the tests; $(4): options of pytest.
define test-package
	@$(STEP) install-$(1) 'Install the Python package' 'See above.' \
		$(2)/bin/pip install -q --disable-pip-version-check --no-deps --force-reinstall $(TEST_WHEEL)/histoscope-*.whl
	@$(STEP) test-$(1) 'Tests of the Python package' 'A test in $(PYTHON_PACKAGE)/$(3) failed; it is named above.' \
		$(2)/bin/python -m pytest -q -p no:cacheprovider $(4) $(PYTHON_PACKAGE)/$(3)
endef

$(HISTOSCOPE_CLI): | prerequisites
	@$(STEP) cli-debug 'Build the command line for tests' '$(NETWORK)' cargo build --workspace --bin histoscope

# What only a browser compiles, which are kernels; the rest is linted above. With relaxed SIMD, which has the plain
# kernels, too.
test-wasm-lint: prerequisites
	@$(STEP) clippy-wasm 'Lint the Rust code of the browser build' 'clippy names file, line and remedy.' \
		cargo clippy --target $(WASM_TARGET) --package histoscope-engine --all-targets $(INT8_ONLY) \
		--config 'target.$(WASM_TARGET).rustflags = ["-Ctarget-feature=+relaxed-simd"]' -- -D warnings

# The modules that the page starts with, as the page has them: dependencies and all but the tests are compiled already.
# tract has no test that runs in a browser but the page's own. The relaxed build's are slow: it is the source of the other
# one, compiled anew, and what the page's quick tests run. After the shell, with which Debian may replace Chromium.
test-wasm: $(WASM) $(HISTOSCOPE_BINDGEN) $(CHROMIUM) | $(CHROMIUM_SHELL)
	$(call test-wasm,simd128,,$(WASM_TESTS))
	$(if $(SLOW),$(call test-wasm,relaxed-kernels,$(RELAXED),--package histoscope-engine --lib --test kernels))
	$(if $(SLOW),$(call test-wasm,relaxed,$(RELAXED),$(subst --test kernels,,$(WASM_TESTS))))

# As build-wasm.
define test-wasm
	@$(2) CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) test-wasm-$(1) 'Rust tests in headless Chromium, $(1)' \
		'A test failed in the browser only, or the browser did not start: see above; CHROMIUM_PATH=... names another one.' \
		cargo test --profile web --target $(WASM_TARGET) $(INT8_ONLY) $(3)
endef

test-page: $(PAGE) $(PACKAGE) $(CHROMIUM) $(CHROMIUM_SHELL) $(WEBKIT) $(FIREFOX) test-page-types
	@CI=1 CHROMIUM_PATH="$$(cat $(CHROMIUM))" CHROMIUM_SHELL_PATH="$$(cat $(CHROMIUM_SHELL))" $(STEP) test-page 'End-to-end tests of the built page and package in Chromium, Firefox and WebKit' \
		'A test in www/e2e failed; www/test-results has a trace of its second try.' \
		npm --prefix www run --silent $(if $(SLOW),e2e:all,e2e)

# Not part of the tests: it wants a nightly compiler, and Miri takes a thousand times as long as the processor. Of AVX2 it
# does not go through all pairs of bytes, which scalar it does.
MIRI := env MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=1 cargo +nightly miri test --target-dir target/miri --package histoscope-engine $(INT8_ONLY)
.PHONY: miri
miri: prerequisites ## Engine and kernels under Miri, with a usize of 64 and of 32 bits (installs a nightly Rust; half an hour of a free core)
	@$(STEP) miri-install 'Install Miri' 'rustup is needed, and a nightly that has Miri. $(NETWORK)' \
		rustup toolchain install nightly --profile minimal --component miri,rust-src
	@$(STEP) miri-32 'Unit tests under Miri, 32 bits' 'Miri names the line, and what is undefined there.' \
		$(MIRI) --target i686-unknown-linux-gnu --lib
	@$(STEP) miri-64 'Unit tests and kernels under Miri, 64 bits' 'Miri names the line, and what is undefined there.' \
		$(MIRI) --target x86_64-unknown-linux-gnu --lib --test kernels
	@$(STEP) miri-avx2 'Kernels under Miri, AVX2' 'Miri names the line, and what is undefined there.' \
		env RUSTFLAGS=-Ctarget-feature=+avx2 $(MIRI) --target x86_64-unknown-linux-gnu --test kernels -- --skip all_bytes

.PHONY: lint
lint: prerequisites $(NPM_INSTALLED) ## Lint the Rust code and the page
	@$(call clippy)
	@$(STEP) page-lint 'Lint the page' 'Biome names file, line and remedy.' npm --prefix www run --silent lint

.PHONY: fmt
fmt: prerequisites $(NPM_INSTALLED) ## Format the Rust code and the page
	@cargo fmt
	@npm --prefix www run --silent format

# ---- Measurements, model, test images -----------------------------------------------------------------------------------

.PHONY: bench bench-page bench-load bench-study bench-veil bench-teach bench-live bench-slides bench-slides-cli bench-curves bench-layers bench-pipeline bench-server bench-native bench-peers bench-quantised bench-models bench-ceiling
bench: bench-page bench-load bench-study bench-veil bench-teach bench-live bench-slides bench-slides-cli bench-curves bench-layers bench-pipeline bench-native bench-peers ## Measure everything, other engines beside ours, and write the tables (most of an hour)
	@node benches/table.mjs

bench-page: $(PAGE) $(CHROMIUM)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-page 'Benchmarks in the browser' \
		'See above; the page has to be built and Chromium has to start.' npm --prefix www run --silent bench -- \
		--runs 15 --out $(CURDIR)/benches/results/page.json

bench-load: $(PAGE) $(CHROMIUM)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-load 'From navigation to ready; one instance over a thousand images' \
		'See above.' bash -c 'npm --prefix www run --silent bench:load && npm --prefix www run --silent bench:engine'

# Some ten minutes; ROWS=dense,folder measures those alone (see www/bench/study.mjs).
bench-study: $(PAGE) $(CHROMIUM) ## Measure a study of 5,000 images and a dense map against their goals (ROWS=...)
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-study 'What a study of thousands of images asks of the page' \
		'See above.' npm --prefix www run --silent bench:study -- $(if $(ROWS),--rows $(ROWS))
	@node benches/table.mjs

bench-veil: $(PAGE) $(CHROMIUM) ## Measure how much of a picture is seen under its map
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-veil 'What a map leaves of the picture' \
		'See above.' npm --prefix www run --silent bench:veil
	@node benches/table.mjs

bench-live: $(PAGE) $(CHROMIUM) ## Measure how many fields a second are looked at through a camera
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-live 'Looking through a camera' \
		'See above.' npm --prefix www run --silent bench:live
	@node benches/table.mjs

bench-slides: $(PAGE) $(CHROMIUM) ## Measure a whole slide in the page: thumbnail, first verdict, 8,000 patches, memory
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-slides 'A whole slide in the page' \
		'See above.' npm --prefix www run --silent bench:slides
	@node benches/table.mjs

bench-teach: $(WASM) $(NPM_INSTALLED) $(CHROMIUM) ## Measure teaching and judging anew in the browser against their goals
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-teach 'Teaching, and judging anew, in the browser' \
		'See above.' npm --prefix www run --silent bench:teach
	@node benches/table.mjs

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

# Not among those of `make bench`, for it installs PyTorch and a web server.
bench-server: $(VENV)-old/installed cli ## Our server beside the one that it replaces, on the same images
	@$(STEP) bench-server 'Our server and the one that it replaces, in turns' 'See above.' \
		$(VENV)-old/bin/python $(PEERS)/servers.py target/release/histoscope tests/fixtures/good/grid_1400x1150.jpg \
		www/public/demo/*.jpg --out benches/results/servers.json

bench-native: cli bench-models
	@$(STEP) bench-native 'ONNX Runtime and the command line on one thread' 'See above.' \
		$(VENV)-train/bin/python $(PEERS)/native.py

bench-peers: $(WASM) $(CHROMIUM) $(PEERS)/node_modules/.package-lock.json $(PEERS)/tract/pkg/stock_tract_bg.wasm bench-models bench-ceiling
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-peers 'Other engines beside ours, in one browser' \
		'An engine did not start, or its results differ from those of the others: see above.' \
		npm --prefix $(PEERS) run --silent bench

# Networks of any exporter that reads float32 patches of 224 pixels; tests/exporters/generate.py makes some.
NETWORKS ?= ../shared/field/models
bench-quantised: $(WASM) $(CHROMIUM) $(PEERS)/node_modules/.package-lock.json ## Quantised files of other people, beside onnxruntime-web
	@CHROMIUM_PATH="$$(cat $(CHROMIUM))" $(STEP) bench-quantised 'Quantised files beside onnxruntime-web' 'See above.' \
		node $(PEERS)/quantised.mjs --models $(NETWORKS)

# The slides are made on demand, some 300 MB below target/.
bench-slides-cli: cli $(VENV)-slides/installed ## Measure slides on the command line against their goals
	@$(STEP) bench-slides-cutting 'Build what cuts patches without a network' '$(NETWORK)' \
		cargo build --release --package histoscope-slide --example cutting
	@$(STEP) bench-slides-cli 'Slides on the command line' 'See above.' \
		$(VENV)-slides/bin/python benches/slides.py --cli target/release/histoscope \
		--cutting target/release/examples/cutting --out benches/results/slides-cli.json

# The dot products alone, which no network can outrun.
bench-ceiling: prerequisites
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

$(PEERS)/tract/pkg/stock_tract_bg.wasm: $(wildcard $(PEERS)/tract/src/*.rs $(PEERS)/tract/Cargo.*) $(HISTOSCOPE_BINDGEN)
	@$(STEP) tract-peer 'Build tract as it comes for the browser (some minutes)' '$(NETWORK)' \
		cargo build --release --target $(WASM_TARGET) --manifest-path $(PEERS)/tract/Cargo.toml
	@$(HISTOSCOPE_BINDGEN) page $(PEERS)/tract/target/$(WASM_TARGET)/release/stock_tract.wasm $(@D) stock_tract

.PHONY: train
train: $(VENV)-train/installed cli ## Train and release the model (DATA=FOLDER: BreakHis, or our subset of it; hours)
	@$(if $(filter-out file,$(origin ORAL)),$(if $(wildcard $(ORAL)),,echo 'ORAL=$(ORAL) is not there: the card will lack its row.' >&2))
	@$(STEP) train 'Train, evaluate and release the model from $(DATA)' \
		'See above; what is done is kept in target/train. DATA: an unpacked BreaKHis_v1, or the subset with its index.tsv.' \
		env OMP_NUM_THREADS=1 $(VENV)-train/bin/python -m models.train.run --data $(DATA) $(if $(wildcard $(ORAL)),--oral $(ORAL)) --out models \
		--reference tests/fixtures/reference --cli target/release/histoscope --jobs $(JOBS)

.PHONY: train-teaching
train-teaching: $(VENV)-train/installed cli ## Train and release the network for lessons (DATA, ORAL, TCGA: its index, TILES: folders)
	@$(STEP) train-teaching 'Train and release the network for lessons' \
		'See above; what is done is kept in target/train. TILES: made by models.train.data.tcga.' \
		env OMP_NUM_THREADS=1 $(VENV)-train/bin/python -m models.train.release.teaching --data $(DATA) --oral $(ORAL) --index $(TCGA) \
		--tiles $(TILES) --models models --work target/train --cli target/release/histoscope

.PHONY: report
report: $(VENV)-train/installed ## Scores, plots and model card again from the last training's predictions
	@$(STEP) report 'Write metrics.json, plots and model card again' 'See above.' \
		$(VENV)-train/bin/python -m models.train.run --out models --only-report

.PHONY: fixtures
fixtures: $(VENV)/installed ## Make the test images and the demo images again
	@$(STEP) fixtures 'Render test and demo images' 'The generator failed; see above.' $(VENV)/bin/python tests/fixtures/generate.py

SLIDES := tests/fixtures/slides
.PHONY: fixtures-slides
fixtures-slides: $(VENV)-slides/installed ## Make the small slides of the tests again
	@$(STEP) fixtures-slides 'Write slides of every format' 'The generator failed; see above.' \
		$(VENV)-slides/bin/python $(SLIDES)/generate.py

# ---- What has to be there first -----------------------------------------------------------------------------------------

.PHONY: prerequisites prerequisites-test
prerequisites:
	@tools/prerequisites.sh || { echo '*** Install what is missing and run make again.'; exit 1; }

# One after the other: both may add to the Rust toolchain.
prerequisites-test: prerequisites
	@tools/prerequisites.sh $(PYTHON) || { echo '*** Install what is missing and run make again.'; exit 1; }

$(HISTOSCOPE_BINDGEN): $(BINDGEN_SOURCES) | prerequisites
	@$(STEP) bindgen 'Compile what makes modules loadable for JavaScript' 'tools/bindgen did not compile. $(NETWORK)' \
		cargo build --release --locked --manifest-path tools/bindgen/Cargo.toml --target-dir target/tools/build
	@mkdir -p $(@D) && cp target/tools/build/release/$(@F) $@

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

# After Chromium: Debian installs one package at a time.
$(CHROMIUM_SHELL): $(NPM_INSTALLED) | $(CHROMIUM)
	@mkdir -p $(@D)
	@$(STEP) chromium-shell "Look for Chromium's headless shell" 'See above.' bash -c 'node tools/chromium-shell.mjs >$@'
	@cat $@

# Elsewhere than on Debian there may be none; the tests in it are skipped then. After the shell, likewise.
$(WEBKIT): $(NPM_INSTALLED) | $(CHROMIUM_SHELL)
	@mkdir -p $(@D)
	@$(STEP) webkit 'Look for a WebKit' \
		'None was found and none could be installed. Debian: apt-get install webkit2gtk-driver xvfb' \
		bash -c 'CI=1 node tools/webkit.mjs >$@'
	@cat $@

# As WebKit, after which it comes.
$(FIREFOX): $(NPM_INSTALLED) | $(WEBKIT)
	@mkdir -p $(@D)
	@$(STEP) firefox 'Look for a Firefox' \
		'None was found and none could be installed. Debian: apt-get install firefox-esr' \
		bash -c 'CI=1 node tools/firefox.mjs >$@'
	@cat $@

$(VENV)/installed: $(TEST_REQUIREMENTS) | prerequisites-test
$(VENV)-train/installed: models/train/requirements.txt models/train/requirements-test.txt | prerequisites-test
$(VENV)-peers/installed: $(PEERS)/requirements.txt | prerequisites-test
$(VENV)-slides/installed: $(SLIDES)/requirements.txt | prerequisites-test
$(VENV)-old/installed: $(PEERS)/old_server.txt | prerequisites-test
$(VENV)-export/installed: models/export/requirements.txt models/train/requirements-test.txt | prerequisites-test
$(VENV)-cohorts/installed: $(PYTHON_PACKAGE)/tests-cohorts/requirements.txt | prerequisites-test
# Python compiles what it imports; compiling all that is installed takes longer.
$(VENV)/installed $(VENV)-train/installed $(VENV)-export/installed $(VENV)-peers/installed $(VENV)-old/installed $(VENV)-cohorts/installed $(VENV)-slides/installed:
	@$(STEP) venv 'Make a Python environment in $(@D)' '$(NETWORK)' \
		bash -c '$(PYTHON) -m venv --clear $(@D) && $(@D)/bin/pip install -q --no-compile --disable-pip-version-check $(^:%=-r %)'
	@touch $@

.PHONY: clean distclean
clean: ## Remove what was built; keep tools and packages
	rm -rf www/dist www/dist-single www/dist-package target/dist target/package target/wheels www/pkg www/pkg-relaxed www/pkg-general www/pkg-slide www/test-results target/release target/web target/debug target/$(WASM_TARGET) target/wasm \
		target/stamps target/logs

distclean: clean ## Remove everything that make has installed or built in this folder
	rm -rf target www/node_modules
