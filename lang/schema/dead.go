package schema

// DeadWord is a word that tutorials teach and that keepalived does not read in this block, any more or
// ever.
type DeadWord struct {
	Context, Name string
	// History tells where the word comes from.
	History string
	// Instead tells what keepalived does, as the second half of a message: "keepalived retries once".
	Instead string
	// Replacement is the keyword that was meant; the words behind it stay. "" means that nothing takes
	// its place and the line can go.
	Replacement string
}

const checkPath = "virtual_server/real_server/"

// deadWords returns the list, one entry a block and word.
func deadWords() []DeadWord {
	words := []DeadWord{
		{"virtual_server", "nat_mask",
			"a netmask for NAT in early releases, removed since; many tutorials still carry it",
			"keepalived works without a NAT netmask", ""},
		{"global_defs", "lvs_id",
			"the name of the node in the first releases, renamed since",
			"keepalived takes the host name as router_id", "router_id"},
		{"vrrp_instance", "lvs_sync_daemon_inteface",
			"a misspelling that early releases read and later ones corrected",
			"keepalived starts no IPVS synchronisation", "lvs_sync_daemon_interface"},
		{"global_defs", "state_file_location",
			"the word of the manual page; the program never knew it",
			"keepalived writes its state to the default file", "state_dump_file"},
		{"global_defs", "stats_file_location",
			"the word of the manual page; the program never knew it",
			"keepalived writes its statistics to the default file", "stats_dump_file"},
		{"global_defs", "json_file_location",
			"the word of the manual page; the program never knew it",
			"keepalived writes its JSON to the default file", "json_dump_file"},
	}
	retries := []struct{ block, instead string }{
		{"TCP_CHECK", "keepalived retries once"},
		{"SMTP_CHECK", "keepalived retries once"},
		{"PING_CHECK", "keepalived retries once"},
		{"UDP_CHECK", "keepalived retries once"},
		{"DNS_CHECK", "keepalived retries three times"},
		{"MISC_CHECK", "keepalived does not retry"},
	}
	for _, r := range retries {
		words = append(words, DeadWord{checkPath + r.block, "nb_get_retry",
			"the old word of HTTP_GET and SSL_GET; " + r.block + " never read it", r.instead, "retry"})
	}
	return words
}

var dead = indexDead()

func indexDead() map[string]map[string]DeadWord {
	m := map[string]map[string]DeadWord{}
	for _, d := range deadWords() {
		if m[d.Context] == nil {
			m[d.Context] = map[string]DeadWord{}
		}
		m[d.Context][d.Name] = d
	}
	return m
}

// Dead returns the entry of a dead word in a context, and whether there is one.
func Dead(context, name string) (DeadWord, bool) {
	d, ok := dead[context][name]
	return d, ok
}

// DeadWords returns the whole list.
func DeadWords() []DeadWord { return deadWords() }
