#!/bin/sh
# What `make demo` shows: two nodes of a published how-to, linted, previewed, and run to a failover.
# Usage: demo.sh BINDIR. Ends by itself, with status 0 when each step did what it should.
set -eu
bin=$1
here=$(dirname "$0")
set1="$here/../seeds/httpd-script"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

step() { printf '\n== %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; }

step "The pair as it was published: keepalived reads over a word that does nothing"
show kalint master.conf backup.conf
"$bin/kalint" "$set1/master.conf" "$set1/backup.conf" && { echo "demo: expected findings"; exit 1; }

step "kalint writes what was meant; who runs the scripts is for a person to say"
cp "$set1/master.conf" "$set1/backup.conf" "$work/"
show kalint --fix-intent --fail-on error master.conf backup.conf
"$bin/kalint" --fix-intent --fail-on error "$work/master.conf" "$work/backup.conf"

step "A broken copy: the backup has another virtual router id"
mkdir "$work/broken"
cp "$work/master.conf" "$work/broken/master.conf"
sed 's/virtual_router_id 51/virtual_router_id 52/' "$work/backup.conf" >"$work/broken/backup.conf"
show kalint --fail-on error broken/master.conf broken/backup.conf
if "$bin/kalint" --fail-on error "$work/broken/master.conf" "$work/broken/backup.conf"; then
	echo "demo: expected an error"
	exit 1
fi

step "What the master will do on its machine"
show kac plan --against none master.conf
"$bin/kac" plan --against none "$work/master.conf"

step "Both run on one wire; the master dies after 6 s and is back after 12 s"
show karun lab --kill master@6s --start master@12s --for 20s master.conf backup.conf
"$bin/karun" lab --kill master@6s --start master@12s --for 20s "$work/master.conf" "$work/backup.conf"
