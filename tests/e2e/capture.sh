#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The end-to-end tests while tshark captures, as a third reading of SMPP after ours and the package's. What the daemon
# sent (to the SMSCs' ports) has no malformed packet and no expert warning; what it was sent is listed: the tests send
# rubbish on purpose. Sessions under TLS are not captured. Exit 77: could not capture here; COMMAND was run, and passed.
#
#   usage: tests/e2e/capture.sh [COMMAND...]    COMMAND runs the tests: ./dev check-sanitized, in .ci/run. Without one:
#
#   BUILD     where the programs are: ./build
#   TESTS     which files: all of them
#
#   PORTS     where the tests' SMSCs listen: 21000-21999
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
PORTS=${PORTS:-21000-21999}
work=$(mktemp -d)
capture_pid=
end()
{
	[ -z "$capture_pid" ] || kill "$capture_pid" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

# shellcheck disable=SC2086  # a list of files
tests()
{
	cd "$root/tests/e2e" && STARHASH_BUILD=$build node --test ${TESTS:-}
}

skip()
{
	echo "capture: NOT RUN: $1" >&2
	[ $# = 1 ] || "${@:2}"
	exit 77
}

command -v tshark >/dev/null || skip "tshark is not installed" "$@"
dumpcap -i lo -c 1 -a duration:1 -w "$work/try.pcapng" >"$work/try.log" 2>&1 ||
	skip "no permission to capture on the loopback: $(tail -n 1 "$work/try.log")" "$@"

if [ $# = 0 ] && [ ! -d "$root/tests/e2e/node_modules/smpp" ]; then
	echo "capture: the npm package smpp is not there; ./dev check fetches it" >&2
	exit 1
fi

dumpcap -q -i lo -B 64 -f "tcp portrange $PORTS" -w "$work/run.pcapng" >"$work/dumpcap.log" 2>&1 &
capture_pid=$!
for ((i = 0; i < 200; i++)); do
	[ -s "$work/run.pcapng" ] && break
	sleep 0.05
done
[ -s "$work/run.pcapng" ] || { cat "$work/dumpcap.log" >&2; exit 1; }

export STARHASH_E2E_PORTS=$PORTS
if [ $# -gt 0 ]; then
	"$@"
else
	(tests) >"$work/test.log" 2>&1 || { cat "$work/test.log" >&2; exit 1; }
fi
kill -INT "$capture_pid"
wait "$capture_pid" || true
capture_pid=

ours="tcp.dstport >= ${PORTS%-*} && tcp.dstport <= ${PORTS#*-}"
theirs="tcp.srcport >= ${PORTS%-*} && tcp.srcport <= ${PORTS#*-}"
dissect() { tshark -r "$work/run.pcapng" -d "tcp.port==$PORTS,smpp" "$@" 2>"$work/tshark.log"; }

count() { dissect -Y "$1 && ($2)" | wc -l; }
submits=$(count 'smpp.command_id == 0x00000004' "$ours")
delivers=$(count 'smpp.command_id == 0x00000005' "$theirs")
if [ "$submits" -lt 100 ] || [ "$delivers" -lt 100 ]; then
	echo "capture: only $submits packets with submit_sm and $delivers with deliver_sm: the capture is not of the tests" >&2
	exit 1
fi

# experts SEVERITY WHICH: one line for each kind of expert information, at least so serious, about SMPP and the user data of SMS.
# TCP's are about lines that the tests cut, and others take a port for one of theirs.
experts() { dissect -q -z "expert,$1,$2" | grep -E '^ +[0-9]+ +[A-Za-z]+ +(SMPP|GSM)' || true; }

rubbish=$(experts warn "$theirs")
if [ -z "$rubbish" ]; then # the tests do send it
	echo "capture: tshark sees nothing wrong in what the SMSCs sent: it does not look" >&2
	exit 1
fi
echo "capture: what the SMSCs sent, rubbish on purpose among it:"
echo "$rubbish"
bad=$(experts warn "$ours")
if [ -n "$bad" ]; then
	echo "capture: what the daemon sent is not as tshark reads SMPP:" >&2
	echo "$bad" >&2
	dissect -Y "($ours) && _ws.expert.severity >= \"Warning\"" | head -n 40 >&2
	exit 1
fi
echo "capture: what the daemon sent: $submits packets with submit_sm, none malformed, no warning"
experts note "$ours"
