#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetch what console/vendor/ keeps of others, as npm has it, pinned in tests/e2e/package.json:
#   console/vendor.sh           compare: exit 1 when a file differs
#   console/vendor.sh --write   put them here again
# uPlot (MIT): the charts of the live page.
set -eu

cd "$(dirname "$0")"
modules=../tests/e2e/node_modules
[ -d "$modules/uplot" ] || (cd ../tests/e2e && npm ci --ignore-scripts --no-fund --no-audit)
failed=0

keep()
{
	if [ "${write:-}" ]; then
		cp "$modules/uplot/$1" "vendor/$2"
	elif ! cmp "$modules/uplot/$1" "vendor/$2"; then
		failed=1
	fi
}

[ "${1:-}" != --write ] || write=1
keep dist/uPlot.esm.js uPlot.esm.js
keep dist/uPlot.min.css uPlot.min.css
keep LICENSE LICENSE.uPlot
exit $failed
