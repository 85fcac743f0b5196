#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The house rules that a compiler does not check: which folder may include which, who owns which foreign
# header, what may not stand in the code at all, and that docs/architecture.md tells of each file. The two tables below
# are the rules; docs/architecture.md shows them as pictures. Every fault is printed with file and line; exit 1 if there is any.
set -euo pipefail
shopt -s extglob

srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
cd "$srcdir"
CC=${CC:-cc}

# Who may include whom. First match counts, so a file's row stands before its folder's.
layers=(
	'core/*            core'
	'menus/*           core menus'
	'storage/*         core storage'
	'gateway/*         core menus storage gateway'
	'tools/smsc*       core tools/smsc'
	'tools/*           core menus storage gateway tools'
	'tests/*           core menus storage gateway tools tests'
	'bench/*           core menus storage gateway tools bench'
)

# Who may include which foreign header. Tests may look behind every port.
owners=(
	'smpp34*.h         gateway/pdu_codec.c tests/differ/differ_smpp34.c'
	'sqlite3.h         storage/* tests/* bench/sqlite_commits.c'
	'event2/*          gateway/* tests/*'
	'openssl/*         gateway/link_tls.c tests/*'
	'uthash.h          gateway/*'
	'libconfig.h       gateway/config*.c gateway/config_*.h menus/book_load* menus/country.c'
	'gettext-po.h      menus/po.c'
	'jansson.h         tools/* gateway/control*.c gateway/control_private.h gateway/control_accounts.* gateway/console*.[ch] gateway/view_json.c gateway/app*.c gateway/charging_cgrates.c tests/*'
	'libxml/*          gateway/xmlrpc.c'
	'curl/*            gateway/http_library.h'
	'pcap/*            tools/trace_pcap.c'
	'sodium.h          core/digest.c core/seal.c'
	'systemd/*         core/log.c gateway/supervise.c'
	'check.h           tests/*'
)

# The C library and the system. Any other <header> is foreign and wants a row above.
system_headers=' assert.h ctype.h dirent.h dlfcn.h errno.h fcntl.h float.h getopt.h inttypes.h libgen.h limits.h locale.h malloc.h math.h
 netdb.h poll.h pthread.h pwd.h sched.h search.h semaphore.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h
 stddef.h stdint.h stdio.h stdlib.h string.h strings.h sysexits.h syslog.h termios.h threads.h time.h
 unistd.h wchar.h '

faults=0
fault()
{
	echo "$*"
	faults=$((faults + 1))
}

# The rest of the first row whose first word matches $1.
row()
{
	local what=$1 line
	shift
	for line in "$@"; do
		# shellcheck disable=SC2053,SC2295  # the table holds patterns
		if [[ $what == ${line%% *} ]]; then
			echo "${line#* }"
			return 0
		fi
	done
	return 1
}

