#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The tables of `starhash check --options` as lists of mdoc(7), for the pages of section 5.
#
#   usage: starhash check --options | build-aux/options-man.sh FILE        FILE: starhash.conf, profile.conf, dialects.conf
#          options-man.sh --fill FILE PAGE <OPTIONS                        PAGE with its list made anew, to stdout
set -eu

list()
{
	awk -v wanted="$1" -F ' *[|] *' '
	function plain(text) {
		gsub(/\\/, "\\e", text)
		gsub(/`/, "\"", text)
		return text
	}
	function line(text) {
		text = plain(text)
		if (text ~ /^[.\x27]/)
			text = "\\&" text
		while (length(text) > 76) {
			for (at = 76; at > 1 && substr(text, at, 1) != " "; at--)
				;
			if (at == 1)
				break
			print substr(text, 1, at - 1)
			text = substr(text, at + 1)
			if (text ~ /^[.\x27]/)
				text = "\\&" text
		}
		print text
	}
	/^### / { inside = ($0 == "### " wanted); next }
	!inside || !/^\| `|^\| [0-9]/ { next }
	{
		first = ($2 ~ /^[0-9]+$/) ? 3 : 2 # the table of dialects begins with the number of its knob
		key = $first; type = $(first + 1); range = $(first + 2); fallback = $(first + 3)
		meaning = first == 3 ? $(first + 4) : $(first + 5)
		reload = first == 2 && $(first + 4) == "yes"
		gsub(/`/, "", key)
		gsub(/`/, "", fallback)
		print ".It Ic " key
		line(toupper(substr(meaning, 1, 1)) substr(meaning, 2) ".")
		print ".br"
		text = type (range != "" ? ", " range : "")
		if (fallback == "must be given")
			text = text "; must be given"
		else if (fallback != "")
			text = text "; default: " fallback
		if (reload)
			text = text "; taken over by a reload"
		line(toupper(substr(text, 1, 1)) substr(text, 2))
	}'
}

if [ "${1:-}" = --fill ]; then
	made=$(list "$2")
	[ -n "$made" ] || {
		echo "options-man.sh: no table of $2 on standard input" >&2
		exit 1
	}
	sed -n '1,/^\.\\" options: begin/p' "$3"
	printf '.Bl -tag -width Ds\n%s\n.El\n' "$made"
	sed -n '/^\.\\" options: end/,$p' "$3"
else
	list "$1"
fi
