package reception_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/lint/reception"
	"ka/runtime/vrrp"
)

func instance() plan.Instance {
	return plan.Instance{
		Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: 100,
		AdvertInterval: time.Second, DownTimerAdverts: 3,
		Auth: plan.Auth{Type: plan.AuthPass, Password: "secret"},
		VIPs: []plan.Address{
			{Prefix: netip.MustParsePrefix("192.0.2.10/24")},
			{Prefix: netip.MustParsePrefix("192.0.2.11/24")},
		},
	}
}

// TestDifferences changes the sender in one thing, or several, and expects the reasons that 2.4.3 and
// 2.2.7 give, "!" before those that drop.
func TestDifferences(t *testing.T) {
	oldOne, _ := vrrp.Keepalived("2.2.7")
	newOne, _ := vrrp.Keepalived("2.4.3")
	for _, c := range []struct {
		name   string
		change func(*plan.Instance)
		want   string // newer; older
	}{
		{"nothing", func(*plan.Instance) {}, "; "},
		{"priority, name and excluded addresses", func(i *plan.Instance) {
			i.Priority, i.Name, i.Excluded = 1, "other", i.VIPs
		}, "; "},
		{"version without authentication", func(i *plan.Instance) { i.Version = 3 }, "!version; !version"},
		{"no authentication", func(i *plan.Instance) { i.Auth = plan.Auth{} }, "!auth-type; !auth-type"},
		{"password", func(i *plan.Instance) { i.Auth.Password = "other" }, "!password; !password"},
		{"interval", func(i *plan.Instance) { i.AdvertInterval = 2 * time.Second }, "!advert-interval; !advert-interval"},
		{"order of addresses", func(i *plan.Instance) { i.VIPs = []plan.Address{i.VIPs[1], i.VIPs[0]} }, "; "},
		{"one address less", func(i *plan.Instance) { i.VIPs = i.VIPs[:1] }, "address-count address-list; !address-count"},
		{"another address", func(i *plan.Instance) {
			i.VIPs = []plan.Address{i.VIPs[0], {Prefix: netip.MustParsePrefix("192.0.2.12/24")}}
		}, "address-list; !address-list"},
		{"VRID", func(i *plan.Instance) { i.VRID = 52 }, "!other-vrid; !other-vrid"},
		{"group", func(i *plan.Instance) { i.Group = netip.MustParseAddr("224.0.0.19") }, "!destination; !destination"},
		{"password, interval and an address", func(i *plan.Instance) {
			i.Auth.Password, i.AdvertInterval, i.VIPs = "x", 5*time.Second, i.VIPs[:1]
		}, "!password !advert-interval address-count address-list; !password !advert-interval !address-count"},
		{"version hides what is of the other version", func(i *plan.Instance) {
			i.Version, i.AdvertInterval, i.VIPs = 3, 300*time.Millisecond, i.VIPs[:1]
		}, "!version address-count address-list; !version !address-count"},
	} {
		sender := instance()
		c.change(&sender)
		got := write(reception.Differences(sender, instance(), []vrrp.Behaviour{newOne})) + "; " +
			write(reception.Differences(sender, instance(), []vrrp.Behaviour{oldOne}))
		if got != c.want {
			t.Errorf("%s:\nhave %s\nwant %s", c.name, got, c.want)
		}
	}
}

func write(list []reception.Difference) string {
	var words []string
	for _, d := range list {
		if len(d.Drops) > 0 {
			words = append(words, "!"+string(d.Reason))
		} else {
			words = append(words, string(d.Reason))
		}
	}
	return strings.Join(words, " ")
}

// The versions of keepalived disagree about a differing list, and the difference names them.
func TestVersionsDisagree(t *testing.T) {
	sender := instance()
	sender.VIPs = sender.VIPs[:1]
	list := reception.Differences(sender, instance(), vrrp.Targets())
	if len(list) == 0 || list[0].Reason != vrrp.DropAddressCount {
		t.Fatalf("have %+v", list)
	}
	drops, notices := fmt.Sprint(list[0].Drops), fmt.Sprint(list[0].Notices)
	if drops != "[keepalived 2.2.8 keepalived 2.2.7]" || notices != "[keepalived 2.4.3 keepalived 2.3.4]" {
		t.Errorf("drops %s, notices %s", drops, notices)
	}
}

