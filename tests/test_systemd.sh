#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The units, judged by systemd-analyze: correct, and closed off to an exposure of 1.5 at most. That a service also runs in
# such a sandbox is shown by tests/package.sh, which starts it. And the script of the nightly backup: how many it keeps.
set -euo pipefail

builddir=$(cd "${builddir:-.}" && pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() { echo "FAIL: $*"; failed=1; }

# --- the backup's script, with a stand-in for starhash
mkdir "$work/bin" "$work/copies"
cat >"$work/bin/starhash" <<'END'
#!/bin/sh
[ "$1 $3 $4" != "-c key copy" ] || { echo "$2" >"$5"; exit 0; }
[ "$1 $3" = "-c backup" ] || exit 2
[ ! -f "$0.full" ] || { echo "starhash: no backup was made: the disk of the copy is full" >&2; exit 1; }
echo "$2" >"$4"
END
chmod +x "$work/bin/starhash"
backup() { PATH=$work/bin:$PATH BACKUP_FOLDER=$work/copies KEYRING_COPY=$work/ring sh "$srcdir/systemd/backup.sh" "$@"; }
for day in 01 02 03 04; do echo old >"$work/copies/starhash-2026-01-${day}T000000Z.db"; done
echo mine >"$work/copies/starhash-before-upgrade.db"
BACKUP_KEEP=3 backup -c x.conf >"$work/out" || fail "backup: $(cat "$work/out")"
[ "$(find "$work/copies" -name 'starhash-20*' | wc -l)" = 3 ] || fail "backup keeps $(ls "$work/copies")"
[ ! -e "$work/copies/starhash-2026-01-02T000000Z.db" ] ||
	fail "backup removed the wrong ones: $(ls "$work/copies")"
[ -e "$work/copies/starhash-before-upgrade.db" ] || fail "backup removed what is not its own"
[ "$(cat "$work/copies/"*Z.db | grep -c x.conf)" = 1 ] || fail "no new backup"
[ "$(cat "$work/ring")" = x.conf ] || fail "no copy of the keyring"
[ -z "$(find "$work/copies" -name '*ring*')" ] || fail "the keyring lies among the backups"
touch "$work/bin/starhash.full"
! BACKUP_KEEP=1 backup -c x.conf >"$work/out" 2>&1 || fail "backup ended well without a copy"
[ "$(find "$work/copies" -name 'starhash-20*' | wc -l)" = 3 ] || fail "backup removed copies though there was no new one"
for keep in 0 -1 many 07; do
	! BACKUP_KEEP=$keep backup -c x.conf >"$work/out" 2>&1 || fail "BACKUP_KEEP=$keep was taken"
done

# --- every line of the sandbox says why: a comment above it, or above the lines that it follows on
awk '/^# --- what it may see/ { on = 1; next } /^\[Install\]/ { on = 0 }
	on && /^# ---/ { reason = 0; next } on && /^#/ { reason = 1; next } on && /^$/ { reason = 0; next }
	on && /=/ && !reason { print FILENAME ": no reason above " $0; bad = 1 } END { exit bad }' \
	"$srcdir/systemd/starhashd.service.in" || failed=1

# --- what systemd makes of the units
if ! command -v systemd-analyze >/dev/null; then
	[ $failed = 0 ] || exit 1
	echo "not run: systemd-analyze is not here (Debian: systemd); the units were not judged"
	exit 77
fi
mkdir "$work/units"
for unit in starhashd.service starhash-backup.service; do
	sed -e "s|@bindir@|$builddir|g" -e "s|@pkglibexecdir@/backup|$srcdir/systemd/backup.sh|g" \
		-e "s|@sysconfdir@|/etc|g" -e "s|@docdir@|/usr/share/doc/starhash|g" "$srcdir/systemd/$unit.in" >"$work/units/$unit"
	! grep -n '@[a-z]*@' "$work/units/$unit" || fail "$unit: not filled in"
done
cp "$srcdir/systemd/starhash-backup.timer" "$work/units/"
# Pages and folders that an installation brings are looked for by tests/package.sh.
(cd "$work/units" && systemd-analyze verify --man=no ./starhashd.service ./starhash-backup.timer ./starhash-backup.service) \
	>"$work/out" 2>&1 || fail "systemd-analyze verify"
! grep -E "starhash(d|-backup)\.(service|timer)" "$work/out" || failed=1 # a key that it does not know is a line, and no more
for unit in starhashd.service starhash-backup.service; do
	systemd-analyze security --offline=true --threshold=15 --no-pager "$work/units/$unit" >"$work/out" 2>&1 ||
		{ grep -F '✗' "$work/out"; fail "$unit is more exposed than 1.5"; }
	grep 'Overall exposure' "$work/out" || fail "$unit: no exposure was told"
done
exit $failed
