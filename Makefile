# The commands a person types. Each is quick when there is nothing to do.

.DEFAULT_GOAL := help
.PHONY: help setup deps web footage demo test check bench bench-plates fuzz clean distclean

help: ## this list
	@echo "giaolo: traffic cameras into counts and cases"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo
	@echo "make demo VIDEO=clip.mp4 SCENE=scene.toml OUT=folder   analyses a clip of your own"

setup: ## install, fetch and build target/release/giaolo (root or sudo)
	scripts/setup.sh

deps: ## as setup, without the build
	scripts/setup.sh --no-build

web: ## build the screens into web/dist, which the program embeds
	scripts/web.sh

footage: deps ## fetch the demo clips into var/footage
	var/venv/bin/python scripts/footage.py

demo: setup ## analyse real traffic; results in out/demo
	VIDEO='$(VIDEO)' SCENE='$(SCENE)' OUT='$(OUT)' scripts/demo.sh

test: deps footage ## all tests
	var/venv/bin/python -m unittest discover --start-directory models/tests
	cargo test --workspace --locked

check: deps ## format, lints, licences, scripts, screens
	scripts/check.sh

bench: deps footage ## each stage against its bare limit, in one table (4 minutes)
	cargo bench --package giaolo-benches --bench table --locked

bench-plates: deps ## plate search in both databases; READINGS=10000000 for a town's (13 GB on disk)
	cargo bench --package giaolo-store --bench plates --locked -- $(READINGS)

fuzz: deps ## ten minutes of random input for each reader of foreign bytes
	scripts/fuzz.sh 600

clean: ## remove what was built
	cargo clean

distclean: clean ## remove also what was fetched (var) and analysed (out)
	rm -rf var out web/node_modules web/dist
