#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# starhash verify, and a profile.conf that would lose what is stored, as an operator meets them: exit codes, messages, what stays.
set -eu

# shellcheck source=tests/cli_rig.sh
. "${srcdir:-.}/tests/cli_rig.sh"
set -- --role privacy --reason KYC

# --- verify: wrong uses first
ends 2 "$STARHASH" -c "$conf" verify;                                       says err "give one number"
ends 2 "$STARHASH" -c "$conf" verify 0700000001 "$@";                        says err "--proof TEXT"
ends 2 "$STARHASH" -c "$conf" verify 0700000001 --proof x --undo "$@";       says err "--proof TEXT"
ends 2 "$STARHASH" -c "$conf" verify 0700000001 --proof "" "$@";             says err "--proof is empty"
ends 1 "$STARHASH" -c "$conf" verify 0700000001 --proof x "$@"               # there is no store yet
"$CLI_HELPER" store "$conf"
ends 1 "$STARHASH" -c "$conf" verify 0700000001 --proof passport;           says err "--role"
ends 1 "$STARHASH" -c "$conf" verify 0700000001 --proof passport --role privacy; says err "--reason"
ends 1 "$STARHASH" -c "$conf" verify 0700000001 --proof passport --role care --reason KYC; says err "verify"
ends 1 "$STARHASH" -c "$conf" verify 0700000009 --proof passport "$@";       says err "no such subscriber"
ends 1 "$STARHASH" -c "$conf" verify 0700000002 --proof passport "$@";       says err "they are anonymous"
ends 1 "$STARHASH" -c "$conf" verify 0700000001 --undo "$@";                 says err "not verified"
ends 1 "$STARHASH" -c "$conf" verify 12 --proof passport "$@";               says err "not a subscriber's number"
ends 0 "$STARHASH" -c "$conf" show 0700000001 --json;                       says out '"state": "declared"'

# --- and what it is for
ends 0 "$STARHASH" -c "$conf" verify 0700000001 --proof "passport A1234567, shop Nakuru" "$@"; says out "verified"
ends 0 "$STARHASH" -c "$conf" show 0700000001 --json;                       says out '"state": "verified"'
if grep -q A1234567 "$work/out" || grep -rqF A1234567 "$work"/s.db*; then
	echo "FAIL: what was seen stands in the open"
	failed=1
fi
ends 0 "$STARHASH" -c "$conf" audit --json;                                 says out '"action": "verify"'; says out '"reason": "KYC"'
ends 0 "$STARHASH" -c "$conf" verify 0700000001 --undo "$@";                 says out "declared"
ends 0 "$STARHASH" -c "$conf" show 0700000001 --json;                       says out '"state": "declared"'

# --- a profile.conf that would lose a field: refused by the check, by the test of the daemon, and by its start
sed 's/field = "town"/field = "city"/; s/"town"/"city"/g' "$srcdir/conf/profile.conf" >"$work/profile.conf"
sed -i 's/save = "town"/save = "city"/g; s/{town/{city/g' "$work/menus"/*.*
ends 1 "$STARHASH" -c "$conf" check
says out 'profile.conf: error: field "town" is gone and the store has 1 values of it'
says out 'forget = [ "town" ]'
ends 1 "$STARHASHD" -t -c "$conf";                                          says err 'field "town" is gone'
ends 1 timeout 30 "$STARHASHD" -c "$conf";                                  says err 'field \"town\" is gone'
cp "$srcdir/conf/profile.conf" "$work/profile.conf"
cp "$srcdir/conf/menus/join.conf" "$srcdir"/conf/menus/*.inc "$work/menus"
ends 0 "$STARHASH" -c "$conf" show 0700000001;                              says out Nyeri

# --- said on purpose: told by the check, done by the start and by nothing before it
sed 's/field = "town"/field = "city"/; s/"town"/"city"/g' "$srcdir/conf/profile.conf" >"$work/profile.conf"
echo 'forget = [ "town" ];' >>"$work/profile.conf"
sed -i 's/save = "town"/save = "city"/g; s/{town/{city/g' "$work/menus"/*.*
ends 0 "$STARHASHD" -t -c "$conf";                                          says err '1 stored values will be destroyed'
grep -qaF Nyeri "$work"/s.db* || { echo "FAIL: a test of the configuration destroyed values"; failed=1; }
"$STARHASHD" -c "$conf" >"$work/out" 2>"$work/err" &
daemon=$!
until grep -q 'event=started' "$work/err" "$work/out"; do
	kill -0 $daemon 2>/dev/null || { echo "FAIL: no start"; cat "$work/err"; exit 1; }
done
kill -TERM $daemon
wait $daemon || { echo "FAIL: the daemon ended with $?"; failed=1; }
says err 'event=field_forgotten field=town values=1'
if grep -qaF Nyeri "$work"/s.db*; then echo "FAIL: forgotten values are still in the file"; failed=1; fi
ends 0 "$STARHASH" -c "$conf" check

# --- a country's file about anonymity
cat >"$work/ke.conf" <<END
name = "Kenya";
identity = { anonymous = false; grace = "30d"; since = "2026-12-01"; };
END
sed -i 's/trunk = "0"; }/trunk = "0"; profile = "ke.conf"; }/' "$conf"
ends 0 "$STARHASH" -c "$conf" check
sed -i 's/grace = "30d"/grace = "a month"/' "$work/ke.conf"
ends 1 "$STARHASH" -c "$conf" check;                                        says out 'ke.conf:2: error: "grace" is wrong'
sed -i 's/grace = "a month"/grase = "30d"/' "$work/ke.conf"
ends 1 "$STARHASH" -c "$conf" check;                                        says out 'did you mean "grace"'
sed -i 's/grase/grace/; s/2026-12-01/December/' "$work/ke.conf"
ends 1 "$STARHASH" -c "$conf" check;                                        says out '"since" is wrong'
sed -i 's/December/2026-12-01/; s/anonymous = false/anonymous = "no"/' "$work/ke.conf"
ends 1 "$STARHASH" -c "$conf" check;                                        says out 'true or false without quotes'
echo 'identity = { since = "soon"; };' >>"$conf"
sed -i 's/"no"/false/' "$work/ke.conf"
ends 1 "$STARHASH" -c "$conf" check;                                        says out 'identity.since is no date'

cli_verdict
