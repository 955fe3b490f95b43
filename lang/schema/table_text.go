package schema

// textKeywords returns the rows of the text level: directives and parameters.
func textKeywords() []group {
	return []group{
		{"(preprocessor)", []Keyword{
			{Name: "include", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "includer", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "includem", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "includew", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "includeb", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "includea", Kind: Directive, Args: "glob-pattern", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "$NAME=", Kind: Directive, Args: "text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "$NAME", Kind: Directive, Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "${NAME}", Kind: Directive, Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "${NAME args}", Kind: Directive, Args: "word?", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "@ID", Kind: Directive, Args: "rest of line", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "@^ID", Kind: Directive, Args: "rest of line", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "~SEQ", Kind: Directive, Args: "( VAR , start , step , end ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "~SEQx", Kind: Directive, Args: "( VAR , start , step , end ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
			{Name: "~LST", Kind: Directive, Args: "( VAR , v1 , v2 ... ) text  |  ( {A,B} , {a1,b1} , ... ) text", Repeat: RepeatSeparate, Repeatable: true, NoArgument: BareUntested},
		}},
		{"(predefined)", []Keyword{
			{Name: "_PWD", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested},
			{Name: "_INSTANCE", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested},
			{Name: "_RANDOM", Kind: Parameter, Args: "uint? uint?", Repeat: RepeatSeparate, NoArgument: BareUntested},
			{Name: "_ENV", Kind: Parameter, Args: "name", Repeat: RepeatSeparate, NoArgument: BareUntested},
			{Name: "_HASH", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested},
			{Name: "_BANG", Kind: Parameter, Repeat: RepeatSeparate, NoArgument: BareUntested},
		}},
	}
}
