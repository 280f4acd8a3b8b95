# All that a developer needs; `make help` lists it. It works on a machine with Go,
# make, git and a C compiler, which the race detector needs.

GO  ?= go
BIN := $(CURDIR)/.bin

# A tag v1.2.3 makes version 1.2.3, and without git it is that of the file VERSION.
# The date is the commit's, so that the same commit builds the same binary. Each can
# be set from outside.
VERSION    ?= $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || cat VERSION))
REVISION   ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH     ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
BUILD_DATE ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

INFO    := github.com/prometheus/common/version
LDFLAGS = -s -w \
	-X $(INFO).Version=$(VERSION) -X $(INFO).Revision=$(REVISION) \
	-X $(INFO).Branch=$(BRANCH) -X $(INFO).BuildDate=$(BUILD_DATE)

# Tests find the tools here. A path of your own can stand in place of each.
export PROMETHEUS ?= $(BIN)/prometheus
export PROMTOOL   ?= $(BIN)/promtool
export AMTOOL     ?= $(BIN)/amtool
export VICTORIA_METRICS ?= $(BIN)/victoria-metrics
export VMAGENT    ?= $(BIN)/vmagent
export VMALERT    ?= $(BIN)/vmalert
export HELM       ?= $(BIN)/helm
export KUSTOMIZE  ?= $(BIN)/kustomize
export ACTIONLINT ?= $(BIN)/actionlint
export CYCLONEDX_GOMOD ?= $(BIN)/cyclonedx-gomod
export KUBECTL_VALIDATE ?= $(BIN)/kubectl-validate
export CONTROLLER_GEN ?= $(BIN)/controller-gen
export HELM_DOCS  ?= $(BIN)/helm-docs

# The packages whose tests need no built tool. `make test` tests these alone. The
# collector has the longest tests: they begin first, and the others run beside them.
PACKAGES := ./collector/... . ./apiclient/... ./internal/...

# Both `make test` and `make check` use this one command. So Go takes the results
# of the first for the second, and runs no test twice.
GO_TEST_RACE = $(GO) test -race -timeout 30m

# Modules with dependencies of their own, which the exporter does not need.
MODULES := . grafana deploy/deploytest deploy/prometheus/budget deploy/prometheus/victoria
each_module = set -e; for module in $(MODULES); do (set -x; cd $$module; $(1)); done

# Go uses all cores by itself, and the checks have an order: quick ones first. The last
# part of `make check` is two rows of tests side by side, each in this order.
ifdef SIDE_BY_SIDE
test-victoria: test-budget
test-grafana: test-deploy
test-all: test-grafana
else
.NOTPARALLEL:
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## build the exporter, ./empirical_exporter
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o empirical_exporter .

# Vet has -race too: Go then compiles everything once for both.
.PHONY: test
test: ## vet and the tests that need only Go and a C compiler
	$(GO) vet -race $(PACKAGES)
	$(GO_TEST_RACE) $(PACKAGES)

# Tests of real programs mostly wait, for seconds that are minutes in production. Beside
# them the alerts are replayed, which only computes: it takes what they leave.
.PHONY: check
check: test histories fuzz-decoders packages lint tools ## all checks: make test, and what needs built tools
	$(MAKE) -j2 --output-sync=target SIDE_BY_SIDE=yes test-all test-victoria

# `make test` has the results for PACKAGES, and Go takes them from its cache. With ./...
# no new directory is forgotten.
.PHONY: test-all
test-all: tools
	$(GO_TEST_RACE) ./...

.PHONY: packages
packages: ## install the Debian packages that the checks need
	.ci/packages

.PHONY: lint
lint: $(BIN)/golangci-lint ## golangci-lint, as .golangci.yml has it, of every module
	@$(call each_module,$(BIN)/golangci-lint run ./...)

.PHONY: histories
histories: ## more random histories than make test has, without the race detector
	GOGC=400 $(GO) test ./collector -run '^TestRandomHistories$$' -seed 10001 -histories 2000

# Go's cache does not see changes outside of a module, so -count=1 does without it.
.PHONY: test-deploy
test-deploy: tools ## chart, manifests, Compose project, systemd unit, CI workflow
	$(GO) test -C deploy/deploytest -count=1 -timeout 10m ./...

.PHONY: test-grafana
test-grafana: tools ## dashboards: their JSON, and an answer to every query
	$(GO) test -C grafana -timeout 10m ./...

.PHONY: test-budget
test-budget: ## alerts: what they say, how often, and what they cost
	nice $(GO) test -C deploy/prometheus/budget -count=1 -timeout 30m ./...

.PHONY: test-victoria
test-victoria: ## alerts: promtool's scenarios with vmalert and VictoriaMetrics
	nice $(GO) test -C deploy/prometheus/victoria -count=1 -timeout 40m ./...

FUZZTIME ?= 10m

# fuzz runs one fuzz test: its package, its name and its time.
fuzz = $(GO) test $(1) -run '^$$' -fuzz '^$(2)$$' -fuzztime $(3)

.PHONY: fuzz
fuzz: ## look for input that breaks decoding or histories, FUZZTIME (10m) each
	$(call fuzz,./apiclient,FuzzDecodePage,$(FUZZTIME))
	$(call fuzz,./apiclient,FuzzDecodeItem,$(FUZZTIME))
	$(call fuzz,./apiclient,FuzzDecodeAnalytics,$(FUZZTIME))
	$(call fuzz,./apiclient,FuzzErrorAnswer,$(FUZZTIME))
	$(call fuzz,./collector,FuzzHistory,$(FUZZTIME))

