// Command release builds what a release is made of, for every platform: an
// archive with the exporter, a bill of its materials, and checksums of all.
// The same commit makes the same archives.
package main

import (
	"flag"
	"fmt"
	"os"
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
	flag.Parse()
	if err := r.run(date, platforms); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r *release) run(date string, platforms []platform) error {
	if err := checkVersion(r.version); err != nil {
		return err
	}
	var err error
	if r.date, err = time.Parse(time.RFC3339, date); err != nil {
		return fmt.Errorf("-date %q is no RFC 3339 time: give that of the commit, `git log -1 --format=%%cI`", date)
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
