#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced: fresh Debian 12 systems in folders, and systemd as their first process. Needs root, debootstrap and the network.
#
#   bookworm_dir FOLDER       where they live; kept, and used again when it is there
#   bookworm_fresh NAME [TAR] a system as debootstrap makes it (or from a TAR made here), as FOLDER/NAME, ready for commands
#   bookworm_in NAME CMD...   run a command in it, with nothing of our environment
#   bookworm_boot NAME        systemd as process 1, in namespaces of its own (no network but lo); 1 when it cannot
#   bookworm_sd CMD...        run a command beside that systemd
#   bookworm_halt             end it
#   bookworm_leave            to be called at the end, whatever happened
# shellcheck shell=bash

mirror=${MIRROR:-http://deb.debian.org/debian}
security=${SECURITY:-http://deb.debian.org/debian-security}
bookworm_mounted=()
bookworm_init=
bookworm_cgroup=

bookworm_dir()
{
	mkdir -p "$1"
	bookworm=$(cd "$1" && pwd)
	[ -f "$bookworm/bookworm.tar" ] && return 0
	rm -rf --one-file-system "$bookworm/pristine"
	debootstrap --variant=minbase bookworm "$bookworm/pristine" "$mirror" >"$bookworm/debootstrap.log" 2>&1 || {
		tail -n 20 "$bookworm/debootstrap.log" >&2
		return 1
	}
	cat >"$bookworm/pristine/etc/apt/sources.list" <<END
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $security bookworm-security main
END
	tar -C "$bookworm/pristine" -cf "$bookworm/bookworm.tar.part" .
	mv "$bookworm/bookworm.tar.part" "$bookworm/bookworm.tar"
	rm -rf --one-file-system "$bookworm/pristine"
}

bookworm_fresh()
{
	local system=$bookworm/$1 tar=${2:-$bookworm/bookworm.tar}
	bookworm_unmount "$1"
	rm -rf --one-file-system "$system"
	mkdir -p "$system"
	tar -C "$system" -xf "$tar"
	# What a machine that reaches the network through a proxy, or resolves names its own way, has to hand on.
	cp /etc/resolv.conf /etc/hosts "$system/etc/"
	# Packages begin to serve by themselves; not in a folder.
	printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d"
	chmod +x "$system/usr/sbin/policy-rc.d"
	bookworm_mount "$1"
}

bookworm_mount()
{
	mount -t proc proc "$bookworm/$1/proc"
	mount --bind /dev "$bookworm/$1/dev"
	bookworm_mounted+=("$1")
}

bookworm_unmount()
{
	local one
	for one in proc dev; do
		mountpoint -q "$bookworm/$1/$one" && umount "$bookworm/$1/$one"
	done
	return 0
}

bookworm_clean=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C
	DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy=$http_proxy} ${https_proxy:+https_proxy=$https_proxy})

bookworm_in()
{
	local system=$bookworm/$1
	shift
	chroot "$system" "${bookworm_clean[@]}" "$@" </dev/null
}

# In a cgroup of its own below ours, so that this systemd takes nothing of the machine's.
bookworm_boot()
{
	local system=$bookworm/$1 i
	bookworm_unmount "$1"
	bookworm_cgroup=$(mktemp -d)
	mount -t cgroup2 cgroup2 "$bookworm_cgroup" 2>/dev/null || { rmdir "$bookworm_cgroup"; bookworm_cgroup=; return 1; }
	mkdir "$bookworm_cgroup/starhash-$$" || return 1
	# shellcheck disable=SC2016  # expanded by the inner shell
	bash -c 'echo $$ >"$1/cgroup.procs"; exec setsid unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child \
		bash -euc '\''
		r=$1
		mount --make-rprivate /
		mount --bind "$r" "$r"
		mount -t proc proc "$r/proc"
		mount -t sysfs -o ro sysfs "$r/sys"
		mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup"
		mount -t tmpfs -o mode=755 tmpfs "$r/run"
		mount -t tmpfs tmpfs "$r/tmp"
		mount -t tmpfs -o mode=755 tmpfs "$r/dev"
		for one in null zero full random urandom tty; do
			touch "$r/dev/$one"
			mount --bind "/dev/$one" "$r/dev/$one"
		done
		mkdir "$r/dev/pts" "$r/dev/shm"
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$r/dev/pts"
		mount -t tmpfs tmpfs "$r/dev/shm"
		ln -s pts/ptmx "$r/dev/ptmx"
		rm -f "$r/usr/sbin/policy-rc.d"
		# A chroot would not do: the kernel makes no user namespace (PrivateUsers=) for who is in one.
		cd "$r"
		pivot_root . .
		umount -l .
		mount --make-rshared / # in a container systemd leaves this to its manager; credentials reach services that way
		exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
		'\'' inner "$2"' outer "$bookworm_cgroup/starhash-$$" "$system" >"$bookworm/boot.log" 2>&1 </dev/null &
	bookworm_unshare=$!
	for ((i = 0; i < 300; i++)); do
		bookworm_init=$(pgrep -P "$bookworm_unshare" 2>/dev/null | head -n 1)
		[ -n "$bookworm_init" ] && case $(timeout 5 nsenter -t "$bookworm_init" -m -p -u -i -n -C \
			systemctl is-system-running 2>/dev/null) in
		running | degraded) return 0 ;;
		esac
		kill -0 "$bookworm_unshare" 2>/dev/null || break
		sleep 0.1
	done
	bookworm_halt
	return 1
}

bookworm_sd()
{
	timeout "${SD_TIMEOUT:-120}" nsenter -t "$bookworm_init" -m -p -u -i -n -C \
		"${bookworm_clean[@]}" "$@" </dev/null
}

bookworm_halt()
{
	[ -z "$bookworm_init" ] || kill -9 "$bookworm_init" 2>/dev/null || true
	[ -z "${bookworm_unshare:-}" ] || wait "$bookworm_unshare" 2>/dev/null || true
	bookworm_init='' bookworm_unshare=''
	[ -n "$bookworm_cgroup" ] || return 0
	find "$bookworm_cgroup/starhash-$$" -depth -type d -exec rmdir {} + 2>/dev/null || true
	umount "$bookworm_cgroup" && rmdir "$bookworm_cgroup"
	bookworm_cgroup=
}

bookworm_leave()
{
	local one
	bookworm_halt
	for one in "${bookworm_mounted[@]}"; do
		bookworm_unmount "$one"
	done
}