// A verdict never holds a secret.
func TestSecretsStaySecret(t *testing.T) {
	sender := instance()
	sender.Auth.Password = "topsecret"[:8]
	for _, v := range reception.Judge(sender, instance(), vrrp.Targets()) {
		if v.Accepted || strings.Contains(v.Detail, "secret") {
			t.Errorf("%+v", v)
		}
	}
}

// IPv6 is judged, what no format holds is not.
func TestPlayable(t *testing.T) {
	six := instance()
	six.Version, six.Auth, six.Group = 3, plan.Auth{}, netip.MustParseAddr("ff02::12")
	six.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("fd09::1/64")}}
	other := six
	other.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("fd09::2/64")}}
	if d := reception.Differences(six, six, vrrp.Targets()); len(d) != 0 {
		t.Errorf("have %+v", d)
	}
	if d := write(reception.Differences(six, other, vrrp.Targets())); d != "!address-list" {
		t.Errorf("have %s", d)
	}
	if d := write(reception.Differences(six, instance(), vrrp.Targets())); d != "!address-family" {
		t.Errorf("have %s", d)
	}
	mixed := six
	mixed.VIPs = instance().VIPs
	if reception.Playable(mixed) || !reception.Playable(six) || !reception.Playable(instance()) {
		t.Error("playable is wrong")
	}
	if v := reception.Judge(mixed, six, vrrp.Targets()); v != nil {
		t.Errorf("have %+v", v)
	}
	if v := reception.Judge(six, mixed, vrrp.Targets()); v != nil {
		t.Errorf("have %+v", v)
	}
}

// AH, signatures and unicast are judged by what is in the files.
func TestAuthentication(t *testing.T) {
	with := func(change func(*plan.Instance)) plan.Instance {
		i := instance()
		change(&i)
		return i
	}
	header := func(i *plan.Instance) { i.Auth.Type = plan.AuthHeader }
	sign := func(secret, file string) func(*plan.Instance) {
		return func(i *plan.Instance) {
			i.Auth = plan.Auth{}
			i.HMAC = &plan.HMAC{
				Keys: []plan.HMACKey{{ID: 3, Secret: secret, File: file}}, ActiveKey: 3,
				TimeWindow: 5 * time.Second, Replay: plan.ReplayTime, Mode: plan.HMACEnforce,
			}
		}
	}
	peer := func(i *plan.Instance) {
		i.Unicast = &plan.Unicast{TTL: 255, Peers: []plan.Peer{{Address: netip.MustParseAddr("192.0.2.7"), MaxTTL: 255}}, CheckSource: true}
	}
	key, other := strings.Repeat("k", 32), strings.Repeat("o", 32)
	for _, c := range []struct {
		name string
		a, b plan.Instance
		want string
	}{
		{"AH", with(header), with(header), ""},
		{"AH and PASS", with(header), instance(), "!authentication-header"},
		{"AH with another password", with(header), with(func(i *plan.Instance) { header(i); i.Auth.Password = "x" }), "!ah-value"},
		{"one key", with(sign(key, "")), with(sign(key, "")), ""},
		{"two keys", with(sign(key, "")), with(sign(other, "")), "!hmac-invalid"},
		{"keys in files", with(sign("", "/etc/a")), with(sign("", "/etc/b")), ""},
		{"one signs", with(sign(key, "")), with(func(i *plan.Instance) { i.Auth = plan.Auth{} }), "!packet-length"},
		{"the other signs", with(func(i *plan.Instance) { i.Auth = plan.Auth{} }), with(sign(key, "")), "!hmac-missing"},
		{"unicast", with(peer), with(peer), ""},
	} {
		if got := write(reception.Differences(c.a, c.b, vrrp.Targets())); got != c.want {
			t.Errorf("%s: have %s, want %s", c.name, got, c.want)
		}
	}
}
