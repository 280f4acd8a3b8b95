package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// entry is a file of an archive: where it is read, and its path in the archive's
// folder, with slashes.
type entry struct{ path, name string }

// archive packs files into one folder of the release's name: a zip for Windows,
// a tar.gz for the others. Order, times, owners and modes are fixed.
func (r *release) archive(p platform, files []entry) error {
	if p.os == "windows" {
		return create(filepath.Join(r.out, r.name(p)+".zip"), func(out io.Writer) error {
			return r.zip(p, out, files)
		})
	}
	return create(filepath.Join(r.out, r.name(p)+".tar.gz"), func(out io.Writer) error {
		return r.tar(p, out, files)
	})
}

// create writes a file. A failure to close it is a failure to write it.
func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

func (r *release) tar(p platform, out io.Writer, files []entry) error {
	packed := gzip.NewWriter(out)
	archive := tar.NewWriter(packed)
	for _, file := range files {
		content, err := os.ReadFile(file.path)
		if err != nil {
			return err
		}
		err = archive.WriteHeader(&tar.Header{
			Name: r.name(p) + "/" + file.name, Mode: int64(mode(p, file.name)), Size: int64(len(content)),
			ModTime: r.date, Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		})
		if err != nil {
			return err
		}
		if _, err := archive.Write(content); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), packed.Close())
}

func (r *release) zip(p platform, out io.Writer, files []entry) error {
	archive := zip.NewWriter(out)
	for _, file := range files {
		content, err := os.ReadFile(file.path)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{
			Name: r.name(p) + "/" + file.name, Method: zip.Deflate, Modified: r.date.UTC(),
		}
		header.SetMode(mode(p, file.name))
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// mode returns the mode of a file in an archive: only the program is executable.
func mode(p platform, name string) os.FileMode {
	if name == p.program() {
		return 0o755
	}
	return 0o644
}
