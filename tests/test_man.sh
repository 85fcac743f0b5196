#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages say what the programs do: every key of the option table with its range and default, every key of the
# menu loader, every verb of talks, every command and every option of --help. And mandoc reads them without a warning.
#
#   tests/test_man.sh --write     makes the lists of keys anew, in place
set -euo pipefail

builddir=${builddir:-.}
srcdir=${srcdir:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
man=$srcdir/docs/man
failed=0

fail() { echo "FAIL: $*"; failed=1; }

# has PAGE WORD: as a word of its own, as mdoc writes it (a page escapes -- as Fl -).
has()
{
	grep -qE -- "(^|[^[:alnum:]_])$2($|[^[:alnum:]_])" "$man/$1" || fail "docs/man/$1 says nothing of \"$2\""
}

"$builddir/starhash" check --options >"$work/options"
for one in starhash.conf:starhash.conf profile.conf:starhash-profile dialects.conf:starhash-dialects; do
	page=$man/${one#*:}.5
	sh "$srcdir/build-aux/options-man.sh" --fill "${one%%:*}" "$page" <"$work/options" >"$work/page"
	[ "${1:-}" != --write ] || cp "$work/page" "$page"
	diff "$page" "$work/page" || fail "$page is not what the option table says: tests/test_man.sh --write"
	rows=$(sed -n "/^### ${one%%:*}/,/^### /p" "$work/options" | grep -cE '^[|] (`|[0-9])')
	[ "$(sed -n '/options: begin/,/options: end/p' "$page" | grep -c '^\.It')" = "$rows" ] || fail "$page: not $rows keys"
done

# Tables of keys in the loader: static const char *const keys[] = { ... }, names[] in the top level.
cat "$srcdir"/menus/book_load*.c "$srcdir/menus/country.c" | tr '\n' ' ' |
	grep -oE 'char \*const (keys|names)\[[A-Z]*\] = \{[^}]*\}' | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u >"$work/keys"
[ "$(wc -l <"$work/keys")" -ge 40 ] || fail "no tables of keys in menus/book_load*.c any more"
while read -r key; do has starhash-menu.5 "$key"; done <"$work/keys"

"$builddir/starhash" test --help | grep -oE '(given|expect|app|charging) [a-z]+|^  [a-z]+|(drop|repeat|wait|reload)' |
	tr ' ' '\n' | grep -E '^[a-z]+$' | sort -u >"$work/verbs"
[ "$(wc -l <"$work/verbs")" -ge 15 ] || fail "starhash test --help names too few verbs"
while read -r verb; do has starhash-talk.5 "$verb"; done <"$work/verbs"

# explained PAGE PROGRAM [COMMAND]: each option of its --help stands in the page. A command may have none.
explained()
{
	local page=$1 option
	shift
	"$@" --help >"$work/help"
	# shellcheck disable=SC2013  # words
	for option in $(sed -nE 's/(^|[ ,|[])--([a-z][a-z-]*)/\n\2\n/gp' "$work/help" | grep -E '^[a-z-]+$' | sort -u); do
		grep -qE -- "Fl .*(^| )\\\\?-$option([^a-z-]|\$)|Fl \\\\?-$option([^a-z-]|\$)" "$man/$page" || fail "docs/man/$page says nothing of --$option (${*##*/})"
	done
}

commands=$("$builddir/starhash" --help | sed -n 's/^  \([a-z][a-z]*\)  *[A-Z].*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 19 ] || fail "starhash --help names too few commands"
for command in $commands; do
	has starhash.1 "Cm $command"
	explained starhash.1 "$builddir/starhash" "$command"
done
explained starhash-smsc.1 "$builddir/starhash-smsc"
explained starhashd.8 "$builddir/starhashd"

if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning "$man"/*.[1-8] || fail "mandoc"
else
	echo "not run: mandoc is not here (Debian: mandoc)"
fi
exit $failed
