#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion offers what the programs' --help says, all of it and nothing else.
set -euo pipefail

builddir=${builddir:-.}
srcdir=${srcdir:-.}
PATH=$(cd "$builddir" && pwd):$PATH
# shellcheck source=completion/starhash.bash
. "$srcdir/completion/starhash.bash"
failed=0

# offered WORDS...: what Tab offers after these, the last one unfinished; sorted, in one line.
offered()
{
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_starhash "$1" "${!#}" "${*: -2:1}"
	printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | sort -u | paste -sd' '
}

same()
{
	[ "$1" = "$2" ] && return
	printf 'FAIL: %s:\n  offered: %s\n  wanted:  %s\n' "$3" "$1" "$2"
	failed=1
}

commands=$(starhash --help | sed -n 's/^  \([a-z][a-z]*\)  *[A-Z].*/\1/p' | sort -u)
[ "$(wc -l <<<"$commands")" -ge 19 ] || { echo "FAIL: starhash --help names too few commands"; failed=1; }
same "$(offered starhash '')" "$(paste -sd' ' <<<"$commands")" "starhash "
same "$(offered starhash ba)" backup "starhash ba"
same "$(offered starhash -c x.conf ba)" backup "starhash -c x.conf ba"
same "$(offered starhash backup --f)" --force "starhash backup --f"
same "$(offered starhash -c x.conf check --opt)" --options "starhash -c x.conf check --opt"
same "$(offered starhashd --t)" --test "starhashd --t"
same "$(offered starhash-smsc --load-)" --load-sms "starhash-smsc --load-"

# Every option that a command takes is offered; --help says which. One that is offered must not be refused as unknown.
for command in $commands; do
	same "$(offered starhash "$command" --)" \
		"$({ starhash "$command" --help | grep -oE -- '--[a-z][a-z-]*'; echo --help; } | sort -u | paste -sd' ')" \
		"starhash $command --"
	for option in $(offered starhash "$command" --); do
		said=$(timeout 10 starhash "$command" "$option" --help 2>&1 </dev/null) || true
		case $said in *"cannot use \"$option\""*) echo "FAIL: starhash $command does not know $option"; failed=1 ;; esac
	done
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/a b.conf"
same "$(cd "$work" && offered starhash -c a)" "a b.conf" "a name with a blank"
cp "$srcdir/conf/starhash.conf" "$work/s.conf"
same "$(offered starhash -c "$work/s.conf" doctor --link '')" smsc-a "the links of a configuration"
same "$(offered starhash -c "$work/s.conf" links '')" "down throttle up" "what can be done with links"
same "$(offered starhash -c "$work/s.conf" links down '')" smsc-a "the links, after links down"
same "$(offered starhash dialogues e)" end "starhash dialogues e"
exit $failed
