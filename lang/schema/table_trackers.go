package schema

// trackerKeywords returns the rows of what instances track.
func trackerKeywords() []group {
	return []group{
		{"vrrp_script", []Keyword{
			{Name: "script", Kind: Value, Args: "command", Default: "none (mandatory)", Requires: "VRRP", Since: "1.1.13", Doc: "The command, quoted as a whole when it has arguments."},
			{Name: "interval", Kind: Value, Args: "dec3[0..4294] s", Default: "1", Requires: "VRRP", Since: "1.1.13", NoArgument: BareExit, OnZero: "1", Doc: "How many seconds lie between the starts of two runs."},
			{Name: "timeout", Kind: Value, Args: "dec3[0..4294] s", Default: "= interval", Requires: "VRRP", Since: "1.2.6", NoArgument: BareExit, OnZero: "1", Doc: "How many seconds a run may take; then it is killed and counts as a failure."},
			{Name: "weight", Kind: MultiValue, Args: "int[-253..253] reverse?", Default: "0", Requires: "VRRP", Since: "1.1.13", NoArgument: BareExit, OnInvalid: "=", Doc: "What is added to the priority: positive while the script succeeds, negative while it fails; 0 makes a failure a fault."},
			{Name: "rise", Kind: Value, Args: "uint[1..2147483647]", Default: "1", Requires: "VRRP", Since: "1.1.18", NoArgument: BareExit, OnInvalid: "1", Doc: "Successes in a row until a failed script counts as good."},
			{Name: "fall", Kind: Value, Args: "uint[1..2147483647]", Default: "1", Requires: "VRRP", Since: "1.1.18", NoArgument: BareExit, OnInvalid: "1", Doc: "Failures in a row until a good script counts as failed."},
			{Name: "user", Kind: MultiValue, Args: "user group?", Default: "script_user", Requires: "VRRP", Since: "1.3.0", NoArgument: BareExit, Doc: "User, and group, that the script runs as."},
			{Name: "init_fail", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "VRRP", Since: "1.3.2", Doc: "The script counts as failed until its first run."},
		}},
		{"vrrp_track_process", []Keyword{
			{Name: "process", Kind: MultiValue, Args: "string+", Default: "none (mandatory)", Repeat: RepeatFirstNoted, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareExit, Doc: "Name of the process; words behind it are parameters that its command line must have."},
			{Name: "param_match", Kind: Value, Args: "enum{initial|partial}?", Default: "none; bare = exact", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.16", Doc: "How the parameters must fit: all of them, the first ones only (partial), or with the last one allowed to go on (initial)."},
			{Name: "weight", Kind: MultiValue, Args: "int[-254..254] reverse?", Default: "0", Repeat: RepeatFirstNoted, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareReport, Doc: "What is added to the priority: positive while the quorum runs, negative while it does not; 0 makes too few or too many a fault."},
			{Name: "quorum", Kind: Value, Args: "uint[1..65535]", Default: "1", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareExit, Doc: "Least number of copies that must run."},
			{Name: "quorum_max", Kind: Value, Args: "uint[0..65535]", Default: "unlimited", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.16", NoArgument: BareExit, Doc: "Greatest number of copies that may run; 0 means that none may."},
			{Name: "delay", Kind: Value, Args: "dec6[0.000001..3600] s", Default: "0", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareExit, Doc: "Sets fork_delay and terminate_delay together, in seconds."},
			{Name: "terminate_delay", Kind: Value, Args: "dec6[0.000001..3600] s", Default: "0", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.16", NoArgument: BareExit, Doc: "How many seconds the loss of the quorum must last before it counts."},
			{Name: "fork_delay", Kind: Value, Args: "dec6[0.000001..3600] s", Default: "0", Requires: "VRRP+TRACK_PROCESS", Since: "2.0.16", NoArgument: BareExit, Doc: "How many seconds the gain of the quorum must last before it counts."},
			{Name: "full_command", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", Doc: "Compares with the whole command line instead of the short name that the kernel keeps."},
		}},
		{"track_file", []Keyword{
			{Name: "file", Kind: Value, Args: "path", Default: "none (mandatory)", Repeat: RepeatFirstNoted, Requires: "VRRP|LVS", Since: "2.1.0", NoArgument: BareReport, Doc: "Path of the file; it holds one number, and a missing or empty file counts as 0."},
			{Name: "weight", Kind: MultiValue, Args: "int[-254..254] reverse?", Default: "1", Repeat: RepeatFirstNoted, Requires: "VRRP|LVS", Since: "2.1.0", NoArgument: BareReport, Doc: "What the number is multiplied by where the user of the file sets no weight of its own; with 0 any number but 0 is a fault."},
			{Name: "init_file", Kind: MultiValue, Args: "( int | overwrite )*", Default: "off; value 0", Requires: "VRRP|LVS", Since: "2.1.0", Doc: "Writes the file at the start when it is missing, with 0 or the number given."},
		}},
		{"vrrp_track_file", []Keyword{
			{Name: "file", Kind: Value, Args: "path", Default: "none (mandatory)", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "2.0.0", NoArgument: BareReport, Doc: "Path of the file; it holds one number, and a missing or empty file counts as 0."},
			{Name: "weight", Kind: MultiValue, Args: "int[-254..254] reverse?", Default: "1", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "2.0.0", NoArgument: BareReport, Doc: "What the number is multiplied by where the user of the file sets no weight of its own; with 0 any number but 0 is a fault."},
			{Name: "init_file", Kind: MultiValue, Args: "( int | overwrite )*", Default: "off; value 0", Requires: "VRRP", Since: "2.0.0", Doc: "Writes the file at the start when it is missing, with 0 or the number given."},
		}},
		{"vrrp_script/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Turn the meaning of the result around."},
		}},
		{"vrrp_track_process/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested, Doc: "Takes running for not running and the other way round."},
		}},
		{"track_file/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "Turns the sign of the contribution around."},
		}},
		{"track_file/init_file/<args>", []Keyword{
			{Name: "overwrite", Kind: OptionToken, Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "Writes the file at the start even if it exists."},
		}},
		{"vrrp_track_file/weight/<args>", []Keyword{
			{Name: "reverse", Kind: OptionToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Turns the sign of the contribution around."},
		}},
		{"vrrp_track_file/init_file/<args>", []Keyword{
			{Name: "overwrite", Kind: OptionToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Writes the file at the start even if it exists."},
		}},
	}
}
