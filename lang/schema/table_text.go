package schema

// textKeywords returns the rows of the text level: directives and parameters.
func textKeywords() []group {
	return []group{
		{DirectiveContext, []Keyword{
			{Name: "include", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Doc: "Reads the files that the pattern matches in place of the line; what is missing is only reported."},
			{Name: "includer", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.2.0", Unread: "reads no file", Doc: "Like include, and stops when a matched file cannot be read."},
			{Name: "includem", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.2.0", Unread: "reads no file", Doc: "Like includer, and stops when a plain name matches nothing."},
			{Name: "includew", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.2.0", Unread: "reads no file", Doc: "Like includem, and stops when a pattern with wildcards matches nothing."},
			{Name: "includeb", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.2.0", Unread: "reads no file", Doc: "Like includer, and stops when an alternative in braces matches nothing."},
			{Name: "includea", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.2.0", Unread: "reads no file", Doc: "Like include, with all checks: nothing may be missing."},
			{Name: "$NAME=", Kind: Directive, Args: "text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "1.4.0", Unread: "leaves the line out, and the references as they are", Doc: "Defines a parameter; a backslash at the end continues it on the next line, and it is expanded only where it is used."},
			{Name: "$NAME", Kind: Directive, Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "1.4.0", Doc: "Stands for the value of the parameter, before a blank, a comma, a closing parenthesis or the end of the line."},
			{Name: "${NAME}", Kind: Directive, Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "1.4.0", Doc: "Stands for the value of the parameter, anywhere in a line."},
			{Name: "${NAME args}", Kind: Directive, Args: "word?", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.0.15", Doc: "Stands for the value of a predefined parameter that takes arguments."},
			{Name: "@ID", Kind: Directive, Args: "rest of line", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "1.3.0", Unread: "leaves the line out on every node", Doc: "Keeps the rest of the line on the node whose config id this is."},
			{Name: "@^ID", Kind: Directive, Args: "rest of line", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "1.3.7", Unread: "leaves the line out on every node", Doc: "Keeps the rest of the line on all nodes but the one whose config id this is."},
			{Name: "~SEQ", Kind: Directive, Args: "( VAR , start , step , end ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.0.9", Unread: "leaves the line out", Doc: "Repeats the rest of the line with a parameter that counts from start to end."},
			{Name: "~SEQx", Kind: Directive, Args: "( VAR , start , step , end ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.1.0", Unread: "leaves the line out", Doc: "Repeats the rest of the line with a parameter that counts from start to end in hexadecimal."},
			{Name: "~LST", Kind: Directive, Args: "( VAR , v1 , v2 ... ) text  |  ( {A,B} , {a1,b1} , ... ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested, Since: "2.1.0", Unread: "leaves the line out", Doc: "Repeats the rest of the line with parameters that take the values of a list in turn."},
		}},
		{ParameterContext, []Keyword{
			{Name: "_PWD", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "1.4.3", Unread: "leaves it as it is", Doc: "Directory of the file that is being read."},
			{Name: "_INSTANCE", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "2.0.1", Unread: "leaves it as it is", Doc: "Config id of this node: the option -i, or the host name up to the first dot."},
			{Name: "_RANDOM", Kind: Parameter, Args: "uint? uint?", Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "2.0.15", Unread: "leaves it as it is", Doc: "A random whole number between two bounds, 0 and 32767 if none are given."},
			{Name: "_ENV", Kind: Parameter, Args: "name", Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "2.4.0", Unread: "leaves it as it is", Doc: "Value of the environment variable that the argument names, empty if it is not set."},
			{Name: "_HASH", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "2.1.4", Unread: "leaves it as it is", Doc: "The character #, which begins a comment all the same outside double quotes."},
			{Name: "_BANG", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested, Since: "2.1.4", Unread: "leaves it as it is", Doc: "The character !, which begins a comment all the same outside double quotes."},
		}},
	}
}
