#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# N people register under names that nobody else has, and every byte that is kept of them is searched for each of these
# names: in the store, its WAL and shared memory, the keyring, the log, and a backup that was taken meanwhile: none is found.
# With role and reason each is there again, and every look is in the audit. Then some are erased: what lay sealed is gone from
# the files, the audit still verifies, and a backup from before gives nothing back (promise 9; docs/adr/0025).
# In between a new operator's key, and keys and keyrings that are wrong, short, foreign or gone.
#
#   N=10000   registrations
#   LOOKS=50  of them are shown one by one
#   BUILD     where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-10000}
LOOKS=${LOOKS:-50}
first=254700000001
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "privacy: $1" >&2
	tail -n 5 "$rig"/load.err "$work"/*.out >&2 || true
	tail -n 20 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }
starhash() { "$build/starhash" -c "$rig_conf" "$@"; }
as_care=(--role care --reason 'asked at the counter')
as_privacy=(--role privacy --reason 'test of keys')
answers() { starhash status >/dev/null 2>&1; }
sqlite() { sqlite3 -readonly "$rig/starhash.db" "$1"; }

# found WHAT FILE...: how many of the names stand in these files, in any case; as UTF-16 or otherwise they are nowhere written.
found()
{
	local patterns=$1
	shift
	{ grep -aiohFf "$patterns" "$@" 2>/dev/null || true; } | sort -u | wc -l | tr -d ' '
}

# Names as the simulator makes them (tools/smsc_load.c), each half for itself: a letter of each would do.
awk -v n="$N" 'BEGIN {
	for (i = 0; i < n; i++) {
		s = ""; v = i
		for (k = 0; k < 10; k++) { s = sprintf("%c", 97 + v % 26) s; v = int(v / 26) }
		print "Q" s; print "Z" s
	}
}' >"$work/names"

rig_new "$work/privacy"
join_answers=("${join_answers[@]/Amina Wanjiru/\{name\}}")
rig_smsc load --load "$N" --concurrency 64 --first-msisdn "$first" --script '*123#' "${join_answers[@]}" --json
rig_config "$smsc_port"
sed -i 's/{ field = "name"; private = true;/& find = true;/' "$rig/profile.conf"
grep -q 'find = true' "$rig/profile.conf" || fail "profile.conf has no private name any more"
rig_start
half_way() { [ "$(rig_stat granted)" -ge "$((N / 2))" ]; }
rig_until 120 "$smsc_pid" half_way || [ "$(rig_stat granted)" -ge "$((N / 2))" ] || fail "not half of the registrations came"
starhash backup "$work/backup.db" >"$work/backup.out" 2>&1 || fail "no backup"
status=0
wait "$smsc_pid" || status=$?
[ "$status" = 0 ] || fail "starhash-smsc ended with $status"
expect 'registered' "$N" "$(rig_stat registered)"

# --- nowhere in clear, while the daemon runs -------------------------------------------------------------------------
files=("$rig"/starhash.db*)
expect 'files of the store' 'starhash.db starhash.db-lock starhash.db-shm starhash.db-wal starhash.db.key starhash.db.keyring' \
	"$(cd "$rig" && echo starhash.db*)"
expect 'names in the raw store, WAL, keyring' 0 "$(found "$work/names" "${files[@]}")"
expect 'names in the log' 0 "$(found "$work/names" "$rig/starhashd.log")"
expect 'names in the backup' 0 "$(found "$work/names" "$work/backup.db")"
starhash show "$first" --json >"$work/masked.out"
expect 'names in what show tells without a role' 0 "$(found "$work/names" "$work/masked.out")"
grep -q '\*\*\*' "$work/masked.out" || fail "show does not mask the name"

# The search finds what is there: the same names, opened.
starhash export --reveal "${as_privacy[@]}" >"$work/export" 2>"$work/export.out" || fail "no export"
expect 'names in an export that reveals' "$((2 * N))" "$(found "$work/names" "$work/export")"
looks=$(sqlite "SELECT count(*) FROM audit WHERE action LIKE 'reveal%'")
for ((i = 0; i < LOOKS; i++)); do
	n=$((i * N / LOOKS))
	starhash show "$((first + n))" --reveal "${as_care[@]}" --json >"$work/show.out" || fail "show of number $n failed"
	grep -qi "$(sed -n "$((2 * n + 1))p" "$work/names") $(sed -n "$((2 * n + 2))p" "$work/names")" "$work/show.out" ||
		fail "show does not tell the name of number $n"
done
expect 'who is found by a name' "$first" "$(starhash find name "$(sed -n 1,2p "$work/names" | paste -sd' ')" "${as_care[@]}")"
expect 'looks in the audit' "$((looks + LOOKS))" "$(sqlite "SELECT count(*) FROM audit WHERE action LIKE 'reveal%'")"
starhash audit verify >"$work/audit.out" 2>&1 || fail "the audit does not verify"
echo "privacy: $((2 * N)) names of $N people: none in the store, its WAL, the keyring, the log or a backup; $LOOKS looked at, each audited"

# --- a new operator's key, beside the daemon --------------------------------------------------------------------------
cp "$rig/starhash.db.key" "$work/old.key"
! starhash key rotate >"$work/rotate.out" 2>&1 || fail "a key was changed without role and reason"
starhash key rotate "${as_privacy[@]}" >"$work/rotate.out" 2>&1 || fail "the key could not be changed"
! cmp -s "$rig/starhash.db.key" "$work/old.key" || fail "the key is the same"
starhash show "$first" --reveal "${as_care[@]}" >"$work/show.out" || fail "show failed under the new key"
expect 'names under the new key' 2 "$(found "$work/names" "$work/show.out")"
starhash key >"$work/key.out" || fail "key status finds a fault: $(cat "$work/key.out")"
starhash key copy "$work/keyring" >"$work/copy.out" 2>&1 || fail "no copy of the keyring"
mkdir "$work/nightly"
BACKUP_FOLDER=$work/nightly KEYRING_COPY=$work/keyring STARHASH=$build/starhash bash "$root/systemd/backup.sh" -c "$rig_conf" \
	>"$work/copy.out" 2>&1 || fail "the nightly script failed"
rig_end || fail "the daemon did not end in order"

# --- keys and keyrings that must not be taken ---------------------------------------------------------------------------
# refused WORDS: the daemon does not start, and says so.
refused()
{
	if timeout 20 "$build/starhashd" -c "$rig_conf" >"$work/refused.out" 2>&1 </dev/null; then
		fail "the daemon started: wanted \"$1\""
	fi
	grep -q "$1" "$work/refused.out" || fail "the daemon does not say \"$1\""
	! starhash show "$first" --reveal "${as_care[@]}" >"$work/shown.out" 2>&1 || fail "show went on with: $1"
	expect "names in what is said of: $1" 0 "$(found "$work/names" "$work/refused.out" "$work/shown.out")"
}

key=$rig/starhash.db.key ring=$rig/starhash.db.keyring
cp "$key" "$work/new.key"
cp "$work/old.key" "$key" && refused "another store's"
head -c 20 "$work/new.key" >"$key" && refused "is damaged"
rm "$key" && refused "is not there"
cp "$work/new.key" "$key"
mv "$ring" "$work/ring"
refused "is not there"
head -c "$((N * 32))" "$work/ring" >"$ring" && refused "ends at subscriber"
{ head -c 20 "$work/ring" && head -c 44 /dev/urandom && tail -c +65 "$work/ring"; } >"$ring" && refused "another store's"
head -c "$(stat -c %s "$work/ring")" /dev/urandom >"$ring" && refused "no keyring"
: >"$ring" && refused "no keyring"
cp "$work/keyring" "$ring"
echo "privacy: wrong, short, foreign and missing keys and keyrings were refused"

# --- erased ---------------------------------------------------------------------------------------------------------------
rm -f "$rig/load.port"
rig_smsc idle --script '*999#' --wait 600s
rig_config "$smsc_port"
rig_start
rig_until 20 "$daemon_pid" answers || fail "the daemon does not start with the copy of the keyring"
backed=$(sqlite3 -readonly "$work/backup.db" "SELECT msisdn FROM subscriber WHERE state = 'declared' ORDER BY id LIMIT 1")
id=$(sqlite "SELECT id FROM subscriber WHERE msisdn = $backed")
sqlite "SELECT name FROM profile WHERE _subscriber = $id" >"$work/sealed"
[ "$(wc -c <"$work/sealed")" -gt 60 ] || fail "no sealed name of $id"
[ "$(found "$work/sealed" "$rig"/starhash.db{,-wal})" = 1 ] || fail "the sealed name is not in the raw store"
n=$((backed - first))
sed -n "$((2 * n + 1)),$((2 * n + 2))p" "$work/names" >"$work/name"
dd if="$ring" bs=64 skip="$id" count=1 of="$work/slot" 2>/dev/null
# Somebody reads meanwhile: what they need is still there, the command says so, and the daemon sees to it when they have ended.
coproc reader { exec sqlite3 -readonly "$rig/starhash.db"; }
# shellcheck disable=SC2154  # bash sets it for the coproc
reader_pid=$reader_PID
echo 'BEGIN; SELECT count(*) > 0 FROM subscriber;' >&"${reader[1]}"
read -r -t 20 reads <&"${reader[0]}" || fail "no reader"
expect 'the reader reads' 1 "$reads"
starhash erase "$backed" --yes --role privacy --reason 'asked for it' >"$work/erase.out" 2>&1 || fail "erase failed"
grep -q 'The daemon overwrites them' "$work/erase.out" || fail "erase does not say that somebody reads"
[ "$(found "$work/sealed" "$rig"/starhash.db{,-wal})" = 1 ] || fail "nothing was held up by the reader: nothing is proven by it"
kill "$reader_pid"
gone() { [ "$(found "$work/sealed" "$rig"/starhash.db*)" = 0 ]; }
rig_until 10 "$daemon_pid" gone || fail "the sealed name of who was erased is still in the raw files"
expect 'bytes of a slot' 64 "$(wc -c <"$work/slot" | tr -d ' ')"
for ((i = 0; i < 64; i += 16)); do # none of it is where it was
	! cmp -s -n 16 -i "$i:$((64 * id + i))" "$work/slot" "$ring" || fail "the data key of who was erased is still there"
done
expect 'names of who was erased' 0 "$(found "$work/name" "$rig"/starhash.db* "$rig/starhashd.log")"
starhash audit verify >"$work/audit.out" 2>&1 || fail "the audit does not verify after an erasure"
rig_end || fail "the daemon did not end in order"
expect 'marks that are left' 0 "$(sqlite 'SELECT (SELECT count(*) FROM key_doomed) + (SELECT sum(made > done) FROM scrub)')"

# --- what is not lost is not forgotten ------------------------------------------------------------------------------------
tombstones=$(sqlite 'SELECT count(*) FROM tombstone')
! starhash erase --tombstones --yes --reason 'typed it' >"$work/lost.out" 2>&1 || fail "tombstones were forgotten without a role"
! starhash erase --tombstones --yes "${as_privacy[@]}" >"$work/lost.out" 2>&1 || fail "tombstones were forgotten under a key that fits"
grep -q 'nothing is lost' "$work/lost.out" || fail "it does not say that nothing is lost"
! starhash erase --tombstones >"$work/lost.out" 2>&1 || fail "it would forget under a key that fits"
mv "$key" "$work/present.key"
starhash erase --tombstones >"$work/lost.out" 2>&1 && fail "it does not end with 2"
grep -q "$tombstones tombstones" "$work/lost.out" || fail "it does not say what would go: $(cat "$work/lost.out")"
mv "$work/present.key" "$key"
expect 'tombstones' "$tombstones" "$(sqlite 'SELECT count(*) FROM tombstone')"

# --- a backup that needs other keys ---------------------------------------------------------------------------------------
stands=$(cd "$rig" && ls -li starhash.db*)
mv "$key" "$work/present.key" && head -c 32 /dev/urandom >"$key"
! starhash restore "$work/backup.db" >"$work/restore.out" 2>&1 || fail "a backup of other keys was restored"
grep -q 'Nothing was moved' "$work/restore.out" || fail "the refusal does not say what to do"
mv "$work/present.key" "$key"
expect 'files after a refused restore' "$stands" "$(cd "$rig" && ls -li starhash.db*)"

# --- a backup from before -------------------------------------------------------------------------------------------------
[ "$(found "$work/sealed" "$work/backup.db")" = 1 ] || fail "the backup has not the sealed name: nothing is proven by it"
starhash restore "$work/backup.db" >"$work/restore.out" 2>&1 || fail "restore failed"
rig_start
rig_until 20 "$daemon_pid" answers || fail "the daemon does not start from the backup"
grep -q erased_again "$rig/starhashd.log" || fail "who was erased is not erased again"
expect 'the number in the restored store' 0 "$(sqlite "SELECT count(*) FROM subscriber WHERE msisdn = $backed")"
starhash export --reveal "${as_privacy[@]}" >"$work/export" 2>"$work/export.out" || fail "no export of the restored store"
expect 'names of who was erased, restored' 0 "$(found "$work/name" "$work/export" "$rig"/starhash.db*)"
[ "$(found "$work/names" "$work/export")" -gt "$((N / 2))" ] || fail "the others of the backup cannot be read"
rig_end || fail "the daemon did not end in order"
echo "privacy: erased: no byte left of name, sealed name or key; a backup from before gives nothing back"
