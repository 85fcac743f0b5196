#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The conversations that ship, played against the menus that ship: `starhash test`, as a menu writer runs it. Together they
# reach every screen and every branch in every language.
set -euo pipefail

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$srcdir/build}
talks=("$srcdir"/conf/talks/*.talk)

[ -e "${talks[0]}" ] || { echo "no talk files in $srcdir/conf/talks"; exit 1; }
"$builddir/starhash" -c "$srcdir/conf/starhash.conf" check
"$builddir/starhash" -c "$srcdir/conf/starhash.conf" test --at-least 100 "${talks[@]}"

# The example that sells bundles, with a charging system that stands in for the one it names.
shop=("$srcdir"/conf/talks/shop/*.talk)
[ -e "${shop[0]}" ] || { echo "no talk files in $srcdir/conf/talks/shop"; exit 1; }
"$builddir/starhash" -c "$srcdir/conf/shop.conf" check
"$builddir/starhash" -c "$srcdir/conf/shop.conf" test --at-least 100 "${shop[@]}"
# Households and referrals.
family=("$srcdir"/conf/talks/family/*.talk)
[ -e "${family[0]}" ] || { echo "no talk files in $srcdir/conf/talks/family"; exit 1; }
"$builddir/starhash" -c "$srcdir/conf/family.conf" check
"$builddir/starhash" -c "$srcdir/conf/family.conf" test --at-least 100 "${family[@]}"

# Limits on gifts.
"$builddir/starhash" -c "$srcdir/tests/limits/limits.conf" test "$srcdir/tests/limits/limits.talk"
