package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/go-kit/log/level"
)

func newLoggers(w io.Writer, severity, format string) *Loggers {
	return (&Config{log: logFlags{severity, format}}).Loggers(w)
}

func TestLoggers_Logfmt(t *testing.T) {
	var out bytes.Buffer
	loggers := newLoggers(&out, "info", "logfmt")
	_ = level.Debug(loggers.Exporter).Log("msg", "unheard")
	loggers.Toolkit.Debug("unheard")
	_ = level.Info(loggers.Exporter).Log("msg", "own", "n", 1)
	loggers.Toolkit.Info("toolkit", "n", 2)

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("not two lines:\n%s", out.String())
	}
	for i, line := range lines {
		for _, once := range []string{`level=info`, `ts=\d{4}-\d\d-\d\dT[0-9:.]+Z`, `caller=logging_test\.go:\d+`, `msg=\w+`, `n=\d`} {
			if got := len(regexp.MustCompile(`(^| )`+once+`( |$)`).FindAllString(line, -1)); got != 1 {
				t.Errorf("line %d has %s %d times: %s", i, once, got, line)
			}
		}
		if got := len(strings.Fields(line)); got != 5 {
			t.Errorf("line %d has %d pairs, want 5: %s", i, got, line)
		}
	}
}

func TestLoggers_JSON(t *testing.T) {
	var out bytes.Buffer
	loggers := newLoggers(&out, "debug", "json")
	_ = level.Error(loggers.Exporter).Log("msg", "own", "err", errors.New("broken"))
	loggers.Toolkit.Debug("toolkit")
	lines := json.NewDecoder(&out)
	for _, want := range []map[string]string{
		{"level": "error", "msg": "own", "err": "broken"},
		{"level": "debug", "msg": "toolkit"},
	} {
		got := map[string]string{}
		if err := lines.Decode(&got); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s is %q, want %q, in %v", key, got[key], value, got)
			}
		}
	}
}

func TestLoggers_Levels(t *testing.T) {
	for severity, want := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		var out bytes.Buffer
		loggers := newLoggers(&out, severity, "logfmt")
		_ = level.Debug(loggers.Exporter).Log()
		_ = level.Info(loggers.Exporter).Log()
		_ = level.Warn(loggers.Exporter).Log()
		_ = level.Error(loggers.Exporter).Log()
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("%s lets %d lines pass, want %d", severity, got, want)
		}
	}
}
