#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Registration dialogues against the npm package smpp while tshark captures: no packet is malformed, none has an
# expert error (a third reading of SMPP, after ours and the package's). Exit 77: could not capture here, not run.
#
#   BUILD     where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
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

skip()
{
	echo "capture: NOT RUN: $1" >&2
	exit 77
}

command -v tshark >/dev/null || skip "tshark is not installed"
dumpcap -i lo -c 1 -a duration:1 -w "$work/try.pcapng" >"$work/try.log" 2>&1 ||
	skip "no permission to capture on the loopback: $(tail -n 1 "$work/try.log")"

if [ ! -d "$root/tests/e2e/node_modules/smpp" ]; then
	echo "capture: the npm package smpp is not there; ./dev check fetches it" >&2
	exit 1
fi

# The tests' SMSC listens where it is told to, once: the capture filter needs the port before the dialogue.
port=$(node -e 'const s = require("node:net").createServer();
	s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });')
dumpcap -q -i lo -f "tcp port $port" -w "$work/run.pcapng" >"$work/dumpcap.log" 2>&1 &
capture_pid=$!
for ((i = 0; i < 200; i++)); do
	[ -s "$work/run.pcapng" ] && break
	sleep 0.05
done
[ -s "$work/run.pcapng" ] || { cat "$work/dumpcap.log" >&2; exit 1; }

(cd "$root/tests/e2e" && STARHASH_BUILD=$build STARHASH_E2E_PORT=$port node --test join.test.js) \
	>"$work/test.log" 2>&1 || { cat "$work/test.log" >&2; exit 1; }
kill -INT "$capture_pid"
wait "$capture_pid" || true
capture_pid=

dissect() { tshark -r "$work/run.pcapng" -d "tcp.port==$port,smpp" "$@" 2>"$work/tshark.log"; }
submits=$(dissect -Y 'smpp.command_id == 0x00000004' | wc -l)
delivers=$(dissect -Y 'smpp.command_id == 0x00000005' | wc -l)
if [ "$submits" -lt 10 ] || [ "$delivers" -lt 10 ]; then
	echo "capture: only $submits submit_sm and $delivers deliver_sm: the capture is not of the dialogues" >&2
	exit 1
fi
bad=$(dissect -Y '_ws.malformed or _ws.expert.severity >= "Error"')
if [ -n "$bad" ]; then
	echo "capture: malformed packets:" >&2
	echo "$bad" >&2
	exit 1
fi
echo "capture: $submits submit_sm and $delivers deliver_sm, none malformed"
