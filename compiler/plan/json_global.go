package plan

// The JSON types of global_defs and of the words of the top level.

type jsonGlobal struct {
	RouterID       text            `json:"router_id,omitempty"`
	ScriptUser     text            `json:"script_user,omitempty"`
	ScriptGroup    text            `json:"script_group,omitempty"`
	ScriptSecurity bool            `json:"script_security"`
	Mail           *jsonMail       `json:"mail,omitempty"`
	Startup        *jsonHookScript `json:"startup,omitempty" jsonschema:"runs before the director starts"`
	Shutdown       *jsonHookScript `json:"shutdown,omitempty" jsonschema:"runs after it has stopped"`
	Processes      *jsonProcesses  `json:"processes,omitempty"`
	FIFOs          *jsonFIFOs      `json:"fifos,omitempty"`
	VRRP           *jsonVRRPGlobal `json:"vrrp,omitempty"`
	LVS            *jsonLVSGlobal  `json:"lvs,omitempty"`
	Firewall       *jsonFirewall   `json:"firewall,omitempty"`
	Buffers        *jsonBuffers    `json:"buffers,omitempty"`
	SNMP           *jsonSNMP       `json:"snmp,omitempty"`
	DBus           *jsonDBus       `json:"dbus,omitempty"`
	Files          *jsonFiles      `json:"files,omitempty"`
	Run            *jsonRun        `json:"run,omitempty"`
}

type jsonMail struct {
	Origin              origin `json:"origin"`
	Recipients          []text `json:"recipients"`
	From                text   `json:"from,omitempty"`
	Server              text   `json:"server,omitempty" jsonschema:"host:port"`
	ConnectTimeoutMs    int64  `json:"connect_timeout_ms"`
	HELO                text   `json:"helo,omitempty"`
	VRRPAlerts          bool   `json:"vrrp_alerts"`
	VirtualServerAlerts bool   `json:"virtual_server_alerts"`
	RealServerAlerts    bool   `json:"real_server_alerts"`
	NoFaults            bool   `json:"no_faults"`
	NoChecks            bool   `json:"no_checks"`
}

type jsonHookScript struct {
	Command   jsonCommand `json:"command"`
	TimeoutMs int64       `json:"timeout_ms"`
}

type jsonProcesses struct {
	Origin                 origin      `json:"origin"`
	Name                   text        `json:"name,omitempty"`
	VRRP                   jsonProcess `json:"vrrp"`
	Checks                 jsonProcess `json:"checks"`
	BFD                    jsonProcess `json:"bfd"`
	MaxAutoPriority        int         `json:"max_auto_priority"`
	MinAutoPriorityDelayUs int64       `json:"min_auto_priority_delay_us"`
}

type jsonProcess struct {
	Name             text  `json:"name,omitempty"`
	Nice             int   `json:"nice"`
	NoSwap           bool  `json:"no_swap"`
	RealTimePriority int   `json:"real_time_priority" jsonschema:"0: none"`
	RealTimeLimitUs  int64 `json:"real_time_limit_us" jsonschema:"0: no bound"`
	CPUs             []int `json:"cpus,omitempty"`
}

type jsonFIFOs struct {
	Origin          origin    `json:"origin"`
	All             *jsonFIFO `json:"all,omitempty"`
	VRRP            *jsonFIFO `json:"vrrp,omitempty"`
	LVS             *jsonFIFO `json:"lvs,omitempty"`
	PriorityChanges bool      `json:"priority_changes"`
	StatesOnReload  bool      `json:"states_on_reload"`
}

type jsonFIFO struct {
	Origin origin       `json:"origin"`
	Path   text         `json:"path,omitempty"`
	User   text         `json:"user,omitempty"`
	Group  text         `json:"group,omitempty"`
	Script *jsonCommand `json:"script,omitempty"`
}

type jsonVRRPGlobal struct {
	Origin              origin `json:"origin"`
	Strict              bool   `json:"strict"`
	NoAdvertToLower     bool   `json:"no_advert_to_lower"`
	AdvertToHigher      bool   `json:"advert_to_higher"`
	CheckUnicastSource  bool   `json:"check_unicast_source"`
	SkipAddressCheck    bool   `json:"skip_address_check"`
	ChecksumAsV2        bool   `json:"checksum_as_v2"`
	OwnerIgnoresAdverts bool   `json:"owner_ignores_adverts"`
	LogUnknownVRIDs     bool   `json:"log_unknown_vrids"`
	DynamicInterfaces   bool   `json:"dynamic_interfaces"`
	ChangingInterfaces  bool   `json:"changing_interfaces"`
	NoLocalIGMP         bool   `json:"no_local_igmp"`
	GARPIntervalUs      int64  `json:"garp_interval_us"`
	NAIntervalUs        int64  `json:"na_interval_us"`
	ExtraIntervalS      int64  `json:"extra_interval_s" jsonschema:"0: off"`
	ExtraAll            bool   `json:"extra_all"`
	StartupDelayUs      int64  `json:"startup_delay_us"`
	AfterBootUs         int64  `json:"after_boot_us"`
	MACPrefix           text   `json:"mac_prefix,omitempty"`
	AddressMACPrefix    text   `json:"address_mac_prefix,omitempty"`
}

