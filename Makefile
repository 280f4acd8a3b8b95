# What a developer needs, each target explained by `make help`. All of it works
# on a machine that has Go, make, git and a C compiler (for the race detector).

GO  ?= go
BIN := $(CURDIR)/.bin

# A tag v1.2.3 makes version 1.2.3. The date is the commit's, so that the same
# commit builds the same binary. Each may be set from outside, as without git.
VERSION    ?= $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || echo unknown))
REVISION   ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH     ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
BUILD_DATE ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

INFO    := github.com/prometheus/common/version
LDFLAGS := -s -w \
	-X $(INFO).Version=$(VERSION) -X $(INFO).Revision=$(REVISION) \
	-X $(INFO).Branch=$(BRANCH) -X $(INFO).BuildDate=$(BUILD_DATE)

# Tests find the tools here.
export PROMETHEUS ?= $(BIN)/prometheus
export PROMTOOL   ?= $(BIN)/promtool
export AMTOOL     ?= $(BIN)/amtool
export HELM       ?= $(BIN)/helm
export KUSTOMIZE  ?= $(BIN)/kustomize
export ACTIONLINT ?= $(BIN)/actionlint
export CYCLONEDX_GOMOD ?= $(BIN)/cyclonedx-gomod

# Modules of their own keep what only they need out of the exporter's.
MODULES := . grafana deploy/deploytest
each_module = set -e; for module in $(MODULES); do (set -x; cd $$module; $(1)); done

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## build the exporter, ./empirical_exporter
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o empirical_exporter .

.PHONY: test
test: packages vet lint unit fuzz-briefly test-deploy test-grafana ## all checks and tests

.PHONY: packages
packages: ## install the Debian packages that tests need, where they are missing
	.ci/packages

.PHONY: vet
vet: ## go vet, of every module
	@$(call each_module,$(GO) vet ./...)

.PHONY: lint
lint: $(BIN)/golangci-lint ## golangci-lint, as .golangci.yml has it, of every module
	@$(call each_module,$(BIN)/golangci-lint run ./...)

.PHONY: unit
unit: tools ## unit and integration tests with the race detector
	$(GO) test -race -timeout 15m ./...
	$(GO) test ./collector -run '^TestRandomHistories$$' -seed 10001 -histories 2000

.PHONY: test-deploy
test-deploy: tools ## chart, manifests, Compose project, systemd unit, CI workflow
	$(GO) test -C deploy/deploytest -count=1 -timeout 5m ./... # never from the cache, which does not look outside that module

.PHONY: test-grafana
test-grafana: tools ## dashboards: what the code makes, and an answer to every query
	$(GO) test -C grafana -timeout 10m ./...

FUZZTIME ?= 10m

.PHONY: fuzz
fuzz: ## look for input that breaks decoding or histories, $FUZZTIME each
	$(GO) test ./apiclient -run '^$$' -fuzz '^FuzzDecodePage$$' -fuzztime $(FUZZTIME)
	$(GO) test ./apiclient -run '^$$' -fuzz '^FuzzDecodeItem$$' -fuzztime $(FUZZTIME)
	$(GO) test ./apiclient -run '^$$' -fuzz '^FuzzErrorAnswer$$' -fuzztime $(FUZZTIME)
	$(GO) test ./collector -run '^$$' -fuzz '^FuzzHistory$$' -fuzztime $(FUZZTIME)

.PHONY: fuzz-briefly
fuzz-briefly:
	$(MAKE) --no-print-directory fuzz FUZZTIME=5s

.PHONY: soak
soak: ## a month in the life of a project with faults, by a clock that runs ahead
	$(GO) test ./collector -run '^TestSoak$$' -count=1 -v -timeout 2h -soak 720h

.PHONY: bench
bench: ## benchmarks
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: run
run: build ## run against the real API with the key in $EMPIRICALRUN_KEY
	./empirical_exporter

.PHONY: demo
demo: build ## run against a living project in memory, without any key
	$(GO) build -o $(BIN)/fakeapi ./apiclient/apitest/fakeapi
	deploy/demo/run ./empirical_exporter $(BIN)/fakeapi

.PHONY: docs
docs: ## write the tables of README.md anew from the code
	$(GO) test -run '^TestREADME' -count=1 . -update

.PHONY: dashboards
dashboards: ## write the dashboards' JSON anew from the code
	$(GO) run -C grafana .

.PHONY: manifests
manifests: $(HELM) ## put rules and dashboards into the chart, and make deploy/kubernetes from it
	$(GO) run -C deploy/deploytest ./ship

.PHONY: release
release: $(CYCLONEDX_GOMOD) ## archives for all platforms, bills of materials and checksums, in dist/
	rm -rf dist
	$(GO) run ./deploy/release -version '$(VERSION)' -date '$(BUILD_DATE)' -ldflags '$(LDFLAGS)' -cyclonedx-gomod $(CYCLONEDX_GOMOD)

.PHONY: tools
tools: $(PROMETHEUS) $(PROMTOOL) $(AMTOOL) $(HELM) $(KUSTOMIZE) $(ACTIONLINT) $(CYCLONEDX_GOMOD) ## build the programs that the tests run

# Each tool is pinned in a module of its own, and built again when that changes.
# Of Prometheus' service discoveries tests need none: without them it builds in
# a fraction of the time.
$(BIN)/prometheus $(BIN)/promtool: .ci/tools/prometheus/go.mod
	$(GO) build -C .ci/tools/prometheus -tags remove_all_sd -ldflags '-s -w' -o $@ github.com/prometheus/prometheus/cmd/$(@F)
	touch $@

$(BIN)/amtool: .ci/tools/prometheus/go.mod
	$(GO) build -C .ci/tools/prometheus -ldflags '-s -w' -o $@ github.com/prometheus/alertmanager/cmd/amtool
	touch $@

$(BIN)/helm: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ helm.sh/helm/v4/cmd/helm
	touch $@

$(BIN)/kustomize: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ sigs.k8s.io/kustomize/kustomize/v5
	touch $@

$(BIN)/actionlint: .ci/tools/release/go.mod
	$(GO) build -C .ci/tools/release -ldflags '-s -w' -o $@ github.com/rhysd/actionlint/cmd/actionlint
	touch $@

$(BIN)/cyclonedx-gomod: .ci/tools/release/go.mod
	$(GO) build -C .ci/tools/release -ldflags '-s -w' -o $@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
	touch $@

$(BIN)/golangci-lint: .ci/tools/lint/go.mod
	$(GO) build -C .ci/tools/lint -ldflags '-s -w' -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	touch $@

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN) dist empirical_exporter
