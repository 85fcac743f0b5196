# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for starhash, starhashd and starhash-smsc. Commands and options are read from the programs' own --help, so
# this file knows none of them by heart and stays true when they change.

# Words of `$1 [COMMAND] --help` that begin with --; and for starhash itself, its commands.
_starhash_options()
{
	"$@" --help 2>/dev/null | grep -oE -- '(^|[^[:alnum:]-])--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+' | sort -u
}

_starhash_commands()
{
	"$1" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'
}

# The command that stands on the line already, and -c FILE before it: into `command` and `config` of the caller.
_starhash_line()
{
	local i
	command='' config=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-c | --config)
			config=(-c "${words[i + 1]-}")
			((++i))
			;;
		-*) ;;
		*)
			command=${words[i]}
			return
			;;
		esac
	done
}

_starhash_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# Links of the configuration are the one thing of it that is worth a Tab.
_starhash_links()
{
	local file=${config[1]:-/etc/starhash/starhash.conf}
	grep -oE '\bname *= *"[^"]+"; *host' "$file" 2>/dev/null | sed 's/.*"\(.*\)".*/\1/'
}

_starhash_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_starhash()
{
	local cur prev words cword command config
	words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	if [ "$(basename -- "$1")" != starhash ]; then
		case $prev in
		-c | --config | --port-file | --report-seen) _starhash_files ;;
		*) _starhash_words "$(_starhash_options "$1")" ;;
		esac
		return
	fi
	_starhash_line
	case $prev in
	-c | --config | --against | --country | --dialects | --write | --hex | --svg | -o)
		_starhash_files
		return
		;;
	--link)
		_starhash_words "$(_starhash_links)"
		return
		;;
	esac
	if [ -z "$command" ]; then
		if [[ $cur == -* ]]; then
			_starhash_words "-c $(_starhash_options "$1")"
		else
			_starhash_words "$(_starhash_commands "$1")"
		fi
	elif [[ $cur == -* ]]; then
		_starhash_words "$(_starhash_options "$1" "$command") --help"
	elif [ "$command" = links ] && [[ $prev == up || $prev == down || $prev == throttle ]]; then
		_starhash_words "$(_starhash_links)"
	elif [ "$command" = links ]; then
		_starhash_words "up down throttle"
	elif [ "$command" = dialogues ]; then
		_starhash_words end
	else
		_starhash_files
	fi
}

complete -F _starhash starhash starhashd starhash-smsc