check_own_include()
{
	local file=$1 line=$2 header=$3 allowed one
	if [[ $header != */* ]]; then
		fault "$file:$line: \"$header\" is not written from the root"
		return
	fi
	allowed=$(row "$file" "${layers[@]}") || return 0
	for one in $allowed; do
		[[ $header == "$one"* ]] && return 0
	done
	fault "$file:$line: may not include \"$header\" (it may: ${allowed##+( )})"
}

check_foreign_include()
{
	local file=$1 line=$2 header=$3 allowed one
	if allowed=$(row "$header" "${owners[@]}"); then
		for one in $allowed; do
			# shellcheck disable=SC2053
			[[ $file == $one ]] && return 0
		done
		fault "$file:$line: <$header> belongs to ${allowed##+( )}"
	elif [[ $header != sys/* && $header != netinet/* && $header != arpa/* && $header != sanitizer/* &&
	        $system_headers != *[[:space:]]"$header"[[:space:]]* ]]; then
		fault "$file:$line: <$header> has no owner: add a row to ${0##*/}"
	fi
}

check_includes()
{
	local file line header quote
	while IFS=: read -r file line quote header; do
		if [[ $quote == '"' ]]; then
			check_own_include "$file" "$line" "$header"
		else
			check_foreign_include "$file" "$line" "$header"
		fi
	done < <(grep -HnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+' "${code[@]}" |
	         sed -E 's/^([^:]+:[0-9]+:)[^"<]*(["<])/\1\2:/')
}

check_words()
{
	local pattern=$1 says=$2 hit
	shift 2
	while IFS= read -r hit; do
		fault "$(cut -d: -f1,2 <<<"$hit"): $says"
	done < <(grep -HnE "$pattern" "$@" || true)
}

# An extern object must be const all the way: "extern const char *const names[];"
check_externs()
{
	local hit text
	while IFS= read -r hit; do
		text=${hit#*:*:}
		[[ $text == *'('* ]] && continue
		[[ $text == *'*'* ]] && text=${text##*\*}
		[[ $text == *const* ]] || fault "$(cut -d: -f1,2 <<<"$hit"): mutable extern"
	done < <(grep -HnE '^[[:space:]]*extern[[:space:]]' "${code[@]}" || true)
}

check_licence()
{
	local file
	for file in "$@"; do
		sed -n 1,2p "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
			fault "$file:1: no SPDX-License-Identifier line"
	done
	for file in "${code[@]}"; do
		sed -n 2,3p "$file" | grep -q '^/\*' || fault "$file:2: no comment that says the purpose"
	done
}

# "Files" of docs/architecture.md: FOLDER PATTERN for each name in its second column.
file_lines()
{
	awk '/^## /{on = $0 == "## Files"} on && /^### /{folder = substr($2, 1, length($2) - 1)}
	     on && folder && /^\| / {n = split($0, cell, "|"); while (match(cell[n - 1], /`[^`]+`/)) {
	         print folder, substr(cell[n - 1], RSTART + 1, RLENGTH - 2)
	         cell[n - 1] = substr(cell[n - 1], RSTART + RLENGTH)}}' docs/architecture.md
}

# Each file has its line there, and each line a file.
check_files_are_told()
{
	local file name folder pattern found
	local -A used=()
	local -a lines
	mapfile -t lines < <(file_lines)
	[ ${#lines[@]} -gt 20 ] || fault "docs/architecture.md: \"Files\" names only ${#lines[@]}: is its table what ${0##*/} reads?"
	for file in "$@"; do
		folder=${file%%/*} name=${file##*/} found=
		for pattern in "${lines[@]}"; do
			# shellcheck disable=SC2053  # the table holds patterns
			if [[ $folder == "${pattern% *}" && ${name%.*} == ${pattern#* } ]]; then
				found=1 used[$pattern]=1
			fi
		done
		[ -n "$found" ] || fault "$file:1: has no line under \"Files\" of docs/architecture.md"
	done
	for pattern in "${lines[@]}"; do
		[ -n "${used[$pattern]:-}" ] || fault "docs/architecture.md: there is no ${pattern% *}/${pattern#* } any more"
	done
}

# Each file is named once in its folder's local.mk, and what is named there is a file: else make dist fails, or leaves it out.
check_files_are_built()
{
	local file folder
	local generated=' storage/schema_sql.c gateway/console_assets.c '
	local -A times=()
	for folder in core menus storage gateway tools; do
		while IFS= read -r file; do
			times[$file]=$((${times[$file]:-0} + 1))
			[[ -f $file || $generated == *" $file "* ]] || fault "$folder/local.mk: there is no $file"
		done < <(grep -oE "\\b$folder/[a-z0-9_]+\\.[ch]\\b" "$folder/local.mk")
	done
	for file in "$@"; do
		[[ $file == console/* || $generated == *" $file "* || ${times[$file]:-0} == 1 ]] ||
			fault "$file:1: is named ${times[$file]:-0} times in ${file%%/*}/local.mk, and not once"
	done
	for file in "${others[@]}"; do
		[[ $file != tests/* ]] || grep -qwF -- "$file" tests/local.mk || fault "$file:1: is not named in tests/local.mk"
	done
}

check_headers_alone()
{
	local file said
	for file in "${headers[@]}"; do
		said=$(echo "#include \"$file\"" |
		       $CC -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I. -x c - 2>&1) ||
			fault "$file:1: does not compile alone: $(grep -m1 'error:' <<<"$said")"
	done
}

mapfile -t code < <(find core menus storage gateway tools tests bench -name node_modules -prune -o \
	-type f -name '*.[ch]' -print | LC_ALL=C sort)
mapfile -t headers < <(printf '%s\n' "${code[@]}" | grep '\.h$')
mapfile -t others < <(find dev .ci build-aux tests bench console \( -name node_modules -o -name vendor \) -prune -o \
	-type f \( -name dev -o -path .ci/run -o -name '*.sh' -o -name '*.js' -o -name '*.mjs' \) -print | LC_ALL=C sort)

if [ ${#code[@]} -lt 20 ]; then
	echo "found only ${#code[@]} source files in $srcdir: this check looks in the wrong place"
	exit 1
fi

check_includes
check_externs
check_words '^[[:space:]]*typedef[[:space:]]+(const[[:space:]]+)?(struct|union)\>' 'typedef of a struct' "${code[@]}"
check_words '^[[:space:]]*#[[:space:]]*if[[:space:]]+0\>' 'code that is switched off' "${code[@]}"
marks='\<(TO''DO|FIX''ME|X''XX)\>' # in two halves, so that this file passes its own check
check_words "$marks" 'unfinished work does not stay in the tree' "${code[@]}" "${others[@]}"
check_licence "${code[@]}" "${others[@]}"
mapfile -t told < <(printf '%s\n' "${code[@]}" "${others[@]}" | grep -E '^(core|menus|storage|gateway|tools|console)/[^/]*\.([ch]|js)$')
check_files_are_told "${told[@]}"
check_files_are_built "${told[@]}"
check_headers_alone

if [ "$faults" -gt 0 ]; then
	echo "$faults faults in ${#code[@]} files"
	exit 1
fi
echo "layers, owners and house rules hold in ${#code[@]} files"
