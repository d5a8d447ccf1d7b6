# Sentinel's build.  `make help` says what can be asked of it.
#
# Everything that is made goes to build/; the one exception is worker-shim/abi.js, which is committed.

# ---------------------------------------------------------------- settings
BUILD := build
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
CLANG_FORMAT ?= clang-format

# V=1 shows whole commands.
V ?=
Q := $(if $(V),,@)
SAY = $(if $(V),@:,@echo)

# Seed of `make sim`; empty means that each simulation takes its own.
SEED ?=
export SEED

# Inputs of `make fuzz`; -1 goes on until it is stopped.
FUZZ_RUNS ?= 10000000

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
# A fused multiply-add rounds once where two operations round twice; without it native and wasm agree.
COMMON := -std=c11 -ffp-contract=off -Iinclude -MMD -MP
NATIVE := $(COMMON) -O2 -g
# Under sanitizers gcc warns of variables that are set on every path that can happen.  Their reports need the lines of the
# source and nothing else of what a debugger knows, which takes a quarter of the compiler's time.
ASAN := $(COMMON) -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wno-maybe-uninitialized

# With wasi-sdk its own tools and libc, else the system's.
ifdef WASI_SDK_PATH
WASM_CC := $(WASI_SDK_PATH)/bin/clang --target=wasm32-wasi --sysroot=$(WASI_SDK_PATH)/share/wasi-sysroot
WASM_LD := $(WASI_SDK_PATH)/bin/wasm-ld
else
WASM_CC := $(CLANG) --target=wasm32-wasi
WASM_LD := wasm-ld
endif
# Small before fast, since every object opens an instance of its own; but fast where an operation is found, rendered and
# counted (make bench): that takes a third of the time for 23 KB.
# All that runs Workers knows these three extensions of wasm; each makes the module smaller.
WASM_EXTENSIONS := -mbulk-memory -mnontrapping-fptoint -msign-ext
WASM := $(COMMON) -flto $(WASM_EXTENSIONS) -ffunction-sections -fdata-sections -fvisibility=hidden
WASM_SMALL := -Oz -mllvm -inline-threshold=-60
WASM_FAST := -O2
WASM_HOT := src/load/% src/measure/hist src/measure/blocks src/base/bytes src/base/decimal_read src/base/random src/base/record src/base/text
WASM_SPEED = $(if $(filter $(WASM_HOT:%=$(BUILD)/wasm/%.o),$@),$(WASM_FAST),$(WASM_SMALL))
# The stack lies below the data, so that running out of it traps instead of spoiling data.
# Small functions find their way into others only here, over the whole program.
WASM_LINK := --lto-O2 -mllvm -inline-threshold=25 --no-entry --stack-first -z stack-size=32768 --max-memory=4194304 \
	--gc-sections --strip-all
# Without this export the linker wraps every exported function so that libc is shut down after each call.
WASM_LINK += --export=__wasm_call_ctors
# Where the machine begins, for make bench.
WASM_LINK += --export=__heap_base
# wasm-opt takes a sixth off.  What lies below 1 KB is the end of the stack, so that addresses may be taken not to wrap
# around to there.
WASM_OPT ?= wasm-opt
WASM_OPT_FLAGS := --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --flatten --rereloop -Oz -Oz \
	--converge --low-memory-unused
# What the whole product may come to; a module that grows past it has taken in something that does not belong here.
# Counted with wasm-opt.  Without it the module is larger than this: it builds and works, and `make size` says so.
WASM_CEILING := 458752
# Both are asked for when they are used, since set-up may have only just installed them.
WASM_LIBC = $(shell $(WASM_CC) -print-file-name=libc.a)
WASM_RT = $(shell $(WASM_CC) --rtlib=compiler-rt -print-libgcc-file-name)

# Wrangler needs a newer Node than many systems have; ours comes with node_modules.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# The tools neither report on us, nor ask the network who we are, nor write logs outside of build/.
export WRANGLER_SEND_METRICS := false
export WRANGLER_HIDE_BANNER := true
export CLOUDFLARE_CF_FETCH_ENABLED := false
export WRANGLER_LOG_PATH := $(CURDIR)/$(BUILD)/wrangler

