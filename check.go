package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/exporter-toolkit/web"
)

// check looks at the flags together, and at what stands behind them, and
// settles the windows.
func (f *flags) check() error {
	if err := f.settleWindows(); err != nil {
		return err
	}
	if f.maxStaleness <= f.minInterval {
		return fmt.Errorf("--scrape.max-staleness (%s) must be longer than --scrape.min-interval (%s), else snapshots expire before they may be renewed",
			model.Duration(f.maxStaleness), model.Duration(f.minInterval))
	}
	if err := f.checkAddresses(); err != nil {
		return err
	}
	if err := web.Validate(*f.web.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file %q: %w; see https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md", *f.web.WebConfigFile, err)
	}
	return nil
}

// checkAddresses finds what no machine could listen on. Whether this one can is
// known only once it tries.
func (f *flags) checkAddresses() error {
	if *f.web.WebSystemdSocket {
		return nil // the addresses are not looked at then
	}
	for _, address := range *f.web.WebListenAddresses {
		if err := checkAddress(address); err != nil {
			return fmt.Errorf("--web.listen-address %q: %w; write it as :10071, 127.0.0.1:10071 or [::1]:10071", address, err)
		}
	}
	return nil
}

func checkAddress(address string) error {
	if strings.HasPrefix(address, "vsock://") {
		return nil // for the toolkit to read
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