type jsonLVSGlobal struct {
	Origin         origin          `json:"origin"`
	TCPS           int64           `json:"tcp_s" jsonschema:"0 leaves the kernel's"`
	TCPFINS        int64           `json:"tcpfin_s"`
	UDPS           int64           `json:"udp_s"`
	FlushOnStart   bool            `json:"flush_on_start"`
	FlushOnStop    string          `json:"flush_on_stop" jsonschema:"none, own, all"`
	Sync           *jsonSyncDaemon `json:"sync,omitempty"`
	LogAllFailures bool            `json:"log_all_failures"`
	NotifyAtStart  bool            `json:"notify_at_start"`
}

type jsonSyncDaemon struct {
	Origin    origin   `json:"origin"`
	Interface text     `json:"interface"`
	Instance  text     `json:"instance,omitempty"`
	ID        int64    `json:"id"`
	MaxLength int64    `json:"max_length" jsonschema:"bytes; 0 leaves the kernel's"`
	Port      int64    `json:"port"`
	TTL       int64    `json:"ttl"`
	Group     addrText `json:"group,omitempty"`
}

type jsonFirewall struct {
	Origin   origin            `json:"origin"`
	IPTables *jsonIPTables     `json:"iptables,omitempty"`
	NFTables *jsonNFTables     `json:"nftables_table,omitempty"`
	IPVS     *jsonNFTablesIPVS `json:"ipvs_marks,omitempty"`
	Counters bool              `json:"counters"`
}

type jsonIPTables struct {
	Input  text   `json:"input,omitempty"`
	Output text   `json:"output,omitempty"`
	Sets   []text `json:"sets,omitempty"`
}

type jsonNFTables struct {
	Table    text  `json:"table,omitempty"`
	Priority int64 `json:"priority"`
	ByIndex  bool  `json:"by_index"`
}

type jsonNFTablesIPVS struct {
	Table     text  `json:"table,omitempty"`
	Priority  int64 `json:"priority"`
	FirstMark int64 `json:"first_mark"`
}

type jsonBuffers struct {
	Origin           origin     `json:"origin"`
	VRRPCommand      jsonBuffer `json:"vrrp_command"`
	VRRPMonitor      jsonBuffer `json:"vrrp_monitor"`
	LVSCommand       jsonBuffer `json:"lvs_command"`
	LVSMonitor       jsonBuffer `json:"lvs_monitor"`
	ProcessMonitor   jsonBuffer `json:"process_monitor"`
	AdvertMTU        bool       `json:"advert_mtu"`
	AdvertMessages   bool       `json:"advert_messages"`
	AdvertBytes      int64      `json:"advert_bytes"`
	AdvertMultiplier int64      `json:"advert_multiplier"`
}

type jsonBuffer struct {
	Bytes int64 `json:"bytes"`
	Force bool  `json:"force"`
}

type jsonSNMP struct {
	Origin                  origin `json:"origin"`
	Socket                  text   `json:"socket,omitempty"`
	Traps                   bool   `json:"traps"`
	VRRP                    bool   `json:"vrrp"`
	RFC2                    bool   `json:"rfc2787"`
	RFC3                    bool   `json:"rfc6527"`
	Checks                  bool   `json:"checks"`
	VirtualServerIntervalUs int64  `json:"virtual_server_interval_us"`
	RealServerIntervalUs    int64  `json:"real_server_interval_us"`
}

type jsonDBus struct {
	Origin      origin `json:"origin"`
	Enabled     bool   `json:"enabled"`
	Service     text   `json:"service,omitempty"`
	NoInterface text   `json:"no_interface,omitempty"`
}

type jsonFiles struct {
	Origin          origin `json:"origin"`
	StateDump       text   `json:"state_dump,omitempty"`
	StatsDump       text   `json:"stats_dump,omitempty"`
	JSONDump        text   `json:"json_dump,omitempty"`
	JSONVersion     int    `json:"json_version_number"`
	InstanceInNames bool   `json:"instance_in_names"`
	ConfigCopies    text   `json:"config_copies,omitempty"`
	TemporaryConfig text   `json:"temporary_config,omitempty"`
	CheckReload     bool   `json:"check_reload"`
	CheckReloadLog  text   `json:"check_reload_log,omitempty"`
	ReloadTime      text   `json:"reload_time,omitempty"`
	ReloadRepeat    bool   `json:"reload_each_day"`
	Reload          text   `json:"reload,omitempty"`
	ReloadInPID     bool   `json:"reload_in_pid_folder"`
	Umask           int    `json:"umask_bits" jsonschema:"-1: not set"`
	KeepSymlinks    bool   `json:"keep_symlinks"`
	IPRouteDefaults text   `json:"iproute_defaults,omitempty"`
	IPRouteSettings text   `json:"iproute_settings,omitempty"`
	IncludeChecks   []text `json:"include_checks,omitempty"`
}

type jsonRun struct {
	Origin            origin `json:"origin"`
	Namespace         text   `json:"namespace,omitempty"`
	IPVSNamespace     text   `json:"ipvs_namespace,omitempty"`
	IPVSElsewhere     bool   `json:"ipvs_elsewhere"`
	IPSetsInNamespace bool   `json:"ipsets_in_namespace"`
	PIDFolder         bool   `json:"pid_folder"`
	Instance          text   `json:"instance_name,omitempty"`
	ChildWaitS        int64  `json:"child_wait_s"`
	PollLinks         bool   `json:"poll_links"`
}
