-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0005: who may have a gift: what was used up, who was refused and why, who was erased, whose number or SIM is new.

-- When the SIM was swapped, or the number came to this holder; 0 = never that is known.
ALTER TABLE subscriber ADD COLUMN swapped INTEGER NOT NULL DEFAULT 0;

-- Shows whether the key file (storage/key.h) is the one that this store was made with. Nothing can be learned from it.
CREATE TABLE store_key (
	id          INTEGER PRIMARY KEY CHECK (id = 1),
	check_value BLOB NOT NULL
) STRICT;

-- A number that was erased, by its hash under the key: so that the phone that comes back as a stranger gets no second
-- gift, and a STOP stays. A number that was erased twice has two rows; the one of the highest subscriber counts.
CREATE TABLE tombstone (
	hash       BLOB NOT NULL,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	stopped    INTEGER NOT NULL CHECK (stopped IN (0, 1)),
	swapped    INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	PRIMARY KEY (hash, subscriber)
) STRICT, WITHOUT ROWID;

-- What the operator's feed said of numbers behind which there is nobody yet: kept until somebody comes, or too old.
CREATE TABLE number_news (
	msisdn INTEGER PRIMARY KEY,
	at     INTEGER NOT NULL
) STRICT;
CREATE INDEX number_news_at ON number_news (at);

-- Gifts counted against a limit: a cap by day, a budget (bucket 0), a velocity rule by window. Written in the
-- transaction of the gift, so it is exact after a crash. Of no use after `ends`; 0 = for ever.
CREATE TABLE spent (
	rule   TEXT NOT NULL,    -- 'bundle', 'budget.NAME', 'velocity.NAME'
	scope  TEXT NOT NULL,    -- bundle, block of numbers; '' = everything
	bucket INTEGER NOT NULL,
	gifts  INTEGER NOT NULL,
	ends   INTEGER NOT NULL,
	PRIMARY KEY (rule, scope, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_ends ON spent (ends) WHERE ends > 0;

-- Who did not get what, and why: one row for each subscriber, key and reason. Names as in core/refusal.c.
CREATE TABLE refusal (
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	key        TEXT NOT NULL,
	reason     TEXT NOT NULL,
	bundle     TEXT NOT NULL,
	rule       TEXT NOT NULL,    -- which limit, as in the configuration; '' = none
	first      INTEGER NOT NULL,
	last       INTEGER NOT NULL,
	count      INTEGER NOT NULL,
	PRIMARY KEY (subscriber, key, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_last ON refusal (last);

-- A gift that waits for a person: what is said when that person refuses. Blank when it was said, or erased.
ALTER TABLE charge ADD COLUMN declined TEXT NOT NULL DEFAULT '';
-- A person has let it go: the outbox, which reads by rising id, may be past it.
ALTER TABLE charge ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
-- It was sent, or in doubt, when its number went to somebody else: asked for, but never sent again.
ALTER TABLE charge ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
CREATE INDEX charge_held ON charge (id) WHERE state = 'held';
CREATE INDEX charge_approved ON charge (id) WHERE approved = 1 AND state = 'pending';
-- What counts when it is asked how many gifts somebody had today.
CREATE INDEX charge_purchase ON charge (id) WHERE kind = 'purchase';
