package config

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// Validate checks together the flags that concern the API and the runs, with the
// variables of the environment that Go itself reads, and decides on the windows.
func (c *Config) Validate() error {
	if err := checkEnvironment(os.Getenv); err != nil {
		return err
	}
	return c.resolveWindows()
}

// ValidateServing checks together the flags that only serving needs, with the
// files that they name.
func (c *Config) ValidateServing() error {
	if c.Collector.MaxStaleness <= c.Collector.MinInterval {
		return fmt.Errorf("--scrape.max-staleness (%s) must be longer than --scrape.min-interval (%s), else snapshots expire before they may be renewed",
			model.Duration(c.Collector.MaxStaleness), model.Duration(c.Collector.MinInterval))
	}
	if err := c.checkAddresses(); err != nil {
		return err
	}
	if err := web.Validate(*c.Listen.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file %q: %w; see https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md", *c.Listen.WebConfigFile, err)
	}
	return nil
}

// resolveWindows makes windows of the names. Without names the defaults are kept
// that are no longer than the lookback.
func (c *Config) resolveWindows() error {
	c.Collector.Windows = nil
	if len(c.windowNames) == 0 {
		for _, window := range collector.DefaultConfig().Windows {
			if window.Length > c.Collector.Lookback {
				c.DroppedWindows = append(c.DroppedWindows, window.Name)
				continue
			}
			c.Collector.Windows = append(c.Collector.Windows, window)
		}
		return nil
	}
	named := map[time.Duration]string{}
	for _, name := range c.windowNames {
		length, err := positiveDuration(name)
		if err != nil {
			return &ValueError{"runs.window", name, err}
		}
		if length > c.Collector.Lookback {
			return fmt.Errorf("--runs.window %q: longer than the lookback; make --runs.lookback longer than %s or the window shorter", name, model.Duration(c.Collector.Lookback))
		}
		if other, ok := named[length]; ok {
			return fmt.Errorf("--runs.window %q: as long as the window %q; name each length once", name, other)
		}
		named[length] = name
		c.Collector.Windows = append(c.Collector.Windows, collector.Window{Name: name, Length: length})
	}
	return nil
}

// checkAddresses finds addresses that no machine can listen on. Whether this
// machine can is known only once it tries.
func (c *Config) checkAddresses() error {
	if *c.Listen.WebSystemdSocket {
		return nil // systemd listens; the addresses are not used
	}
	for _, address := range *c.Listen.WebListenAddresses {
		if err := checkAddress(address); err != nil {
			return fmt.Errorf("--web.listen-address %q: %w; write it as :10071, 127.0.0.1:10071 or [::1]:10071", address, err)
		}
	}
	return nil
}

func checkAddress(address string) error {
	if strings.HasPrefix(address, "vsock://") {
		return nil // exporter-toolkit checks it
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("not a host and a port")
	}
	if _, err := net.DefaultResolver.LookupPort(context.Background(), "tcp", port); err != nil || port == "" {
		return errors.New("not a port")
	}
	return nil
}
