#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file of mistakes for each rule of the checker: starhash check must report each mistake that the file's own head
# announces ("# expect LEVEL LINE: WORDS"), with that line and that rule, and say what would be right.
#   STARHASH  the program (default: in $builddir)
set -euo pipefail

builddir=${builddir:-.}
srcdir=${srcdir:-.}
STARHASH=${STARHASH:-$builddir/starhash}
folder=$srcdir/tests/mistakes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fault()
{
	echo "FAIL: $*"
	failed=1
}

cat >"$work/s.conf" <<END
links    = ( { name = "a"; host = "127.0.0.1"; } );
country  = { code = "234"; trunk = "0"; profile = "$(cd "$srcdir" && pwd)/conf/countries/ng.conf"; };
services = [ "none.conf" ];
profile  = "profile.conf";
store    = { sqlite = "s.db"; };
bundles  = ( { name = "100MB"; gives = "100 MB"; valid = "7d"; } );
control  = "c.sock";
END
cat >"$work/profile.conf" <<'END'
profile = ( { field = "name"; private = true; consent = "profile"; }, { field = "born"; }, { field = "code"; },
            { field = "pin"; } );
END
# A profile that says what its fields are and for which purposes: for files that say "# with purposes" in their head.
sed 's/"profile.conf"/"purposes.conf"/' "$work/s.conf" >"$work/purposes-s.conf"
# One with a type of relation: "# with relations".
{ cat "$work/s.conf"; echo 'relations = ( { type = "family"; } );'; } >"$work/relations-s.conf"
cat >"$work/purposes.conf" <<'END'
profile  = ( { field = "name"; private = true; consent = "profile"; },
             { field = "town"; kind = "place"; length = [ 2, 30 ]; consent = "profile"; },
             { field = "code"; kind = "number"; range = [ 18, 99 ]; } );
purposes = ( { purpose = "profile"; }, { purpose = "offers"; marketing = true; } );
END

# check_file FILE: every expectation in its head
check_file()
{
	local file=$1 base rule conf=$work/s.conf options=() level line words pattern n=0
	base=$(basename "$file")
	rule=$((10#${base:4:2}))
	[ -f "$folder/live-$base" ] && options=(--against "$folder/live-$base")
	grep -q '^# with purposes' "$file" && conf=$work/purposes-s.conf
	grep -q '^# with relations' "$file" && conf=$work/relations-s.conf
	"$STARHASH" -c "$conf" check "$file" ${options[@]+"${options[@]}"} >"$work/out" 2>"$work/err" || true
	[ -s "$work/err" ] && fault "$base: $(cat "$work/err")"
	while read -r _ _ level line words; do
		n=$((n + 1))
		line=${line%:}
		pattern=": $level: "
		[ "$line" = 0 ] || pattern=":$line$pattern"
		# the place, the words, a remedy, the rule
		grep -F -- "$pattern" "$work/out" | grep -F -- "$words" | grep -E "\. .+ \[rule $rule\]$" >/dev/null || {
			fault "$base: not reported: $level on line $line: $words [rule $rule]"
			sed 's/^/    /' "$work/out"
		}
	done < <(grep '^# expect ' "$file")
	[ "$n" -gt 0 ] || fault "$base expects nothing"
}

for ((rule = 1; rule <= 15; rule++)); do
	files=("$folder/rule$(printf %02d "$rule")"-*.conf)
	[ -f "${files[0]}" ] || fault "no file of mistakes for rule $rule"
	for file in "${files[@]}"; do
		check_file "$file"
	done
done
[ "$failed" = 0 ] && echo "every mistake is reported"
exit "$failed"
