// Command release builds the files of a release: for every platform an archive with
// the exporter and a bill of materials, and the checksums of all files. The same
// commit makes the same files.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	r := release{}
	var date string
	flag.StringVar(&r.version, "version", "", "version without the v, such as 1.2.3")
	flag.StringVar(&r.ldflags, "ldflags", "", "flags for the linker, which set the version in the binary")
	flag.StringVar(&date, "date", "", "time of the commit, RFC 3339: the time of all files in the archives")
	flag.StringVar(&r.source, "source", ".", "top of the repository")
	flag.StringVar(&r.out, "out", "dist", "folder for the release; it must be empty or missing")
	flag.StringVar(&r.gomod, "cyclonedx-gomod", ".bin/cyclonedx-gomod", "program that writes the bills of materials")
	only := flag.String("only", "", "one platform in place of all, such as linux-amd64")
	notes := flag.Bool("notes", false, "write the notes of the release to standard output, and build nothing")
	flag.Parse()
	wanted := slices.DeleteFunc(slices.Clone(platforms), func(p platform) bool { return *only != "" && p.String() != *only })
	var err error
	if *notes {
		err = writeNotes(os.Stdout, r.source)
	} else {
		err = r.announced()
		if err == nil {
			err = r.run(date, wanted)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r *release) run(date string, platforms []platform) error {
	if err := checkVersion(r.version); err != nil {
		return err
	}
	var err error
	if len(platforms) == 0 {
		return errors.New("-only names no platform of a release")
	}
	if r.date, err = time.Parse(time.RFC3339, date); err != nil {
		return fmt.Errorf("-date %q is not an RFC 3339 time: give that of the commit, `git log -1 --format=%%cI`", date)
	}
	if err := r.makeOut(); err != nil {
		return err
	}
	for _, p := range platforms {
		if err := r.make(p); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return r.writeSums()
}

var (
	// tagged matches a semantic version without build metadata, which should not be
	// in the name of an archive.
	tagged = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	// beyond matches what `git describe` adds to the last tag where the commit has none.
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
