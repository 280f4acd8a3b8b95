# `make image` builds it with the version, the commit and its time.

FROM --platform=$BUILDPLATFORM golang:1.26.8-trixie AS build
ARG TARGETOS TARGETARCH
ARG VERSION=unknown REVISION=unknown BRANCH=unknown BUILD_DATE=unknown
WORKDIR /src
# Modules change less often than code. In a layer of their own they stay cached.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# Two binaries, each for the image of its name below. The compiler runs on the
# builder's architecture and compiles for that of the image.
RUN export CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
 && info=github.com/prometheus/common/version \
 && go build -trimpath -o /out/empirical_exporter -ldflags "-s -w \
      -X $info.Version=$VERSION -X $info.Revision=$REVISION \
      -X $info.Branch=$BRANCH -X $info.BuildDate=$BUILD_DATE" . \
 && go build -trimpath -ldflags '-s -w' -o /out/fakeapi ./apiclient/apitest/fakeapi

# The API in memory, for demos: docker build --target fakeapi …
FROM scratch AS fakeapi
COPY --from=build /out/fakeapi /fakeapi
# A number: with a name Kubernetes cannot check that the user is not root.
USER 65534:65534
EXPOSE 10072
ENTRYPOINT ["/fakeapi"]
CMD ["--listen-address=:10072"]

FROM scratch AS exporter
ARG VERSION=unknown REVISION=unknown BUILD_DATE=unknown
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$BUILD_DATE" \
      org.opencontainers.image.title="empirical_exporter" \
      org.opencontainers.image.description="Prometheus exporter for Empirical test runs" \
      org.opencontainers.image.vendor="empirical_exporter maintainers" \
      org.opencontainers.image.url="https://github.com/empirical-exporter/empirical_exporter" \
      org.opencontainers.image.documentation="https://github.com/empirical-exporter/empirical_exporter/blob/main/README.md" \
      org.opencontainers.image.source="https://github.com/empirical-exporter/empirical_exporter" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/empirical_exporter /bin/empirical_exporter
USER 65534:65534
EXPOSE 10071
ENTRYPOINT ["/bin/empirical_exporter"]
