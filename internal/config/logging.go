package config

import (
	"io"
	"log/slog"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// Loggers are two ways into one log.
type Loggers struct {
	Exporter log.Logger
	// Toolkit is for exporter-toolkit, which logs with log/slog.
	Toolkit *slog.Logger
}

// Loggers makes the loggers, which write to w.
func (c *Config) Loggers(w io.Writer) *Loggers {
	base := log.NewLogfmtLogger(log.NewSyncWriter(w))
	if c.log.format == "json" {
		base = log.NewJSONLogger(log.NewSyncWriter(w))
	}
	// The filter is innermost. Around With it would be the caller that is logged.
	base = level.NewFilter(base, level.Allow(level.ParseDefault(c.log.level, level.InfoValue())))
	return &Loggers{
		Exporter: log.With(base, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller),
		// The filter sees these records too, so slog itself lets all pass.
		Toolkit: slog.New(sloggokit.NewGoKitHandler(renameTime(base), slog.LevelDebug)),
	}
}

// renameTime gives the time in slog's records the name and the form that it has
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
