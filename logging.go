package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// logs are two ways into one log.
type logs struct {
	own     log.Logger
	toolkit *slog.Logger // exporter-toolkit speaks log/slog
}

func newLogs(w io.Writer, severity, format string) *logs {
	base := log.NewLogfmtLogger(log.NewSyncWriter(w))
	if format == "json" {
		base = log.NewJSONLogger(log.NewSyncWriter(w))
	}
	// The filter is innermost: around With, it would be the caller.
	base = level.NewFilter(base, level.Allow(level.ParseDefault(severity, level.InfoValue())))
	return &logs{
		own: log.With(base, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller),
		// The filter sees these records too, so slog itself lets all pass.
		toolkit: slog.New(sloggokit.NewGoKitHandler(renameTime(base), slog.LevelDebug)),
	}
}

// renameTime gives the time of slog's records the key and the form that it has
// in all other lines.
func renameTime(next log.Logger) log.Logger {
	return log.LoggerFunc(func(pairs ...any) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			if t, ok := pairs[i+1].(time.Time); ok && pairs[i] == slog.TimeKey {
				pairs[i], pairs[i+1] = "ts", t.UTC()
			}
		}
		return next.Log(pairs...)
	})
}
