package check

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// barAfter is how long a reading may take without a bar.
	barAfter = time.Second
	barEvery = 200 * time.Millisecond
	barWidth = 30
)

// showProgress shows how far the reading is, until stop is called.
func (c *checker) showProgress() (stop func()) {
	if c.out.Progress == nil {
		return func() {}
	}
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		timer := time.NewTimer(barAfter)
		defer timer.Stop()
		shown := false
		for {
			select {
			case <-ended:
				if shown {
					writeBar(c.out.Progress, "")
				}
				return
			case <-timer.C:
				shown = true
				writeBar(c.out.Progress, c.bar())
				timer.Reset(barEvery)
			}
		}
	}()
	return func() {
		close(ended)
		<-gone
	}
}

// bar says how far the reading of all keys is.
func (c *checker) bar() string {
	read, of, trouble := 0, 0, ""
	for _, key := range c.keys {
		r, all, last := c.observers[key.Name].progress()
		read, of = read+r, of+all
		if last != "" {
			trouble = ", last answer: " + last
		}
	}
	if of == 0 {
		return "waiting for the API" + trouble
	}
	filled := barWidth * read / of
	return fmt.Sprintf("reading runs [%s%s] %s of %s%s", strings.Repeat("#", filled), strings.Repeat("-", barWidth-filled), number(read), number(of), trouble)
}

// writeBar writes a text in place of the line that the cursor is in.
func writeBar(w io.Writer, text string) {
	_, _ = io.WriteString(w, "\r\x1b[K"+text) // a bar that cannot be shown is not missed
}