# ---------------------------------------------------------------- sources
CORE_DIRS := base json load measure schedule plan report run service
CORE_SRC := $(wildcard $(CORE_DIRS:%=src/%/*.c))
SIM_SRC := $(wildcard src/sim/*.c)
CLI_SRC := $(wildcard src/cli/*.c)
ABI_SRC := $(wildcard src/wasm/abi.c)
DOCS_SRC := $(wildcard src/docs/*.c)
EXPORTS_SRC := $(filter-out $(ABI_SRC),$(wildcard src/wasm/*.c))
TEST_SRC := $(wildcard tests/unit/test_*.c tests/sim/test_*.c tests/golden/run.c)
WORKLOADS := $(sort $(wildcard src/plan/workloads/*.json))
MADE_SRC := $(BUILD)/gen/workloads.c $(BUILD)/vendor/cJSON.c
PAGES := $(sort $(wildcard docs/*.md))
C_FILES := $(shell find include src tests -name '*.[ch]' 2>/dev/null)

LIBRARY := $(CORE_SRC) $(MADE_SRC)
NATIVE_OBJ := $(patsubst %.c,$(BUILD)/native/%.o,$(LIBRARY) $(SIM_SRC))
CLI_OBJ := $(patsubst %.c,$(BUILD)/native/%.o,$(CLI_SRC))
SWARM_OBJ := $(BUILD)/native/tests/sim/swarm.o
VERDICTS_OBJ := $(BUILD)/native/tests/sim/verdicts.o
# The same machines with bugs that can be planted; nobody deploys these.
HUNT_OBJ := $(patsubst %.c,$(BUILD)/planted/%.o,$(LIBRARY) $(SIM_SRC) tests/sim/swarm.c)
DOCS_OBJ := $(patsubst %.c,$(BUILD)/native/%.o,$(DOCS_SRC))
ABI_OBJ := $(patsubst %.c,$(BUILD)/native/%.o,$(ABI_SRC))
ASAN_OBJ := $(patsubst %.c,$(BUILD)/asan/%.o,$(LIBRARY) $(SIM_SRC))
TEST_OBJ := $(patsubst %.c,$(BUILD)/asan/%.o,$(TEST_SRC))
TEST_BIN := $(patsubst %.c,$(BUILD)/asan/%,$(TEST_SRC))
# The exports come first, since what no shard reads has to be the end of the data (src/wasm/exports.c).
WASM_OBJ := $(patsubst %.c,$(BUILD)/wasm/%.o,$(EXPORTS_SRC) $(LIBRARY))
CLANG_OK := $(patsubst %.c,$(BUILD)/clang/%.ok,$(CORE_SRC) $(SIM_SRC) $(CLI_SRC) $(ABI_SRC) $(DOCS_SRC) $(TEST_SRC) \
	$(BUILD)/gen/workloads.c)

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: build test check unit golden sim sim-long wasm shim cli e2e smoke soak bench scale dev deploy deploy-check size abi-check \
	docs docs-check clang-check format-check fmt lint setup clean distclean help test-programs fuzz

# ---------------------------------------------------------------- what people ask for
build: $(BUILD)/core.wasm $(BUILD)/sentinel worker-shim/abi.js ## build/core.wasm, build/sentinel, worker-shim/abi.js

test: ## all that guards a landing; ends with "N passed, N failed"
	@tests/run

check: ## make test, then the long checks
	@tests/run
	@if [ -e tests/check.sh ]; then sh tests/check.sh; fi

unit golden sim wasm shim cli e2e: ## one suite of make test, e.g. make unit, make sim SEED=7
	@tests/run $@

sim-long: build ## simulated worlds with faults, one after the other, until it is stopped; SEED= says from which on
	@SEED=$(or $(SEED),$(shell date +%s)) SEEDS=0 tests/sim/swarm.sh

wasm shim e2e: build

fuzz: $(BUILD)/fuzz/cron ## ten million inputs (FUZZ_RUNS=) through what reads cron expressions
	@mkdir -p $(BUILD)/fuzz/corpus
	$< -runs=$(FUZZ_RUNS) -max_len=64 -only_ascii=1 -dict=tests/fuzz/cron.dict $(BUILD)/fuzz/corpus

smoke: build ## a real load test on local D1, KV, R2 and Durable Objects
	@CI=1 tests/smoke.sh

soak: build ## ten minutes on the local runtime (SOAK_MINUTES=3: three): flat memory, few rows, steady lag
	@CI=1 node tests/soak.mjs

bench: build ## how much of a load is delivered, what a shard costs beside a bare loop, memory, single parts beside JavaScript
	@CI=1 tests/bench/run

scale: build ## write docs/scale.md: ten million users walked through in virtual time, which takes ten minutes
	@tests/scale.sh >$(BUILD)/scale.md && cp $(BUILD)/scale.md docs/scale.md

dev: build ## the Worker on this machine, for trying things out
	CI=1 wrangler d1 migrations apply DB --local
	CI=1 wrangler d1 migrations apply TARGET_DB --local
	wrangler dev --local --test-scheduled

deploy: build ## to your Cloudflare account; afterwards once: wrangler secret put SENTINEL_TOKEN
	tools/deploy.sh

deploy-check: build ## what would be deployed; needs no account and no network
	CI=1 wrangler deploy --dry-run --outdir $(BUILD)/deploy

size: $(BUILD)/core.wasm ## the wasm's size, its ceiling, and the import list, which is empty
	@node tools/wasm-check.mjs $< $(WASM_CEILING)

abi-check: $(BUILD)/abi ## is worker-shim/abi.js what the C lists give?
	@$< | diff -u worker-shim/abi.js - || { echo "worker-shim/abi.js is not what the C lists give: run make"; exit 1; }

docs: $(BUILD)/tables ## write the tables of docs/*.md from the code's own
	@for page in $(PAGES); do \
		$< <$$page >$(BUILD)/page.md || exit 1; \
		cmp -s $(BUILD)/page.md $$page || cp $(BUILD)/page.md $$page; \
	done

docs-check: $(BUILD)/tables ## are the tables of docs/*.md what the code has?
	@for page in $(PAGES); do \
		$< <$$page >$(BUILD)/page.md && diff -u $$page $(BUILD)/page.md || \
			{ echo "a table of $$page is not what the code has: run make docs"; exit 1; }; \
	done

clang-check: $(CLANG_OK) ## every source under clang's warnings too

# Formatters of other versions break lines elsewhere; Debian 12's decides.
format-check: | setup
	@if $(CLANG_FORMAT) --version | grep -q 'version 14\.'; then \
		$(CLANG_FORMAT) --dry-run -Werror $(C_FILES); \
	else echo "the format is checked with clang-format 14 only"; fi

fmt: | setup ## format the C sources
	$(CLANG_FORMAT) -i $(C_FILES)

lint: format-check ## the format, and cppcheck and shellcheck where they are installed
	@if command -v cppcheck >/dev/null; then cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,portability --suppress=missingIncludeSystem -Iinclude src; fi
	@if command -v shellcheck >/dev/null; then \
		shellcheck tools/*.sh tests/run .ci/run $(wildcard tests/*.sh); fi

setup: ## install what is missing; part of every build
	@tools/setup.sh

clean: ## remove what was built, keep what was fetched
	rm -rf $(filter-out $(BUILD)/vendor,$(wildcard $(BUILD)/*))

distclean: ## remove what was fetched too
	rm -rf $(BUILD) node_modules .wrangler

help: ## this list
	@sed -n 's/^\([a-z0-9][a-z0-9 -]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | \
		awk -F'|' '{ printf "  %-34s %s\n", $$1, $$2 }'

# ---------------------------------------------------------------- rules
# Some folders need more than the rest; cJSON, which is not ours, answers to other warnings.
$(BUILD)/%/vendor/cJSON.o: WARN := -w -DCJSON_NESTING_LIMIT=64
$(BUILD)/planted/src/json/%: LOCAL := -isystem $(BUILD)/vendor
$(BUILD)/native/src/json/%: LOCAL := -isystem $(BUILD)/vendor
$(BUILD)/asan/src/json/%: LOCAL := -isystem $(BUILD)/vendor
$(BUILD)/wasm/src/json/%: LOCAL := -isystem $(BUILD)/vendor
$(BUILD)/clang/src/json/%: LOCAL := -isystem $(BUILD)/vendor
$(BUILD)/native/src/cli/%: LOCAL = -D_POSIX_C_SOURCE=200809L $(shell pkg-config --cflags libcurl libwebsockets)
$(BUILD)/clang/src/cli/%: LOCAL = -D_POSIX_C_SOURCE=200809L $(shell pkg-config --cflags libcurl libwebsockets)
$(BUILD)/asan/tests/%: LOCAL = $(shell pkg-config --cflags cmocka)
$(BUILD)/clang/tests/%: LOCAL = $(shell pkg-config --cflags cmocka)

$(BUILD)/native/%.o: %.c Makefile | setup $(BUILD)/vendor/cJSON.h
	$(SAY) "cc      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(NATIVE) $(WARN) $(LOCAL) -c $< -o $@

$(BUILD)/asan/%.o: %.c Makefile | setup $(BUILD)/vendor/cJSON.h
	$(SAY) "cc asan $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARN) $(ASAN) $(LOCAL) -c $< -o $@

$(BUILD)/wasm/%.o: %.c Makefile | setup $(BUILD)/vendor/cJSON.h
	$(SAY) "cc wasm $<"
	@mkdir -p $(@D)
	$(Q)$(WASM_CC) $(WASM) $(WASM_SPEED) $(WARN) $(LOCAL) -c $< -o $@

$(BUILD)/clang/%.ok: %.c Makefile | setup $(BUILD)/vendor/cJSON.h
	$(SAY) "clang   $<"
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(COMMON) $(WARN) $(LOCAL) -MF $(@:.ok=.d) -MT $@ -fsyntax-only $<
	@touch $@

# Compiled and linked apart: clang's driver would run any wasm-opt that it finds, with the wrong options.
$(BUILD)/core.wasm: $(WASM_OBJ) tools/wasm-check.mjs
	$(SAY) "link    $@"
	$(Q)$(WASM_LD) $(WASM_LINK) $(WASM_OBJ) $(WASM_LIBC) $(WASM_RT) -o $@.new
	$(Q)if command -v $(WASM_OPT) >/dev/null; then $(WASM_OPT) $(WASM_OPT_FLAGS) $@.new -o $@.new; \
	else echo "wasm-opt (binaryen) is not here, so $@ is larger than it need be"; fi
	@node tools/wasm-check.mjs $@.new
	@mv $@.new $@

$(BUILD)/sentinel: $(CLI_OBJ) $(NATIVE_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ $(shell pkg-config --libs libcurl libwebsockets) -lm

$(BUILD)/planted/%.o: %.c Makefile | setup $(BUILD)/vendor/cJSON.h
	$(SAY) "cc bugs $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(NATIVE) -DSN_PLANTS $(WARN) $(LOCAL) -c $< -o $@

$(BUILD)/swarm: $(SWARM_OBJ) $(NATIVE_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ -lm

$(BUILD)/verdicts: $(VERDICTS_OBJ) $(NATIVE_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ -lm

$(BUILD)/hunt: $(HUNT_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ -lm

FUZZ_SRC := $(wildcard src/schedule/*.c src/base/*.c)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_SRC) $(wildcard include/sentinel/schedule/*.h) | setup
	$(SAY) "fuzz    $<"
	@mkdir -p $(@D)
	$(Q)$(CLANG) -std=c11 -Iinclude -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $< $(FUZZ_SRC) -o $@ -lm

$(BUILD)/abi: $(ABI_OBJ) $(NATIVE_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ -lm

$(BUILD)/tables: $(DOCS_OBJ) $(NATIVE_OBJ)
	$(SAY) "link    $@"
	$(Q)$(CC) $^ -o $@ -lm

# The file's time stays when its text does, so that git and wrangler see no change where there is none.
worker-shim/abi.js: $(BUILD)/abi
	@$< >$(BUILD)/abi.js
	@cmp -s $(BUILD)/abi.js $@ || { mkdir -p $(@D) && cp $(BUILD)/abi.js $@; }

# A test links what it uses: that takes a third of the time that all of it does.
$(BUILD)/asan/sentinel.a: $(ASAN_OBJ)
	$(SAY) "ar      $@"
	@rm -f $@
	$(Q)ar rcs $@ $^

test-programs: $(TEST_BIN)
$(TEST_BIN): %: %.o $(BUILD)/asan/sentinel.a
	$(SAY) "link    $@"
	$(Q)$(CC) -fsanitize=address,undefined $^ -o $@ $(shell pkg-config --libs cmocka) -lm

# The folder is named too: its time tells when a file came or went.
$(BUILD)/gen/workloads.c: tools/embed.sh $(WORKLOADS) $(wildcard src/plan/workloads)
	@mkdir -p $(@D)
	$(SAY) "make    $@"
	$(Q)tools/embed.sh $(WORKLOADS) >$@

$(BUILD)/vendor/cJSON.c $(BUILD)/vendor/cJSON.h: | setup
	@test -e $@

# Objects of tests are kept, else make counts them as intermediate and deletes them.
.SECONDARY: $(TEST_OBJ)

-include $(patsubst %.o,%.d,$(NATIVE_OBJ) $(CLI_OBJ) $(ABI_OBJ) $(DOCS_OBJ) $(ASAN_OBJ) $(TEST_OBJ) $(WASM_OBJ) $(HUNT_OBJ) $(SWARM_OBJ) $(VERDICTS_OBJ)) \
	$(CLANG_OK:.ok=.d)
