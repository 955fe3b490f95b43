package compiler

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// The bounds of a key in bytes, and of the time window (reference vrrp 1.7).
const (
	minHMACKey      = 32
	maxHMACKey      = 64
	minHMACWindow   = 5 * time.Second
	maxHMACWindow   = 300 * time.Second
	windowIntervals = 3
)

// The words in front of a key.
const (
	keyHex  = "hex:"
	keyFile = "file:"
)

// hmac reads the blocks of auth_hmac. Without a good active key keepalived switches it off.
func (in *instance) hmac() {
	blocks := check.FindAll(in.body, kw.AuthHMAC)
	if len(blocks) == 0 {
		return
	}
	var body []*syntax.Statement
	for _, b := range blocks {
		body = append(body, b.Children()...)
	}
	in.visit(body)
	h := &plan.HMAC{Origin: in.origin(blocks[0]), Replay: plan.ReplayTime, Mode: plan.HMACEnforce}
	bad := false
	for _, s := range body {
		if s.Keyword == nil || s.Keyword.Name != kw.Key {
			continue
		}
		bad = bad || s.Dropped
		if !s.Dropped && !in.hmacKey(h, s) {
			bad = true
		}
	}
	h.ActiveKey = uint8(check.UintArg(body, kw.ActiveKey, 0))
	if text, _, ok := check.Value(body, kw.AntiReplay); ok {
		h.Replay = plan.ReplayMode(text)
	}
	if text, from, ok := check.Value(body, kw.Mode); ok {
		h.Mode = plan.HMACMode(text)
		if in.out.Deviations.Strict && h.Mode != plan.HMACEnforce {
			in.strictChanges(from.Args[0], fmt.Sprintf("strict mode enforces signatures; keepalived ignores \"%s %s\"", kw.Mode, text), "remove it, or leave strict mode")
			h.Mode = plan.HMACEnforce
		}
	}
	h.TimeWindow = in.hmacWindow(body)
	if !in.hmacActive(h, blocks[0], body, bad) {
		return
	}
	if in.out.Auth.Type != plan.AuthNone {
		d := in.warn("hmac-and-auth", diag.Error, in.authFrom.Head,
			fmt.Sprintf("%q and %q stand together; keepalived sends its adverts without the password", kw.AuthHMAC, kw.Authentication),
			fmt.Sprintf("remove the block %q, on every node", kw.Authentication))
		d.Related = append(d.Related, diag.Note{Message: fmt.Sprintf("%q is here", kw.AuthHMAC), Span: blocks[0].Head.Span})
		in.leaveOut(in.authFrom, d.Message+" ["+d.Rule+"]")
		in.out.Auth = plan.Auth{}
	}
	in.out.HMAC = h
}

// hmacWindow is three times the interval as it is written, within its bounds.
func (in *instance) hmacWindow(body []*syntax.Statement) time.Duration {
	if _, _, ok := check.Value(body, kw.TimeWindow); ok {
		return check.SecondsArg(body, kw.TimeWindow, minHMACWindow)
	}
	interval := check.SecondsArg(in.body, kw.AdvertInt, time.Second)
	return min(max(windowIntervals*interval, minHMACWindow), maxHMACWindow).Truncate(time.Second)
}

// hmacActive wants the active key among the good ones.
func (in *instance) hmacActive(h *plan.HMAC, block *syntax.Statement, body []*syntax.Statement, bad bool) bool {
	_, from, ok := check.Value(body, kw.ActiveKey)
	if !ok {
		if !meantElsewhere(block, kw.ActiveKey) {
			in.warn(ruleHMACOff, diag.Error, block.Head, fmt.Sprintf("%q has no %s; keepalived switches it off", kw.AuthHMAC, kw.ActiveKey),
				fmt.Sprintf("write \"%s\" with the number of a key", kw.ActiveKey))
		}
		in.leaveOut(block, "no active key is given ["+ruleHMACOff+"]")
		return false
	}
	for _, k := range h.Keys {
		if k.ID == h.ActiveKey {
			return true
		}
	}
	if !bad { // a key that was dropped is reported
		in.warn(ruleHMACOff, diag.Error, from.Args[0], fmt.Sprintf("key %d is not defined; keepalived switches %q off", h.ActiveKey, kw.AuthHMAC),
			fmt.Sprintf("write \"%s %d\" with a key of %d to %d bytes", kw.Key, h.ActiveKey, minHMACKey, maxHMACKey))
	}
	in.leaveOut(from, "the active key is not defined ["+ruleHMACOff+"]")
	return false
}

// ruleHMACOff is about adverts that go without the signature that was asked for.
const ruleHMACOff = "hmac-off"

// hmacKey reads one key; false where keepalived drops it. Nothing of a key is ever shown.
func (in *instance) hmacKey(h *plan.HMAC, s *syntax.Statement) bool {
	number, _ := s.Arg(0)
	value, ok := s.Arg(1)
	id, isNumber := schema.ParseUint(number.Text)
	if !ok || !isNumber {
		return false
	}
	k := plan.HMACKey{Origin: in.origin(s), ID: uint8(id)}
	for _, other := range h.Keys {
		if other.ID == k.ID {
			in.warn(ruleDuplicateName, diag.Error, number, fmt.Sprintf("key %d is there a second time; keepalived drops this one", id), "give it another number")
			in.leaveOut(s, "the key is there already ["+ruleDuplicateName+"]")
			return false
		}
	}
	switch text := value.Text; {
	case text == keyFile:
		in.warn(ruleInvalid, diag.Error, value, fmt.Sprintf("%q names no file; keepalived drops the key", keyFile), "write the path of the file with the key behind it: file:/etc/keepalived/hmac.key")
		in.leaveOut(s, "no file is named ["+ruleInvalid+"]")
		return false
	case strings.HasPrefix(text, keyFile):
		k.File = strings.TrimPrefix(text, keyFile)
		in.need(plan.NeedFile, k.File, k.Origin)
		h.Keys = append(h.Keys, k)
		return true
	case strings.HasPrefix(text, keyHex):
		raw, err := hex.DecodeString(strings.TrimPrefix(text, keyHex))
		if err != nil {
			in.warn(ruleInvalid, diag.Error, value, fmt.Sprintf("the key behind %q is not made of pairs of hexadecimal digits; keepalived drops it", keyHex), "write 32 to 64 pairs of 0 to 9 and a to f")
			in.leaveOut(s, "the key is no hexadecimal number ["+ruleInvalid+"]")
			return false
		}
		k.Secret = string(raw)
	default:
		k.Secret = text
	}
	if n := len(k.Secret); n < minHMACKey || n > maxHMACKey {
		in.warn("hmac-key-length", diag.Error, value, fmt.Sprintf("the key has %d bytes, %d to %d are allowed; keepalived drops it", n, minHMACKey, maxHMACKey),
			fmt.Sprintf("write a key of %d bytes or more, the same on every node", minHMACKey))
		in.leaveOut(s, "the key is too short or too long [hmac-key-length]")
		return false
	}
	h.Keys = append(h.Keys, k)
	return true
}
