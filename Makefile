# The two commands are `make demo` and `make test`; on a fresh Debian 12 both install what is missing, then build.

BUILD ?= build
PREFIX ?= /usr/local
PYTHON ?= python3
CMAKE_FLAGS ?=
FUZZ_SECONDS ?= 60
RESULTS ?= $(BUILD)/bench.csv

.DEFAULT_GOAL := help
.PHONY: help deps configure build test demo lint format fuzz sanitize bench bench-peers install clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

deps: ## Install what is missing from Debian's packages (root or sudo); says what
	@tools/dev/deps.sh

configure: deps
	@cmake -G Ninja -S . -B $(BUILD) $(CMAKE_FLAGS) >$(BUILD).configure.log 2>&1 || { cat $(BUILD).configure.log; exit 1; }
	@mv $(BUILD).configure.log $(BUILD)/configure.log

build: configure ## Build everything; the tools go to build/bin
	@cmake --build $(BUILD)

test: ## Install, build, run every test; ends with `N passed, N failed, N skipped`
	@$(MAKE) --no-print-directory build || { echo "the build failed, so no test ran"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
	@$(PYTHON) tools/dev/run_tests.py --build $(BUILD)

demo: configure ## Install, build, classify Fashion-MNIST with a small CAFormer, then train it from nothing for a minute
	@cmake --build $(BUILD) --target archc archc-compiler
	@tools/dev/demo.sh $(BUILD)

lint: ## Check layout, size caps, include arrows and formatting only
	@$(PYTHON) tools/dev/check_layout.py

format: ## Rewrite the sources with clang-format
	@$(PYTHON) tools/dev/check_layout.py --list-sources | xargs clang-format -i

fuzz: ## Fuzz every reader of files for 60 seconds each (FUZZ_SECONDS=600)
	@tools/dev/deps.sh --fuzz
	@tools/dev/fuzz.sh $(FUZZ_SECONDS)

sanitize: build ## Run the tests of frontend, runtime and tools under AddressSanitizer and UBSan
	@tools/dev/sanitize.sh $(BUILD)

bench: configure ## Time the tracked models; appends to build/bench.csv (RESULTS=FILE, BENCH_FLAGS="--seconds 5")
	@cmake --build $(BUILD) --target archc archc-compiler
	@$(PYTHON) tools/bench/bench_tracked.py --archc $(BUILD)/bin/archc --results $(RESULTS) $(BENCH_FLAGS)

bench-peers: build ## Time archc and other engines in turn (installs those from PyPI; BENCH_FLAGS="--rounds 5")
	@tools/dev/deps.sh --peers
	@python=$${PEERS_PYTHON:-$$(tools/bench/peers_environment.sh $(BUILD)/peers)} && \
	  LD_LIBRARY_PATH="$$(tools/bench/cuda_libraries.sh "$$python"):$$LD_LIBRARY_PATH" "$$python" tools/bench/bench_peers.py \
	  --archc $(BUILD)/bin/archc --output $(BUILD)/bench-peers $(BENCH_FLAGS)

install: build ## Install tools, runtime, headers and specs under PREFIX
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean: ## Remove the build
	@rm -rf $(BUILD)
