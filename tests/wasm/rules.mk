# What the tests of the boundary are made with.  The Makefile includes this; tests ask for what they need.

# All that the files of a suite ask for: files that run side by side find it made.
.PHONY: made-wasm made-shim
made-wasm: $(addprefix $(BUILD)/tests/,bench.wasm vectors.wasm named.wasm shard_alone.wasm vectors bench-cron)
made-shim: $(BUILD)/tests/echo.wasm

# The core without its exports, as natively.
BARE_WASM_OBJ := $(filter-out %/src/wasm/exports.o,$(WASM_OBJ))

$(BUILD)/tests/echo.wasm: $(BUILD)/wasm/tests/shim/echo.o $(BUILD)/wasm/src/wasm/wasi.o
	@mkdir -p $(@D)
	$(WASM_LD) $(WASM_LINK) $^ $(WASM_LIBC) $(WASM_RT) -o $@

$(BUILD)/tests/vectors.wasm: $(BUILD)/wasm/tests/wasm/vectors.o $(BARE_WASM_OBJ)
	@mkdir -p $(@D)
	$(WASM_LD) $(WASM_LINK) $^ $(WASM_LIBC) $(WASM_RT) -o $@

$(BUILD)/tests/vectors: $(BUILD)/native/tests/wasm/vectors.o $(NATIVE_OBJ)
	@mkdir -p $(@D)
	$(CC) $^ -o $@ -lm

# The core with its functions' names, for those who look into it.
$(BUILD)/tests/named.wasm: $(WASM_OBJ)
	@mkdir -p $(@D)
	$(WASM_LD) $(filter-out --strip-all,$(WASM_LINK)) -Map=$(@:.wasm=.map) $^ $(WASM_LIBC) $(WASM_RT) -o $@

# All that a shard can come to, and nothing else.
$(BUILD)/tests/shard_alone.wasm: $(filter-out %/exports.o,$(WASM_OBJ))
	@mkdir -p $(@D)
	$(WASM_LD) $(WASM_LINK) $(addprefix --export=,sn_shard_size sn_shard_init sn_shard_step sn_shard_deadline_us sn_payload_fill) \
		-Map=$(@:.wasm=.map) $^ $(WASM_LIBC) $(WASM_RT) -o $@

# What performs single steps on real bindings.
$(BUILD)/tests/steps.wasm: $(BUILD)/wasm/tests/e2e/steps.o $(BARE_WASM_OBJ)
	@mkdir -p $(@D)
	$(WASM_LD) $(WASM_LINK) $^ $(WASM_LIBC) $(WASM_RT) -o $@

# What the benches run: optimised as the product is.
$(BUILD)/tests/bench.wasm: $(BUILD)/wasm/tests/bench/loops.o $(BARE_WASM_OBJ)
	@mkdir -p $(@D)
	$(WASM_LD) $(WASM_LINK) $^ $(WASM_LIBC) $(WASM_RT) -o $@
	if command -v $(WASM_OPT) >/dev/null; then $(WASM_OPT) $(WASM_OPT_FLAGS) $@ -o $@; fi

# The search for a next run, natively.
$(BUILD)/tests/bench-cron: $(BUILD)/native/tests/bench/cron.o $(NATIVE_OBJ)
	@mkdir -p $(@D)
	$(CC) $^ -o $@ -lm

-include $(wildcard $(BUILD)/wasm/tests/*/*.d $(BUILD)/native/tests/*/*.d)