# Decoding is quick: seconds are tens of thousands of inputs. A history takes far
# longer, so FuzzHistory is in `make fuzz` alone.
.PHONY: fuzz-decoders
fuzz-decoders: ## the same for decoding, 10s each
	$(call fuzz,./apiclient,FuzzDecodePage,10s)
	$(call fuzz,./apiclient,FuzzDecodeItem,10s)
	$(call fuzz,./apiclient,FuzzDecodeAnalytics,10s)
	$(call fuzz,./apiclient,FuzzErrorAnswer,10s)

.PHONY: soak
soak: ## a simulated month of a project, with faults
	$(GO) test ./collector -run '^TestSoak$$' -count=1 -v -timeout 2h -soak 720h

.PHONY: bench
bench: ## benchmarks
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: run
run: build ## run against the real API, with the key in $EMPIRICALRUN_KEY
	./empirical_exporter

.PHONY: demo
demo: build ## run against a made-up project in memory, without a key; DEMO_FLAGS change its items
	$(GO) build -o $(BIN)/fakeapi ./apiclient/apitest/fakeapi
	deploy/demo/run ./empirical_exporter $(BIN)/fakeapi $(DEMO_FLAGS)

.PHONY: docs
docs: ## write the tables of README.md, METRICS.md and BACKFILL.md from the code
	$(GO) test -run '^TestREADME' -count=1 . -update

.PHONY: dashboards
dashboards: ## write the JSON of the dashboards from the code
	$(GO) run -C grafana .

.PHONY: manifests
manifests: $(HELM) $(HELM_DOCS) ## put version, rules and dashboards into the chart, and make its README.md and deploy/kubernetes
	$(GO) run -C deploy/deploytest ./ship

# A release has the branch of a detached checkout, so that the commit alone decides
# about its files.
release publish-image: BRANCH = HEAD

.PHONY: release
release: $(CYCLONEDX_GOMOD) ## archives for all platforms, bills of materials and checksums, in dist/
	rm -rf dist
	$(GO) run ./deploy/release -version '$(VERSION)' -date '$(BUILD_DATE)' -ldflags '$(LDFLAGS)' -cyclonedx-gomod $(CYCLONEDX_GOMOD) $(RELEASE_FLAGS)

.PHONY: release-notes
release-notes: ## write what CHANGELOG.md says of the version in VERSION
	@$(GO) run ./deploy/release -notes

# Where a release publishes the image and the chart.
IMAGE           ?= ghcr.io/empirical-exporter/empirical_exporter
IMAGE_PLATFORMS ?= linux/amd64,linux/arm64
CHARTS          ?= oci://ghcr.io/empirical-exporter/charts

IMAGE_BUILD = --target exporter --tag $(IMAGE):$(VERSION) \
	--build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
	--build-arg BRANCH=$(BRANCH) --build-arg BUILD_DATE=$(BUILD_DATE)

.PHONY: image
image: ## build the image for this machine, under the name IMAGE
	docker build $(IMAGE_BUILD) .

# Several platforms need a builder such as `docker buildx create --use` makes, and so
# do the attestations: how the image was built, and its bill of materials.
.PHONY: images
images: ## build the image for all platforms, and keep it in the builder's cache
	docker buildx build --platform $(IMAGE_PLATFORMS) $(IMAGE_BUILD) $(IMAGE_FLAGS) .

publish-image: IMAGE_FLAGS = --push --provenance=mode=max --sbom=true

.PHONY: publish-image
publish-image: images ## push the image for all platforms to the registry of IMAGE

.PHONY: publish-chart
publish-chart: $(HELM) ## push the chart to the registry CHARTS
	set -e; packed=$$(mktemp -d); trap 'rm -r "$$packed"' EXIT; \
	$(HELM) package deploy/helm/empirical-exporter --destination "$$packed"; \
	$(HELM) push "$$packed"/*.tgz $(CHARTS) $(CHART_FLAGS)

.PHONY: tools
tools: $(PROMETHEUS) $(PROMTOOL) $(AMTOOL) $(VICTORIA_METRICS) $(VMAGENT) $(VMALERT) $(HELM) $(HELM_DOCS) $(KUSTOMIZE) $(KUBECTL_VALIDATE) $(CONTROLLER_GEN) $(ACTIONLINT) $(CYCLONEDX_GOMOD) ## build the programs that the checks run

# The modules in .ci/tools pin the versions of the tools. A tool is built again
# when its module changes. The tests need no service discovery of Prometheus, and
# without it Prometheus builds in a fraction of the time.
$(BIN)/prometheus $(BIN)/promtool: .ci/tools/prometheus/go.mod
	$(GO) build -C .ci/tools/prometheus -tags remove_all_sd -ldflags '-s -w' -o $@ github.com/prometheus/prometheus/cmd/$(@F)
	touch $@

$(BIN)/amtool: .ci/tools/prometheus/go.mod
	$(GO) build -C .ci/tools/prometheus -ldflags '-s -w' -o $@ github.com/prometheus/alertmanager/cmd/amtool
	touch $@

$(BIN)/victoria-metrics $(BIN)/vmagent $(BIN)/vmalert: .ci/tools/victoriametrics/go.mod
	$(GO) build -C .ci/tools/victoriametrics -ldflags '-s -w' -o $@ github.com/VictoriaMetrics/VictoriaMetrics/app/$(@F)
	touch $@

$(BIN)/helm: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ helm.sh/helm/v4/cmd/helm
	touch $@

$(BIN)/kustomize: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ sigs.k8s.io/kustomize/kustomize/v5
	touch $@

$(BIN)/helm-docs: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ github.com/norwoodj/helm-docs/cmd/helm-docs
	touch $@

$(BIN)/kubectl-validate: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ sigs.k8s.io/kubectl-validate
	touch $@

$(BIN)/controller-gen: .ci/tools/kubernetes/go.mod
	$(GO) build -C .ci/tools/kubernetes -ldflags '-s -w' -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen
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
