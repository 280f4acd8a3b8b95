package main

import (
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// init takes the version from the module where the build did not set it, as
// with go install.
func init() {
	if version.Version != "" {
		return
	}
	version.Version = "unknown"
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		version.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
}
