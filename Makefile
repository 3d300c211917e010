# The front door: a thin layer over tools/ and meson. See CONTRIBUTING.md.
#
#   make                 installs what is missing and builds build/localgpt
#   make run             the same, gets the local model, and starts a chat
#   make run ARGS='...'  the same, and runs any command: make run ARGS='ask "what is 2+2?"'
#   make check           builds with both compilers, runs every test and gate: "N passed, N failed"
#   make asan            every test under the address and undefined-behaviour sanitizers
#   make fuzz            each fuzz target for SECONDS (20)
#   make docs            prints docs/reference, docs/man and data/completions anew
#   make bench           the benchmarks, beside their references
#   make install         DESTDIR= and PREFIX= (/usr/local) as usual
#   make clean           removes the build folders; downloads stay in .deps/

BUILD   ?= build
PREFIX  ?= /usr/local
SECONDS  = 20

all: build
build: ; @tools/build programs $(BUILD)
run: build ; @exec tools/run $(BUILD) $(ARGS)
check: ; @tools/check $(BUILD)
asan: ; @tools/asan
fuzz: ; @tools/fuzz $(SECONDS)
bench: build ; @bench/run $(BUILD)
docs: ; @tools/build tools/docgen $(BUILD) && $(BUILD)/tools/docgen .
install: build
	@meson configure $(BUILD) -Dprefix=$(PREFIX) -Dstrip=true && ninja -C $(BUILD) programs >/dev/null
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet
	@echo "install: localgpt is in $(DESTDIR)$(PREFIX)"
clean: ; rm -rf build build-clang build-asan build-fuzz

.PHONY: all build run check asan fuzz bench docs install clean
