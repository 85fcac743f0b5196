#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A backup named by its time, and no more than BACKUP_KEEP of them. An older one goes only after the new one is whole and
# verified, so a failing disk never costs the last good copy. Run by starhash-backup.service.
#
# And the one copy of the keyring, in the place of yesterday's: not among the backups, for an old one would give back the keys
# of those who were erased since (docs/operate.md, "Keys").
#
#   usage: backup [-c FILE]          BACKUP_FOLDER, BACKUP_KEEP, KEYRING_COPY: from the environment; KEYRING_COPY= for none.
#          STARHASH_ROLE: as whom the keyring is copied, where starhash.conf has roles (it needs the right "key")
set -eu

config=/etc/starhash/starhash.conf
if [ "${1:-}" = -c ] && [ -n "${2:-}" ]; then
	config=$2
	shift 2
fi
[ $# -eq 0 ] || {
	echo "usage: backup [-c FILE]" >&2
	exit 2
}
folder=${BACKUP_FOLDER:-/var/backups/starhash}
keep=${BACKUP_KEEP:-7}
keyring=${KEYRING_COPY-/var/backups/starhash-keyring/starhash.keyring}
case $keep in
'' | *[!0-9]* | 0*)
	echo "backup: BACKUP_KEEP=$keep is no number from 1; say how many backups are kept" >&2
	exit 2
	;;
esac

${STARHASH:-starhash} -c "$config" backup "$folder/starhash-$(date -u +%Y-%m-%dT%H%M%SZ).db"

[ -z "$keyring" ] || ${STARHASH:-starhash} -c "$config" key copy "$keyring" \
	${STARHASH_ROLE:+--role "$STARHASH_ROLE" --reason "the nightly copy"}

# The names sort by time.
set -- "$folder"/starhash-????-??-??T??????Z.db
while [ $# -gt "$keep" ]; do
	rm -f -- "$1"
	echo "backup: $1 is older than the $keep that are kept, and is gone"
	shift
done
