package lint

import (
	"path"
	"regexp"
	"slices"
	"strings"

	shell "mvdan.cc/sh/v3/syntax"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// commandText is the command of a statement as its author meant it for a shell: without the quotes
// around the whole, and with quotes inside unescaped.
func commandText(st *syntax.Statement) (string, bool) {
	_, rest, ok := strings.Cut(strings.TrimSpace(st.Raw), st.Head.Text)
	rest = strings.TrimSpace(rest)
	if !ok || rest == "" {
		return "", false
	}
	quote := rest[0]
	if quote != '"' && quote != '\'' {
		// Unquoted: only the first word is the command. Behind script and misc_path nothing else has a
		// meaning, elsewhere a user and a group may follow.
		if st.Head.Text == kw.Script || st.Head.Text == kw.MiscPath {
			return rest, true
		}
		word, _, _ := strings.Cut(rest, " ")
		return word, true
	}
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(rest) && rest[i+1] != ' ' && rest[i+1] != '\t' {
				return "", false // quotes that end in mid-word
			}
			return strings.ReplaceAll(rest[1:i], `\`+string(quote), string(quote)), true
		}
	}
	return "", false
}

// commandSpan is the place of the whole command line behind its keyword.
func commandSpan(st *syntax.Statement) source.Span {
	w, ok := st.Arg(0)
	if !ok {
		return st.Head.Span
	}
	span := w.Span.Join(st.Span)
	if st.Span.File == w.Span.File {
		span = source.Span{File: w.Span.File, Start: w.Span.Start, End: max(w.Span.End, st.Span.End)}
	}
	return withQuotes(span)
}

// withQuotes widens a span by the double quotes right around it.
func withQuotes(s source.Span) source.Span {
	data := s.File.Data
	before := s.Start > 0 && data[s.Start-1] == '"'
	after := s.End < len(data) && data[s.End] == '"'
	if before && after {
		s.Start--
		s.End++
	}
	return s
}

// needsShell finds what in a command only a shell understands.
func needsShell(text string, argv []string) (what string, found bool) {
	if isFileTest(argv) {
		if strings.HasPrefix(text, "</dev/tcp/") || strings.HasPrefix(text, "</dev/udp/") {
			return `"` + text + `"`, true
		}
		return "", false
	}
	file, err := shell.NewParser(shell.Variant(shell.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return brokenShell(text)
	}
	if len(file.Stmts) > 1 {
		return `";"`, true
	}
	for _, stmt := range file.Stmts {
		return statementNeeds(stmt)
	}
	return "", false
}

// statementNeeds judges the only statement of a command.
func statementNeeds(stmt *shell.Stmt) (string, bool) {
	switch {
	case len(stmt.Redirs) > 0:
		return `the redirection "` + stmt.Redirs[0].Op.String() + `"`, true
	case stmt.Background:
		return `"&" at the end`, true
	case stmt.Negated:
		return `"!"`, true
	case stmt.Semicolon.IsValid():
		return `";"`, true
	}
	switch cmd := stmt.Cmd.(type) {
	case *shell.CallExpr:
		return callNeeds(cmd)
	case *shell.BinaryCmd:
		if cmd.Op == shell.Pipe || cmd.Op == shell.PipeAll {
			return `the pipe "` + cmd.Op.String() + `"`, true
		}
		return `"` + cmd.Op.String() + `"`, true
	case *shell.IfClause:
		return `"if"`, true
	case *shell.WhileClause:
		return `"while"`, true
	case *shell.ForClause:
		return `"for"`, true
	case *shell.CaseClause:
		return `"case"`, true
	case *shell.TestClause:
		return `"[["`, true
	case nil:
		return "", false
	}
	return "this text", true
}

// callNeeds judges a plain command: variables, substitutions, and words that only a shell has.
func callNeeds(cmd *shell.CallExpr) (string, bool) {
	if len(cmd.Assigns) > 0 {
		return "an assignment in front of the command", true
	}
	if len(cmd.Args) == 0 {
		return "", false
	}
	program := cmd.Args[0].Lit()
	if isShellWord(program) {
		return `"` + program + `"`, true
	}
	// sh -c '…' has a shell: what stands in its quotes is for that one.
	inner := isShell(program)
	found := ""
	for _, word := range cmd.Args {
		for _, part := range word.Parts {
			if q, ok := part.(*shell.DblQuoted); ok {
				for _, p := range q.Parts {
					if !inner && found == "" {
						found = expansion(p)
					}
				}
				continue
			}
			if found == "" {
				found = expansion(part)
			}
		}
	}
	return found, found != ""
}

// expansion names a part of a word that a shell replaces.
func expansion(part shell.WordPart) string {
	switch p := part.(type) {
	case *shell.ParamExp:
		if p.Param == nil {
			return "the variable"
		}
		return `the variable "$` + p.Param.Value + `"`
	case *shell.CmdSubst:
		return "the command substitution"
	case *shell.ArithmExp:
		return "the arithmetic"
	case *shell.ProcSubst:
		return "the process substitution"
	}
	return ""
}

// brokenShell judges text that is no complete shell command either: only what surely is meant for one.
func brokenShell(text string) (string, bool) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if isShellWord(first) {
		return `"` + first + `"`, true
	}
	for _, sign := range []string{" | ", " && ", " || ", " > ", " 2>", " < "} {
		if strings.Contains(text, sign) {
			return `"` + strings.TrimSpace(sign) + `"`, true
		}
	}
	return "", false
}

// isShellWord reports whether a word means something to a shell and is no program.
func isShellWord(word string) bool {
	return slices.Contains([]string{
		"if", "while", "until", "for", "case", "function", "select", "then", "else", "[[",
		"exit", "cd", "source", ".", "export", "unset", "eval", "exec", "ulimit", "set", "trap", "return", ":",
	}, word)
}

// isShell reports whether a program is a shell.
func isShell(program string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "ksh", "zsh"}, path.Base(program))
}

// isFileTest reports whether keepalived takes the command for a test whether a file can be opened.
func isFileTest(argv []string) bool { return strings.HasPrefix(argv[0], "</") }

var colonPort = regexp.MustCompile(`(/dev/(?:tcp|udp)/[^/:\s'"]+):(\d+)`)

// wrapped is the command line that hands text to a shell, quoted so that keepalived's two rounds of
// splitting give that text back.
func wrapped(text string) string {
	text = strings.TrimSpace(colonPort.ReplaceAllString(text, "$1/$2"))
	program := "/bin/sh"
	if _, err := shell.NewParser(shell.Variant(shell.LangPOSIX)).Parse(strings.NewReader(text), ""); err != nil || strings.Contains(text, "/dev/tcp/") || strings.Contains(text, "/dev/udp/") {
		program = "/bin/bash"
	}
	// A double quote in the middle would end the word for the comment scanner; \x22 is one to nobody
	// but the program that gets the word.
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\x22`).Replace(text)
	return `"` + program + " -c '" + quoted + `'"`
}

// wrapFix replaces the command of a statement. It is offered only where the new line, read the way
// keepalived reads it, gives the shell exactly the text.
func wrapFix(st *syntax.Statement, command string) (diag.Fix, bool) {
	span := commandSpan(st)
	if !strings.HasSuffix(strings.TrimSpace(st.Raw), span.Text()) || strings.Contains(st.Raw, "${") {
		return diag.Fix{}, false
	}
	text, _ := commandText(st)
	line, ok := check.SplitCommand(&syntax.Statement{Raw: st.Head.Text + " " + command})
	want := strings.TrimSpace(colonPort.ReplaceAllString(text, "$1/$2"))
	if !ok || len(line.Argv) != 3 || line.Argv[2] != want || line.User != "" {
		return diag.Fix{}, false
	}
	// A user behind the command would be lost.
	if old, ok := check.SplitCommand(st); !ok || old.User != "" && st.Head.Text != kw.Script && st.Head.Text != kw.MiscPath {
		return diag.Fix{}, false
	}
	return diag.Fix{
		Kind: diag.Intent, Title: "let a shell run the command",
		Edits: []diag.Edit{{Span: span, New: command}},
	}, true
}
