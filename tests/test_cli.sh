#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command starhash as scripts see it: exit codes, JSON shapes, messages.
set -eu

# shellcheck source=tests/cli_rig.sh
. "${srcdir:-.}/tests/cli_rig.sh"

# run CODE ARGS...: the program with these.
run() {
	code=$1
	shift
	ends "$code" "$STARHASH" "$@"
}

# --- the command itself
run 0 --help;                      says out "check"
run 0 --version;                   says out "starhash "
run 2;                             says err "usage:"
run 2 --nonsense
run 2 shwo;                        says err 'did you mean "show"?'
for command in check dial test show export import grants numbers requests stats erase verify status links dialogues reload drain strings map push pdu doctor; do
	run 0 "$command" --help;   says out "usage: starhash [-c FILE] $command"
	run 2 "$command" --nonsense
done
run 1 -c "$work/none.conf" stats;  says err "cannot read the file"

# --- check
run 0 -c "$conf" check;            says out "join.conf: "; says out " 2 languages, 0 errors, 0 warnings"
run 0 -c "$conf" check --json;     says out '"errors": 0'; says out '"screens": '
run 0 -c "$conf" check "$work/menus/join.conf"
run 1 -c "$conf" check "$work/menus/none.conf"
sed 's/^keywords /kewords /' "$work/menus/join.conf" >"$work/menus/wrong.conf"
line=$(grep -n '^kewords' "$work/menus/wrong.conf" | cut -d: -f1)
run 1 -c "$conf" check "$work/menus/wrong.conf"
says out "wrong.conf:$line: error: "; says out '"keywords"'
run 1 -c "$conf" check --json "$work/menus/wrong.conf"; says out "\"line\": $line"
sed 's/^ussd/&/; s/^store /stoer /' "$conf" >"$work/bad.conf"
run 1 -c "$work/bad.conf" check;   says out 'bad.conf:5: error: unknown key "stoer". did you mean "store"?'
run 1 -c "$conf" check "$work/menus/shop.conf"
says out '"100MB" cannot be bought: the embedded ledger keeps no money. name a system that keeps money in "charging"'
sed 's/price = 5050; //' "$srcdir/conf/shop.conf" >"$work/shop.conf"
run 1 -c "$work/shop.conf" check;  says out '"1GB" cannot be bought: it has no price. give it price = 5000;'
sed 's/da:5:1073741824:6/offer:7/; s/price = 5050; //' "$srcdir/conf/shop.conf" >"$work/shop.conf"
run 1 -c "$work/shop.conf" check;  says out 'only a dedicated account is paid and given in one call'
run 0 check --options;             says out 'links[].window'
run 0 check --rules;               says out '15  what changes'
sed 's/Your full name?/Your name?/' "$work/menus/join.conf" >"$work/menus/next.conf"
mkdir -p "$work/live"
cp -r "$work/menus/." "$work/live/"
run 0 -c "$conf" check --against "$work/live/join.conf" "$work/menus/next.conf"
says out 'screen "name" has another "say"'; says out '[rule 15]'; says out 'against join.conf: 1 screens differ'
run 0 -c "$conf" check --json --against "$work/live/join.conf" "$work/menus/next.conf"; says out '"change": "changed"'
run 1 -c "$conf" check --against "$work/none.conf";  says err 'cannot be used'
sed 's/[*]123#/*310#/; s/[*]123[*]/*310*/' "$work/menus/join.conf" >"$work/menus/taken.conf"
run 1 -c "$conf" check --country "$srcdir/conf/countries/ng.conf" "$work/menus/taken.conf"
says out '*310# is kept for "airtime balance" in Nigeria'
run 1 -c "$conf" check --country "$work/none.conf"; says out 'none.conf'

