package main

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// tagged is a semantic version without build metadata, which no archive's
	// name should carry.
	tagged = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	// beyond is what `git describe` adds where the commit has no tag itself.
	beyond = regexp.MustCompile(`-\d+-g[0-9a-f]+$`)
)

func checkVersion(version string) error {
	if strings.HasSuffix(version, "-dirty") {
		return fmt.Errorf("-version %q: the work tree has changes that are not committed: commit or stash them, then tag", version)
	}
	if tagged.MatchString(version) && !beyond.MatchString(version) {
		return nil
	}
	return fmt.Errorf("-version %q is not like 1.2.3: tag the commit, `git tag v1.2.3`", version)
}
