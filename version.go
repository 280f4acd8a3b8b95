package main

import (
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// settleVersion takes the version from the module where the build set none, as
// with go install.
func settleVersion() {
	if version.Version != "" {
		return
	}
	version.Version = "unknown"
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		version.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
}
