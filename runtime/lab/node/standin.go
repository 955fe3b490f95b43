//go:build linux

package node

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/runtime/lab"
)

// standIn is a command that another one takes the place of.
type standIn struct {
	purpose Purpose
	argv    []string
}

// The files of a node's stand-ins.
const (
	standInFile = "standin"
	wordsFile   = "words"
	failDir     = "fail"
)

// standInText is the stand-in: it writes its words, each behind a zero byte, in one write, and fails
// where there is a file of its number. The count in front tells where a record ends.
const standInText = `#!/bin/sh
number=$1
printf '%s\0' "$#" "$@" >` + lab.MountPoint + "/" + wordsFile + `
test ! -e ` + lab.MountPoint + "/" + failDir + `/$number
`

// maxWordBytes and maxWords bound a record of a stand-in.
const (
	maxWordBytes = 1 << 16
	maxWords     = 1 << 12
)

func (n *Node) openStandIns() error {
	dir := n.opt.Dir
	err := os.Mkdir(filepath.Join(dir, failDir), 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, standInFile), []byte(standInText), 0o600)
	}
	if err == nil {
		err = os.Chmod(filepath.Join(dir, standInFile), 0o755) // whatever the umask
	}
	pipe := filepath.Join(dir, wordsFile)
	if err == nil {
		err = unix.Mkfifo(pipe, 0o600)
	}
	if err == nil {
		err = os.Chmod(pipe, 0o622)
	}
	if err != nil {
		return fmt.Errorf("make stand-ins of %s: %w", n.opt.Name, err)
	}
	// Open for both, so that a writer never waits and the reader never sees an end.
	n.words, err = os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("open stand-ins of %s: %w", n.opt.Name, err)
	}
	n.wordsEnd = make(chan struct{})
	go func() {
		defer close(n.wordsEnd)
		n.readWords(n.words)
	}()
	return nil
}

func (n *Node) closeStandIns() error {
	err := n.words.Close()
	<-n.wordsEnd
	return err
}

// StandIn returns the words to put in place of a command's: they run a stand-in that records itself
// under the purpose.
func (n *Node) StandIn(purpose Purpose, argv []string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.standIns = append(n.standIns, standIn{purpose, argv})
	number := strconv.Itoa(len(n.standIns) - 1)
	return append([]string{lab.MountPoint + "/" + standInFile, number}, argv...)
}

// SetFailing lets the stand-in of a tracked script fail from now on, or succeed again.
func (n *Node) SetFailing(script string, failing bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := false
	for i, s := range n.standIns {
		if s.purpose.Script != script {
			continue
		}
		found = true
		name := filepath.Join(n.opt.Dir, failDir, strconv.Itoa(i))
		var err error
		if failing {
			err = os.WriteFile(name, nil, 0o600)
		} else if err = os.Remove(name); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s has no script %q", n.opt.Name, script)
	}
	return nil
}

// readWords turns records into events until the pipe is closed.
func (n *Node) readWords(pipe io.Reader) {
	r := bufio.NewReaderSize(pipe, maxWordBytes)
	for {
		words, err := readRecord(r)
		if err != nil {
			return
		}
		number, err := strconv.Atoi(words[0])
		n.mu.Lock()
		known := err == nil && number >= 0 && number < len(n.standIns)
		var s standIn
		if known {
			s = n.standIns[number]
		}
		n.mu.Unlock()
		if known {
			n.emit(time.Now(), Ran{Purpose: s.purpose, Argv: words[1:]})
		}
	}
}

// readRecord reads a count and as many words. What is no count is skipped: a torn record costs itself.
func readRecord(r *bufio.Reader) ([]string, error) {
	for {
		word, err := readWord(r)
		if err != nil {
			return nil, err
		}
		count, err := strconv.Atoi(word)
		if err != nil || count < 1 || count > maxWords {
			continue
		}
		words := make([]string, count)
		for i := range words {
			if words[i], err = readWord(r); err != nil {
				return nil, err
			}
		}
		return words, nil
	}
}

func readWord(r *bufio.Reader) (string, error) {
	b, err := r.ReadSlice(0)
	return string(bytes.TrimSuffix(b, []byte{0})), err
}
