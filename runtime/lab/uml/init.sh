#!/bin/sh
# The first process of the guest: file systems, the modules of IPVS and virtual links, then one job.
# What the job writes goes to the console between two lines of this script; the second one tells the
# exit status to the machine outside. The machine's files are read-only here: /run is the guest's own.
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /run
mkdir -p /run/netns /run/lock /run/tmp
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/tmp TMPDIR=/run/tmp

modules=/usr/lib/uml/modules/$(uname -r)
loaded=" "
load() { # insmod one module after what it needs: modules.dep lists that nearest first
	line=$(grep "/$1.ko:" "$modules/modules.dep") || { echo "uml: no module $1"; return; }
	order=${line%%:*}
	for d in ${line#*:}; do order="$d $order"; done
	for d in $order; do
		case $loaded in *" $d "*) continue ;; esac
		insmod "$modules/$d"
		loaded="$loaded$d "
	done
}
for m in ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh ip_vs_sh veth bridge ipip; do
	load "$m"
done
ip link set lo up

job=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^KA_JOB=//p')
echo "uml: job begins"
/bin/sh "$job" </dev/null
echo "uml: exit $?"
busybox poweroff -f
