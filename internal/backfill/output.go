package backfill

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// output is where the past goes: a file, a directory of files, or a stream. Until all
// is written, file and directory have another name.
type output struct {
	name    string // when it is complete; empty for a stream
	partial string // until then
	isDir   bool
	block   time.Time // in a directory, of the file that is being written
	buffer  *bufio.Writer
	gzip    *gzip.Writer // nil where nothing is compressed
	file    *os.File     // nil for a stream, and where no file is open
}

// standardOutput is the name of the output that is the standard output.
const standardOutput = "-"

// bufferSize is how much is written at a time.
const bufferSize = 1 << 18

// newOutput opens an output. It makes sure that it can be written.
func newOutput(name string, stdout io.Writer) (*output, error) {
	if name == standardOutput {
		return &output{buffer: bufio.NewWriterSize(stdout, bufferSize)}, nil
	}
	o := &output{name: filepath.Clean(name), isDir: os.IsPathSeparator(name[len(name)-1])}
	o.partial = o.name + ".partial-" + strconv.FormatUint(uint64(rand.Uint32()), 36) //nolint:gosec // a name that is free, not a secret
	if err := o.checkFree(); err != nil {
		return nil, err
	}
	if !o.isDir {
		return o, o.open(o.partial)
	}
	if err := os.Mkdir(o.partial, 0o777); err != nil { //nolint:gosec // the umask says who may read it
		return nil, o.failed(err)
	}
	return o, nil
}

// checkFree refuses a name that is taken.
func (o *output) checkFree() error {
	switch _, err := os.Lstat(o.name); {
	case err == nil:
		return fmt.Errorf("%s is there already; remove it, or name another --output", o.name)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return o.failed(err)
	}
}

// failed says that the output cannot be written. It shows no temporary name.
func (o *output) failed(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	name := o.name
	if name == "" {
		name = "the standard output"
	}
	return fmt.Errorf("%s cannot be written: %w", name, err)
}

func (o *output) open(path string) (err error) {
	o.file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) //nolint:gosec // the umask says who may read it
	if err != nil {
		return o.failed(err)
	}
	o.buffer = bufio.NewWriterSize(o.file, bufferSize)
	if !o.isDir && strings.HasSuffix(o.name, ".gz") {
		o.gzip, _ = gzip.NewWriterLevel(o.buffer, gzip.BestSpeed) // fails for unknown levels only
	}
	return nil
}

// begin says of which block the samples are that are written next. In a directory
// each block has a file of its own.
func (o *output) begin(block time.Time) error {
	if !o.isDir || block.Equal(o.block) {
		return nil
	}
	if err := o.end(); err != nil {
		return err
	}
	o.block = block
	return o.open(filepath.Join(o.partial, block.UTC().Format("2006-01-02T15")+".om"))
}

// Write implements io.Writer.
func (o *output) Write(text []byte) (n int, err error) {
	if o.gzip != nil {
		n, err = o.gzip.Write(text)
	} else {
		n, err = o.buffer.Write(text)
	}
	if err != nil {
		return n, o.failed(err)
	}
	return n, nil
}

// end ends what is being written, and makes sure that it is on the disk.
func (o *output) end() error {
	if o.buffer == nil {
		return nil
	}
	if _, err := o.Write([]byte("# EOF\n")); err != nil {
		return err
	}
	if o.gzip != nil {
		if err := o.gzip.Close(); err != nil {
			return o.failed(err)
		}
	}
	if err := o.buffer.Flush(); err != nil {
		return o.failed(err)
	}
	if o.file == nil {
		return nil
	}
	err := errors.Join(o.file.Sync(), o.file.Close())
	o.file, o.buffer = nil, nil
	if err != nil {
		return o.failed(err)
	}
	return nil
}

// commit ends the output and gives it its name.
func (o *output) commit() error {
	if err := o.end(); err != nil || o.name == "" {
		return err
	}
	if o.isDir {
		syncDirectory(o.partial)
	}
	if err := o.checkFree(); err != nil {
		return err
	}
	if err := os.Rename(o.partial, o.name); err != nil {
		return o.failed(err)
	}
	syncDirectory(filepath.Dir(o.name))
	return nil
}

// syncDirectory makes sure that names in a directory are on the disk, where the
// system can do that.
func syncDirectory(path string) {
	if d, err := os.Open(path); err == nil { //nolint:gosec // the user names the output
		_ = d.Sync()
		_ = d.Close()
	}
}

// discard removes what has not been committed.
func (o *output) discard() {
	if o.name == "" {
		return
	}
	if o.file != nil {
		_ = o.file.Close()
	}
	_ = os.RemoveAll(o.partial)
}
