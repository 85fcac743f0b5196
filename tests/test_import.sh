#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# starhash import and export, from outside: files that are no good, rows that are no good, a kill at any moment, and that what was
# exported and imported is the same again. Defends promises 6, 8 and 9.
set -euo pipefail

builddir=$(cd "${builddir:-.}" && pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
starhash=$builddir/starhash
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

fail() { echo "FAIL: $*"; failed=1; }

# A store of its own, empty.
fresh()
{
	rm -rf "$1" && mkdir "$1"
	cp -r "$srcdir/conf/menus" "$srcdir/conf/dialects.conf" "$1/"
	cat >"$1/profile.conf" <<-'END'
		profile  = ( { field = "name"; private = true; consent = "profile"; },
		             { field = "town"; consent = "profile"; },
		             { field = "role"; of = [ "head", "job", "study" ]; consent = "profile"; },
		             { field = "network"; consent = "survey"; },
		             { field = "wish"; consent = "survey"; },
		             { field = "likes"; consent = "offers"; } );
		required = [ "name", "town" ];
		purposes = ( { purpose = "profile"; }, { purpose = "survey"; }, { purpose = "offers"; marketing = true; } );
	END
	cat >"$1/starhash.conf" <<-'END'
		links = ( { name = "a"; host = "127.0.0.1"; port = 1; system_id = "x"; password = "y"; } );
		country = { code = "254"; trunk = "0"; };
		services = [ "menus/join.conf" ];
		profile = "profile.conf";
		store = { sqlite = "base.db"; };
		bundles = ( { name = "100MB"; gives = "100 MB"; valid = "7d"; code = "DATA100"; } );
		control = "control.sock";
	END
}

# run CODE FOLDER ARGS...: what it said is in out and err.
run()
{
	local wanted=$1 folder=$2 got=0
	shift 2
	"$starhash" -c "$folder/starhash.conf" "$@" >out 2>err || got=$?
	[ "$got" = "$wanted" ] || fail "starhash $*: exit $got and not $wanted: $(cat out err)"
}
says() { grep -qF -- "$2" "$1" || fail "$1 does not say \"$2\" but: $(head -c 2000 "$1")"; }
never() { if grep -qaE -- "$2" "$1"; then fail "$1 says $2"; fi; }

who=(--role privacy --reason test)
columns=msisdn,language,name,town,role,consent.profile.words,consent.profile.at
proof='"Agree, please?",2024-01-01'

# --- who may, and what is no file of ours -------------------------------------------------------------------------------
fresh s
printf '%s\n254700000001,en,Asha Wanjiru,Kisumu,job,%s\n' "$columns" "$proof" >good.csv
run 1 s import good.csv --role privacy; says err reason
run 1 s import good.csv --role nobody --reason test
run 2 s import good.txt "${who[@]}"; says err '--format csv or --format jsonl'
run 2 s import good.csv --existing keep "${who[@]}"; says err 'skip, fill or replace'
run 1 s import absent.csv "${who[@]}"; says err 'absent.csv: No such file'
run 1 s import . --format csv "${who[@]}"; says err 'is a folder'
: >empty.csv;                                    run 1 s import empty.csv "${who[@]}"; says err 'is empty'
printf 'msisdn,langage\n' >bad.csv;              run 1 s import bad.csv "${who[@]}"; says err 'bad.csv:1: unknown column "langage"; did you mean "language"'
printf 'msisdn,consent.profil.at\n' >bad.csv;    run 1 s import bad.csv "${who[@]}"; says err 'did you mean "consent.profile.at"'
printf 'language,name\n' >bad.csv;               run 1 s import bad.csv "${who[@]}"; says err 'no column "msisdn"'
printf '\377\376m\0s\0' >bad.csv;                run 1 s import bad.csv "${who[@]}"; says err 'UTF-16'
head -c 300000 /dev/zero | tr '\0' x >bad.csv;   run 1 s import bad.csv "${who[@]}"; says err 'is it a CSV file'
[ ! -e bad.csv.rejects ] || fail "a file that is none has rejects"

# --- rows that are no good -----------------------------------------------------------------------------------------------
{
	printf '\357\273\277%s\r\n' "$columns"
	printf '254700000001,en,Asha Wanjiru,Kisumu,job,%s\r\n' "$proof"
	printf '0700000001,en,Asha Wanjiru,Kisumu,job,%s\r\n' "$proof"
	printf '254700000002,en,Juma Otieno,Kisumu,job,,\r\n'
	printf '254700000003,en,Ju\377ma,Kisumu,job,%s\r\n' "$proof"
	printf '254700000004,en,Juma Otieno,Kisumu,boss,%s\r\n' "$proof"
	printf '254700000005,en,"Juma Otieno,Kisumu,job,%s\r\n' "$proof"
	printf '254700000006,en,Ju\000ma,Kisumu,job,%s\r\n' "$proof"
	printf '254700000007,en,Juma Otieno\r\n'
	printf '254700000008,en,'; head -c 400000 /dev/zero | tr '\0' y; printf ',,,,\r\n'
	printf '254700000009,sw,"Neema ""N"" Njeri","Nakuru",,"Agree\r\nto this?",2024-02-01\r\n'
} >rows.csv
run 1 s import rows.csv --dry-run
says out 'nothing was stored'
run 0 s export; [ ! -s out ] || fail "a dry run has stored something"
run 1 s import rows.csv "${who[@]}"
says out '10 rows: 2 added, 0 changed, 0 left as they were, 8 rejected'
says err 'rows.csv:3: the number stands in this file before'
says err 'rows.csv:4: name: no consent to "profile" stands'
says err 'rows.csv:5: name: is not UTF-8'
says err 'rows.csv:6: role: takes one of head, job, study'
says err 'rows.csv:7: '
says err 'rows.csv:8: '
says err 'rows.csv:9: has 3 cells'
says err 'rows.csv:10: is longer than'
never err 'Juma|Asha|Otieno|2547000|0700000'
[ "$(stat -c %a rows.csv.rejects)" = 600 ] || fail "others may read the rejects"
run 0 s show 254700000009 --json; says out '"language": "sw"'

# What was rejected is put right and imported by itself; its two columns more are passed over.
sed -e '1b' -e '/^4,/!d' -e 's/,,\r*$/,Agree?,2024-01-01/' rows.csv.rejects >again.csv
run 0 s import again.csv "${who[@]}"
says out '1 rows: 1 added'
# And rows.csv again, to its end: nobody is there twice.
run 1 s import rows.csv "${who[@]}"
says out '10 rows: 0 added, 0 changed, 4 left as they were, 6 rejected'

# --- JSON lines, by a pipe; the history of an export is passed over ---------------------------------------------------------
run 0 s export --history --reveal "${who[@]}"
fresh t
"$starhash" -c t/starhash.conf import - --format jsonl "${who[@]}" <out >said 2>err || fail "an export with its history is not taken: $(cat said err)"
run 0 t export --reveal "${who[@]}"; mv out t.jsonl
run 0 s export --reveal "${who[@]}"; cmp out t.jsonl || fail "what was exported and imported is not the same"
run 0 s export; mv out masked.jsonl
never masked.jsonl 'Asha|Juma|Neema'
fresh t
run 1 t import masked.jsonl "${who[@]}"; says err 'name: is masked here'
printf '{"msisdn":"254700000001","profil":{}}\n{"msisdn":"254700000002"\n' >bad.jsonl
run 1 t import bad.jsonl "${who[@]}"
says err 'bad.jsonl:1: unknown key "profil"; did you mean "profile"?'
says err 'bad.jsonl:2: column '
says bad.jsonl.rejects '{"_line":1,"_why":"unknown key '

# --- the newest word, wherever it stands; and STOP (promises 7 and 8) -------------------------------------------------------
fresh o
{
	echo '{"msisdn":"254700000002","consents":[{"purpose":"profile","state":"withdrawn","at":"2025-01-01"},{"purpose":"profile","text":"Agree?","at":"2023-01-01"}]}'
	echo '{"msisdn":"254700000003","profile":{"town":"Kisumu"},"consents":[{"purpose":"profile","state":"withdrawn","at":"2025-01-01"},{"purpose":"profile","text":"Agree?","at":"2023-01-01"}]}'
	echo '{"msisdn":"254700000004","stopped":true,"consents":[]}'
	echo '{"msisdn":"254700000005","stopped":true,"profile":{"likes":"music"},"consents":[{"purpose":"offers","text":"May we?","at":"2024-01-01"}]}'
} >order.jsonl
run 1 o import order.jsonl "${who[@]}"; says out '4 rows: 3 added, 0 changed, 0 left as they were, 1 rejected'
says err 'order.jsonl:2: town: no consent to "profile" stands'
{
	echo '{"msisdn":"254700000002","profile":{"town":"Kisumu"},"consents":[{"purpose":"profile","text":"Agree?","at":"2024-01-01"}]}'
	echo '{"msisdn":"254700000004","profile":{"likes":"music"},"consents":[{"purpose":"offers","text":"May we?","at":"2025-06-01"}]}'
	echo '{"msisdn":"254700000005","consents":[{"purpose":"offers","text":"May we?","at":"2025-06-01"}]}'
} >later.jsonl
run 1 o import later.jsonl --existing replace "${who[@]}"; says out '3 rows: 0 added, 0 changed, 1 left as they were, 2 rejected'
says err 'later.jsonl:1: town: no consent to "profile" stands'
says err 'later.jsonl:2: they have said STOP, so no consent to "offers" counts before they send START'
run 0 o export --purpose offers; never out 254700000004; never out 254700000005
run 0 o export; never out Kisumu; never out music

# --- words that speak to a terminal, or to a spreadsheet ---------------------------------------------------------------------
fresh u
cat >signs.jsonl <<-'END'
	{"msisdn":"254700000031","consents":[{"purpose":"profile","text":"w\u001b[2J","at":"2024-01-01"}]}
	{"msisdn":"254700000032","consents":[{"purpose":"profile","text":"Agree?","proof":"f\u009b0m","at":"2024-01-01"}]}
	{"msisdn":"254700000033","consents":[{"purpose":"profile","text":"Agree?","version":"\u202e1","at":"2024-01-01"}]}
	{"msisdn":"254700000034","profile":{"town":"Ki\u202esumu"},"consents":[{"purpose":"profile","text":"Agree?","at":"2024-01-01"}]}
	{"msisdn":"254700000035","consents":[{"purpose":"profile","text":"Agree?\nYes","at":"2024-01-01"}]}
	{"msisdn":"254700000036","profile":{"wish":"=1+1"},"consents":[{"purpose":"survey","text":"Agree?","at":"2024-01-01"}]}
END
run 1 u import signs.jsonl "${who[@]}"; says out '6 rows: 2 added, 0 changed, 0 left as they were, 4 rejected'
says err 'signs.jsonl:1: consents[0].words: character 2 is U+001B'
says err 'signs.jsonl:2: consents[0].proof: character 2 is U+009B'
says err 'signs.jsonl:3: consents[0].version: character 1 is U+202E'
says err 'signs.jsonl:4: town: '
run 0 u show 254700000035; says out '"Agree?\x0aYes"'
run 0 u export --csv; says out ',=1+1,'
run 0 u export --csv --for-spreadsheet; says out ",'=1+1,"
run 2 u export --for-spreadsheet; says err 'goes with --csv'
printf '\357\273\277' >bom.csv; run 1 u import bom.csv "${who[@]}"; says err 'is empty but for a mark'; never err null

# --- who may say that somebody is verified; a dry run and a copy of the keyring take a role where roles are given ---------------
fresh v
echo "roles = ( { role = \"loader\"; users = [ \"$(id -un)\" ]; may = [ \"import\", \"audit\" ]; }," \
	"{ role = \"chief\"; users = [ \"$(id -un)\" ]; may = [ \"import\", \"verify\", \"key\" ]; } );" >>v/starhash.conf
cat >verified.jsonl <<-'END'
	{"msisdn":"254700000041","state":"verified"}
	{"msisdn":"254700000042","state":"anonymous"}
END
run 1 v import verified.jsonl --dry-run; says err 'say as who'
run 1 v import verified.jsonl --role loader --reason '  . '; says err 'say why'
run 1 v import verified.jsonl --role loader --reason test
says out '2 rows: 1 added'; says err 'verified.jsonl:1: state: verified needs a role with the right "verify" too'
run 0 v import verified.jsonl --role chief --reason test --anew
says out '2 rows: 1 added'
run 0 v audit list --role loader; says out ': 1 added as verified'
run 1 v key copy ring; says err 'say as who'
[ ! -e ring ] || fail "the keyring was copied without a role"
run 0 v key copy ring --role chief --reason test
"$starhash" -c v/starhash.conf key >out 2>err || :; never err warning
chmod 644 v/base.db.keyring
"$starhash" -c v/starhash.conf key >out 2>err || :; says err '(mode 644): chmod 600'

# --- by purpose ---------------------------------------------------------------------------------------------------------
cat >purposes.jsonl <<-'END'
	{"msisdn":"254700000011","profile":{"likes":"music","town":"Thika"},"consents":[{"purpose":"offers","text":"x","at":"2024-01-01"},{"purpose":"profile","text":"x","at":"2024-01-01"}]}
	{"msisdn":"254700000012","consents":[{"purpose":"offers","state":"refused","at":"2024-01-01"}]}
	{"msisdn":"254700000013","stopped":true,"consents":[{"purpose":"offers","text":"x","at":"2024-01-01"}]}
END
fresh t
run 0 t import purposes.jsonl "${who[@]}"
run 0 t export --purpose offers --csv
[ "$(wc -l <out)" = 2 ] || fail "export --purpose: $(cat out)"
says out 'msisdn,state,language,stopped,new_since,first_seen,last_seen,likes,consent.offers,consent.offers.words,'
says out ',music,granted,x,,operator,2024-01-01T00:00:00.000Z,,'
run 1 t export --purpose offer; says err 'did you mean "offers"'
run 2 t export --csv --history
run 1 t export --reveal; says err role

# killed SECONDS FOLDER: an import of many.csv, killed after so long. False: it was over before.
killed()
{
	local got=0
	{ timeout -s KILL "$1" "$starhash" -c "$2/starhash.conf" import many.csv "${who[@]}" >/dev/null 2>&1 || got=$?; } 2>/dev/null
	[ "$got" = 137 ]
}

# --- killed at any moment ------------------------------------------------------------------------------------------------
awk -v n=40000 'BEGIN { print "msisdn,language,name,town,consent.profile.words,consent.profile.at"
	for (i = 0; i < n; i++) {
		printf "2547100%05d,", i
		if (i % 1000 == 7) print "en,Nobody,Kisumu,,"; else if (i % 2) print "sw,,,,"
		else print "en,Person " i ",Kisumu,\"Agree?\",2024-01-01" } }' >many.csv
