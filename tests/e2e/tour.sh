#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A tour of faults with the console open in chromium and `starhash status` beside it (tour.js): seconds for each until both say what
# is wrong and what to do, and until both say that it is over, ten at most. The disk that fills up is a tmpfs in a mount namespace of this script.
#
#   TOUR_WITHIN_S=10   so soon
#   BUILD              where the programs are: ./build
#
# Exit code 77 and "NOT RUN" where no such disk, or no browser, can be had; the other faults are made all the same.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}

if [ "${1:-}" != inside ]; then
	if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
		echo "tour: NOT RUN: no chromium (apt-get install chromium, or CHROMIUM=FILE)" >&2
		exit 77
	fi
	for how in -m -rm; do
		# shellcheck disable=SC2016  # expanded by the inner shell
		if unshare $how sh -c 'mkdir -p "$1" && mount -t tmpfs -o size=64k none "$1"' sh "${TMPDIR:-/tmp}" 2>/dev/null; then
			exec unshare $how bash "$0" inside
		fi
	done
fi

work=$(mktemp -d)
trap 'umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

if [ "${1:-}" = inside ]; then
	mkdir "$work/disk"
	mount -t tmpfs -o size=64m none "$work/disk"
	export TOUR_DISK=$work/disk
fi
if ! STARHASH_BUILD=$build STARHASH_E2E_PATIENCE_MS=${STARHASH_E2E_PATIENCE_MS:-60000} node "$root/tests/e2e/tour.js" >"$work/out" 2>&1; then
	cat "$work/out" >&2
	exit 1
fi
grep '^tour: ' "$work/out" || grep '^# tour: ' "$work/out"
grep -q 'disk full: said' "$work/out" || exit 77
