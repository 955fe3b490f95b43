package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sourcegraph/jsonrpc2"
)

// Bounds of a message: the largest documents fit, and nothing that a broken length names is kept.
const (
	maxMessageBytes = 64 << 20
	maxHeaderBytes  = 4 << 10
)

// frames is a stream of messages with Content-Length headers. What is no message is answered with an
// error and left behind; the stream ends only where the next message cannot be found.
type frames struct {
	jsonrpc2.ObjectStream
	in *bufio.Reader
}

// stdio joins the two directions of a stream; the process closes them.
type stdio struct {
	io.Reader
	io.Writer
}

// Close does nothing.
func (stdio) Close() error { return nil }

func newFrames(in io.Reader, out io.Writer) *frames {
	return &frames{
		ObjectStream: jsonrpc2.NewBufferedStream(stdio{in, out}, jsonrpc2.VSCodeObjectCodec{}),
		in:           bufio.NewReader(in),
	}
}

// ReadObject reads the next message into v.
func (f *frames) ReadObject(v any) error {
	for {
		body, err := f.next()
		if err != nil {
			return err
		}
		if body == nil {
			if err := f.complain(nil, jsonrpc2.CodeInvalidRequest, fmt.Sprintf("the message is larger than %d MiB", maxMessageBytes>>20)); err != nil {
				return err
			}
			continue
		}
		err = json.Unmarshal(body, v)
		if err == nil {
			return nil
		}
		code := int64(jsonrpc2.CodeInvalidRequest)
		if !json.Valid(body) {
			code = jsonrpc2.CodeParseError
		}
		if err := f.complain(body, code, "not a message: "+err.Error()); err != nil {
			return err
		}
	}
}

// next reads one message; nil is one that is too large.
func (f *frames) next() ([]byte, error) {
	length, err := f.header()
	if err != nil {
		return nil, err
	}
	if length > maxMessageBytes {
		_, err := io.CopyN(io.Discard, f.in, length)
		return nil, err
	}
	// The buffer grows with what comes: a length alone takes no memory.
	var body bytes.Buffer
	if _, err := io.CopyN(&body, f.in, length); err != nil {
		return nil, err
	}
	return append([]byte{}, body.Bytes()...), nil
}

var errNoLength = errors.New("a message without Content-Length")

// header reads up to the empty line and returns the length of what follows.
func (f *frames) header() (int64, error) {
	length, read := int64(-1), 0
	for {
		line, err := f.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if read += len(line); read > maxHeaderBytes {
			return 0, errors.New("the header of a message is too long")
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			if length < 0 {
				return 0, errNoLength
			}
			return length, nil
		}
		name, value, _ := strings.Cut(text, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if length, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil || length < 0 {
				return 0, errNoLength
			}
		}
	}
}

// complain answers a message that cannot be read, with its id where it has one.
func (f *frames) complain(body []byte, code int64, message string) error {
	var sent struct {
		ID json.RawMessage `json:"id"`
	}
	_ = json.Unmarshal(body, &sent)
	if len(sent.ID) == 0 {
		sent.ID = json.RawMessage("null")
	}
	return f.WriteObject(map[string]any{
		"jsonrpc": "2.0", "id": sent.ID, "error": jsonrpc2.Error{Code: code, Message: message},
	})
}