# --- strings and map
run 0 -c "$conf" strings "$work/menus/join.conf";    says out 'msgctxt "join"'; says out 'join.conf:'
run 0 -c "$conf" strings --language sw "$work/menus/join.conf"; says out 'msgstr "Ndiyo"'
run 1 -c "$conf" strings --language fr "$work/menus/join.conf"; says err 'add it to "languages" first'
run 1 -c "$conf" strings "$work/menus/none.conf"
run 2 -c "$conf" strings
run 0 -c "$conf" map "$work/menus/join.conf";        says out 'digraph "join"'; says out 'shape=house'
run 0 -c "$conf" map --mermaid --language sw "$work/menus/join.conf"; says out 'flowchart TD'; says out 'Habari'
run 1 -c "$conf" map "$work/menus/none.conf"
run 2 -c "$conf" map --dot --mermaid "$work/menus/join.conf"
run 2 -c "$conf" map
if command -v dot >/dev/null; then
	run 0 -c "$conf" map --svg "$work/join.svg" "$work/menus/join.conf"
	grep -q '<svg' "$work/join.svg" || { echo "FAIL: no picture"; failed=1; }
fi
if command -v msgfmt >/dev/null; then
	"$STARHASH" -c "$conf" strings --language sw "$work/menus/join.conf" >"$work/sw.po" 2>/dev/null
	msgfmt -c -o /dev/null "$work/sw.po" 2>"$work/err" || { echo "FAIL: msgfmt: $(cat "$work/err")"; failed=1; }
fi

# --- test and dial
cat >"$work/good.talk" <<END
dial *123*1# from 0700000001 in en
> 1
> Anna Wanjiru
> Nyeri
> 1
< Thanks Anna Wanjiru! 100 MB is yours.
expect grants 1
END
sed 's/is yours/is mine/' "$work/good.talk" >"$work/bad.talk"
run 0 -c "$conf" test "$work/good.talk";  says out "1 talks, 7 steps: 1 passed, 0 failed"
run 1 -c "$conf" test "$work/good.talk" "$work/bad.talk"
says out "bad.talk:6: the screen differs"; says out "2 talks, 13 steps: 1 passed, 1 failed"
run 0 -c "$conf" test -v "$work/good.talk"; says out "< Your full name?"
run 1 -c "$conf" test "$work/none.talk";  says out "cannot read the file"
run 2 -c "$conf" test
printf '1\nAnna Wanjiru\nNyeri\n1\n' | "$STARHASH" -c "$conf" dial '*123*1#' --language sw >"$work/out"
says out "Asante Anna Wanjiru!"; says out "-- SMS: "
run 1 -c "$conf" dial '*999#';            says err "no service answers *999#"
[ ! -e "$work/s.db" ] || { echo "FAIL: test or dial touched the real store"; failed=1; }

# --- show, export, stats, erase
run 1 -c "$conf" show 0700000001          # there is no store yet
run 1 -c "$conf" stats
"$CLI_HELPER" store "$conf"
run 0 -c "$conf" map "$work/menus/join.conf"
says out '40 entered, 12 left (cancelled 1, network 9, ours 2)\n3 bad answers\nmedian 3.0 s'
run 0 -c "$conf" show 0700000001;         says out "254700000001"; says out "declared (registered)"; says out "Nyeri"
run 0 -c "$conf" show +254700000001 --json
says out '"msisdn": "254700000001"'; says out '"registered": true'; says out '"town": "Nyeri"'
says out '"purpose": "profile"'; says out '"text": "May we keep it?"'; says out '"state": "granted"'; says out '"bundle": "100MB"'
run 0 -c "$conf" show 254700000002 --json; says out '"registered": false'; says out '"grants": []'
run 1 -c "$conf" show 0700000009;         says err "no such subscriber"
run 1 -c "$conf" show 12;                 says err "not a subscriber's number"
run 2 -c "$conf" show
run 0 -c "$conf" export;                  says out '{"msisdn":"254700000001"'; says out '{"msisdn":"254700000002"'
[ "$(wc -l <"$work/out")" = 2 ] || { echo "FAIL: export did not write two lines"; failed=1; }
run 0 -c "$conf" stats;                   says out "granted 1"
run 0 -c "$conf" stats --json
says out '"subscribers": 2'; says out '"registered": 1'; says out '"granted": 1'; says out '"ledger_postings": 1'
run 0 -c "$conf" grants;                  says out "254700000001"; says out "granted"
run 0 -c "$conf" grants 1 --json;         says out '"system":"ledger"'; says out '"attempts":[]'
run 0 -c "$conf" grants join;             says out "254700000001"
run 0 -c "$conf" grants --state unknown;  says out "no such grant"
run 0 -c "$conf" grants --report;         says out "agree"
run 1 -c "$conf" grants 99;               says err "no grant has the id 99"
run 2 -c "$conf" grants --state odd;      says err "--state is one of"
run 2 -c "$conf" grants resolve 1 maybe;  says err "resolve ID granted"
run 2 -c "$conf" grants resolve 1 granted; says err "--reason"
run 1 -c "$conf" grants resolve 1 granted --reason because; says err "none of a charging system"
run 0 -c "$conf" requests;                says out "no request is open"
run 0 -c "$conf" requests --all --json;   says out '[]'
run 2 -c "$conf" requests "done";           says err "done ID"
run 2 -c "$conf" requests "done" one --reason because; says err "done ID"
run 2 -c "$conf" requests "done" 1;         says err "--reason"
run 2 -c "$conf" requests --reason because;     says err "go with done ID"
run 2 -c "$conf" requests "done" 1 --reason because --json; says err "go with the list"
run 1 -c "$conf" requests "done" 1 --reason because; says err "no request has the id 1; see starhash requests"
run 2 -c "$conf" erase 0700000001;        says out "Nothing was changed"
run 2 -c "$conf" erase 0700000001 --yes;  says err "--reason"
run 0 -c "$conf" show 0700000001;         says out "Nyeri"
run 0 -c "$conf" erase 0700000001 --yes --reason "asked for it"; says out "erased"
run 0 -c "$conf" show 0700000001 --json
says out '"registered": false'; says out '"town": null'; says out '"state": "withdrawn"'; says out '"key": "join"'
run 1 -c "$conf" erase 0700000009 --yes --reason because; says err "no such subscriber"