fresh t
run 1 t import many.csv "${who[@]}"
says out '40000 rows: 39960 added, 0 changed, 0 left as they were, 40 rejected'
run 0 t export --reveal "${who[@]}"; sed 's/"\(first\|last\)_seen":"[^"]*"//g' out >wanted
mv many.csv.rejects wanted.rejects
fresh t
kills=0
for pause in 0.12 0.2 0.15 0.3 0.17 0.25 0.22 0.14; do
	if killed "$pause" t; then kills=$((kills + 1)); else fresh t; fi # over already: from the start once more
done
[ "$kills" -ge 2 ] || fail "it was over before it could be killed twice"
run 1 t import many.csv "${who[@]}" --json
says out '"rows":40000,"added":39960,'
run 0 t export --reveal "${who[@]}"; sed 's/"\(first\|last\)_seen":"[^"]*"//g' out >got
cmp got wanted || fail "after $kills kills the store is not what it should be"
cmp many.csv.rejects wanted.rejects || fail "after $kills kills the rejects are not what they should be"

# An unfinished one goes on only with the same file and the same options.
unfinished=
for pause in 0.2 0.3 0.4 0.25 0.35 0.6 1 2; do
	fresh t
	if killed "$pause" t && [ "$("$starhash" -c t/starhash.conf export 2>/dev/null | wc -l)" -gt 0 ]; then
		unfinished=yes
		break
	fi
done
[ "$unfinished" ] || fail "no import was killed in its middle"
run 1 t import many.csv --existing fill "${who[@]}"; says err '--existing skip'
sed 's/Kisumu/Nakuru/' many.csv >other.csv # it begins with other bytes: another file, to be read from its start
run 1 t import other.csv "${who[@]}"; says out 'left as they were'
run 1 t import many.csv --anew "${who[@]}"; says out '40000 rows: '

exit "$failed"
