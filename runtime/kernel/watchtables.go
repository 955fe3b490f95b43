//go:build linux

package kernel

import (
	"context"
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// tablesGroup is the group of messages about nftables; tableDeleted is the type of the one about a table that
// is gone (linux/netfilter/nfnetlink.h, nf_tables.h).
const (
	tablesGroup  = 1 << (unix.NFNLGRP_NFTABLES - 1)
	tableDeleted = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_DELTABLE
)

// WatchTables tells when a table of nftables was deleted, whosever it was, or may have been: messages were
// lost. The channel is closed when ctx ends. A slow reader hears of many at once.
func (h *Handle) WatchTables(ctx context.Context) (<-chan struct{}, error) {
	config := &netlink.Config{Groups: tablesGroup}
	here, err := h.inOwn()
	if err != nil {
		return nil, err
	}
	if !here {
		config.NetNS = int(h.ns)
	}
	c, err := netlink.Dial(unix.NETLINK_NETFILTER, config)
	if err != nil {
		return nil, fmt.Errorf("subscribe to nftables: %w", err)
	}
	out := make(chan struct{}, 1)
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	go func() {
		defer close(out)
		defer func() {
			if stop() {
				_ = c.Close()
			}
		}()
		for {
			gone, err := tablesGone(c)
			if err != nil {
				return
			}
			if !gone {
				continue
			}
			select {
			case out <- struct{}{}:
			default: // it will be read
			}
		}
	}()
	return out, nil
}

// tablesGone waits for messages, and reports whether one is about a table that is gone.
func tablesGone(c *netlink.Conn) (bool, error) {
	msgs, err := c.Receive()
	if errors.Is(err, unix.ENOBUFS) {
		return true, nil
	}
	for _, m := range msgs {
		if m.Header.Type == tableDeleted {
			return true, err
		}
	}
	return false, err
}