# --- who looked, and who decided
run 1 -c "$conf" show 0700000001 --reveal;            says err "--role NAME is needed"
run 1 -c "$conf" show 0700000001 --reveal --role care; says err "--reason TEXT is needed"
run 1 -c "$conf" show 0700000001 --reveal --role boss --reason because; says err 'there is no role "boss"'
run 2 -c "$conf" show 0700000001 --role care;         says err "go with --reveal"
run 2 -c "$conf" show 0700000001 --limit 0;           says err "1 to 10000"
run 1 -c "$conf" show 0700000001 --at yesterday;      says err "is no date"
run 0 -c "$conf" show 0700000002 --reveal --role care --reason "ticket 1"
run 0 -c "$conf" audit;                               says out "erase, subscriber 1: asked for it"; says out "reveal "
run 0 -c "$conf" audit list 0700000002 --json;        says out '"reason": "ticket 1"'
run 0 -c "$conf" audit verify;                        says out "the chain is whole; head 2:"
run 0 -c "$conf" audit head;                          head=$(cat "$work/out")
run 0 -c "$conf" audit verify --head "$head"
run 1 -c "$conf" audit verify --head "$(echo "$head" | sed 's/2:/3:/')"; says out "not in this chain: row 3"
run 1 -c "$conf" audit verify --head x;               says err "as starhash audit head printed it"
run 2 -c "$conf" audit nonsense;                      says err "list, verify or head"
run 2 -c "$conf" audit --limit 0;                     says err "1 to 10000"
run 1 -c "$conf" audit list 0700000009;               says err "no such subscriber"

# --- status, reload, drain
for command in status reload drain; do
	run 1 -c "$conf" "$command";      says err "no daemon answers at"; says err "starhashd -c FILE"
done

# listen TEXT: a daemon that answers TEXT once; comes back when it listens.
listen() {
	rm -f "$work/c.sock"
	: >"$work/heard"
	"$CLI_HELPER" answer "$work/c.sock" "$1" >"$work/heard" &
	until grep -q listening "$work/heard"; do
		kill -0 $! || exit 1
	done
}
listen '{"links": [{"name": "smsc-a", "state": "bound", "binds": 2, "losses": 0}], "draining": false}'
run 0 -c "$conf" status --all;            says out "links.smsc-a.state"; says out "bound"; says out "links.smsc-a.binds"
wait
[ "$(tail -n 1 "$work/heard")" = status ] || { echo "FAIL: the daemon did not hear \"status\""; failed=1; }
listen '{"ok": false, "error": "join.conf has errors"}'
run 1 -c "$conf" reload --json;           says out '"error": "join.conf has errors"'
wait
listen '{"ok": false, "findings": [{"level": "error", "file": "join.conf", "line": 0, "rule": 3, "what": "no start", "remedy": "add start"}, {"level": "warning", "file": "join.conf", "line": 7, "rule": 0, "what": "odd", "remedy": ""}]}'
run 1 -c "$conf" reload;                  says out 'join.conf: error: no start. add start [rule 3]'; says out 'join.conf:7: warning: odd'
wait

