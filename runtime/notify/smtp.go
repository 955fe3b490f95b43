//go:build linux

package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"time"
)

const (
	// maxAnswers bounds what a mail server says in one conversation, in bytes.
	maxAnswers = 64 << 10
	// conversation bounds a whole conversation, in timeouts of one answer.
	conversation = 4
)

// Send sends one message. Recipients that the server does not take are returned; where it takes none, or
// the message, that is an error.
func (e Envelope) Send(ctx context.Context, m Message, now time.Time) (refused []error, err error) {
	ctx, cancel := context.WithTimeout(ctx, conversation*e.Timeout)
	defer cancel()
	d := net.Dialer{Timeout: e.Timeout}
	raw, err := d.DialContext(ctx, "tcp", e.Server)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	// What blocks on the connection ends with ctx.
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	host, _, _ := net.SplitHostPort(e.Server)
	c, err := smtp.NewClient(&patientConn{Conn: raw, timeout: e.Timeout, left: maxAnswers}, host)
	if err != nil {
		return nil, err
	}
	if refused, err = e.converse(c, m, now); err != nil {
		return refused, err
	}
	_ = c.Quit() // the message is the server's by now
	return refused, nil
}

// converse goes through the commands up to the message's end.
func (e Envelope) converse(c *smtp.Client, m Message, now time.Time) (refused []error, err error) {
	if err := c.Hello(e.HELO); err != nil {
		return nil, fmt.Errorf("HELO: %w", err)
	}
	if err := c.Mail(bare(e.From)); err != nil {
		return nil, fmt.Errorf("MAIL: %w", err)
	}
	for _, to := range e.To {
		if err := c.Rcpt(bare(to)); err != nil {
			refused = append(refused, fmt.Errorf("RCPT %s: %w", to, err))
		}
	}
	if len(refused) == len(e.To) {
		return nil, errors.Join(refused...)
	}
	w, err := c.Data()
	if err != nil {
		return refused, fmt.Errorf("DATA: %w", err)
	}
	if _, err := w.Write(e.data(m, now)); err != nil {
		return refused, err
	}
	return refused, w.Close()
}

// patientConn bounds each wait, and how much is read in all.
type patientConn struct {
	net.Conn
	timeout time.Duration
	left    int
}

// Read waits for the timeout at most.
func (c *patientConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.New("the server says too much")
	}
	_ = c.SetReadDeadline(time.Now().Add(c.timeout))
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// Write waits for the timeout at most.
func (c *patientConn) Write(b []byte) (int, error) {
	_ = c.SetWriteDeadline(time.Now().Add(c.timeout))
	return c.Conn.Write(b)
}
