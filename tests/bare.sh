#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The promise of the README, tried: on a bare Debian 12, `git clone` and then one command. Makes such a system with
# debootstrap in FOLDER (kept, and used again when it is there), clones this repository's HEAD into it, and runs
# each COMMAND of ./dev there as the first one in a fresh clone, without a terminal. Needs root, debootstrap,
# git and the network; not part of CI because of these.
#
#   usage: tests/bare.sh FOLDER [COMMAND...]     commands: demo check (the default is both)
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mirror=${MIRROR:-http://deb.debian.org/debian}
security=${SECURITY:-http://deb.debian.org/debian-security}

if [ $# -lt 1 ] || [ "$(id -u)" != 0 ]; then
	sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
folder=$1
shift
[ $# -gt 0 ] || set -- demo check

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
pristine=$folder/bookworm.tar
system=$folder/root

unmount()
{
	for one in proc dev/pts dev; do
		mountpoint -q "$system/$one" && umount "$system/$one"
	done
	return 0
}
trap unmount EXIT
trap 'exit 130' INT TERM

if [ ! -f "$pristine" ]; then
	rm -rf "$system"
	debootstrap --variant=minbase bookworm "$system" "$mirror"
	cat >"$system/etc/apt/sources.list" <<END
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $security bookworm-security main
END
	tar -C "$system" -cf "$pristine.part" .
	mv "$pristine.part" "$pristine"
fi

for command in "$@"; do
	unmount
	rm -rf --one-file-system "$system"
	mkdir -p "$system"
	tar -C "$system" -xf "$pristine"
	# What a machine that reaches the network through a proxy, or resolves names its own way, has to hand on.
	cp /etc/resolv.conf /etc/hosts "$system/etc/"
	cp /etc/ssl/certs/ca-certificates.crt "$system/root/host-ca.crt"
	mount -t proc proc "$system/proc"
	mount --bind /dev "$system/dev"
	mount --bind /dev/pts "$system/dev/pts"
	git clone -q "$root" "$system/root/starhash"
	echo "bare: ./dev $command, the first command on a bare Debian 12"
	chroot "$system" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C \
		NODE_EXTRA_CA_CERTS=/root/host-ca.crt \
		${http_proxy:+http_proxy=$http_proxy} ${https_proxy:+https_proxy=$https_proxy} \
		/root/starhash/dev "$command" </dev/null
	echo "bare: ./dev $command ended well"
done