# --- push
run 2 -c "$conf" push;                                    says err "give one number"
run 2 -c "$conf" push 0722000001;                         says err "give --code or --notify"
run 2 -c "$conf" push 0722000001 --code '*1#' --notify x; says err "give --code or --notify"
run 2 -c "$conf" push 0722000001 --notify x --wait soon;  says err "a time such as 60s"
run 1 -c "$conf" push 0722000001 --notify x;              says err "no daemon answers at"
listen '{"ok": false, "error": "no menu answers to this code"}'
run 1 -c "$conf" push 0722000001 --code '*9#' --wait 5s;  says err "no menu answers to this code"
wait
grep -qE '^push \{.*"msisdn": ?254722000001' "$work/heard" || { echo "FAIL: the daemon did not hear the push"; failed=1; }
grep -q '"wait_ms": *5000' "$work/heard" || { echo "FAIL: the daemon did not hear the wait"; failed=1; }

# --- pdu
traces=$srcdir/tests/traces
dialects=$srcdir/conf/dialects.conf
run 0 pdu 0000001080000015 00000000:00000001; says out "enquire_link_resp"; says out "Starhash would answer: nothing"
run 1 pdu 00000010000007770000000000000001;   says out "no command of SMPP 3.4"; says out "generic_nack ESME_RINVCMDID"
run 1 pdu 000000100000001500;                 says out "the PDU ends here, at offset 9"
run 0 pdu --dialects "$dialects" --dialect tata --only 3 "$traces/tata.pcap"
says out "in dialect tata: begin, code 123, session 0x4d2e (19758)"; says out '"254700000001"'; says out '"*123#"'
run 0 pdu --mask "$traces/tata.pcap";         says out "(hidden)"
if grep -qE '254700|\*123#|Wanjiku|323534373030' "$work/out"; then echo "FAIL: --mask shows what it should hide"; failed=1; fi
run 0 pdu "$traces/tata.hex";                 says out "(hidden)" # the password, always
if grep -qE 'secret|736563726574' "$work/out"; then echo "FAIL: pdu shows a password"; failed=1; fi
run 0 pdu --json --only 3 "$traces/tata.hex"; says out '"name":"ussd_service_op 0x0501"'; says out '"kind":"begin"'
run 1 pdu --dialects "$dialects" --dialect tato 00000010000000150000000000000001; says err 'did you mean "tata"?'
run 1 pdu "$conf";                            says err "is no capture either"
run 2 pdu;                                    says err "give the octets"

# --- doctor
run 0 doctor --dialects "$dialects" "$traces/tata.pcap"
says out 'Dialect: "tata", certain'; says out 'dialect = "tata"'; says out "Nothing is wrong in this trace"
run 1 doctor --dialects "$dialects" --hex "$traces/broken-hex-decimal.hex"
says out "op 0x17 (23) goes out"; says out "(PDU 9)"
run 0 doctor --dialects "$dialects" --json "$traces/mica.hex"; says out '"dialect": "mica"'; says out '"confidence": "certain"'
run 1 doctor "$traces/mica.hex";              says err "only the built-in dialect"
run 1 doctor --write "$work/block.conf" "$traces/tata.hex"
grep -q 'like = "standard"' "$work/block.conf" || { echo "FAIL: doctor --write wrote no block"; failed=1; }
run 1 doctor "$work/nothing.pcap";            says err "cannot be opened"
run 2 doctor;                                 says err "name one file"
run 2 doctor "$traces/tata.hex" --for 5s;     says err "--for goes with --link"
run 1 -c "$conf" doctor --link a --for 5;     says err "--for wants a time"
run 1 -c "$conf" doctor --link b --for 1s;    says err 'no link is named "b"'
listen '{"links": [{"name": "a", "state": "bound"}], "draining": false}'
run 1 -c "$conf" doctor --link a --for 1s;    says err 'the daemon is bound on "a"'; says err "starhash drain"
wait

cli_verdict
