-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0003: what became of SMS after the SMSC had taken them, and a free word for interactions.
--
-- An SMS is one or more parts, and each accepted part has an id of the SMSC, by which its delivery receipt names it. A
-- receipt can come before the answer that tells the id: then it stands here without a notice until the answer comes.
-- Ids are kept in one normal form (docs/sms.md). `smsc` is the name of the link group: ids are its own.

CREATE TABLE sms_part (
	id         INTEGER PRIMARY KEY,
	smsc       TEXT NOT NULL,
	message_id TEXT NOT NULL,
	notice     INTEGER REFERENCES outbox (id), -- NULL = a receipt that nobody has asked for, so far
	part       INTEGER NOT NULL DEFAULT 0,     -- 1 ...
	state      TEXT NOT NULL CHECK (state = 'accepted' OR state = 'enroute' OR state = 'delivered' OR
	           state = 'expired' OR state = 'deleted' OR state = 'undeliverable' OR state = 'unknown' OR
	           state = 'rejected'),
	error      INTEGER NOT NULL DEFAULT -1,    -- of the network; -1 = none told
	at         INTEGER NOT NULL,               -- when the state became this one
	UNIQUE (smsc, message_id)
) STRICT;
CREATE INDEX sms_part_notice ON sms_part (notice) WHERE notice IS NOT NULL;
CREATE INDEX sms_part_at ON sms_part (at);
CREATE INDEX sms_part_stray ON sms_part (at) WHERE notice IS NULL;

-- The summary over the parts of a notice. '' = no receipt is known.
ALTER TABLE outbox ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN delivery TEXT NOT NULL DEFAULT '' CHECK (delivery = '' OR
	           delivery = 'accepted' OR delivery = 'enroute' OR delivery = 'delivered' OR
	           delivery = 'expired' OR delivery = 'deleted' OR delivery = 'undeliverable' OR
	           delivery = 'unknown' OR delivery = 'rejected');
ALTER TABLE outbox ADD COLUMN delivery_error INTEGER NOT NULL DEFAULT -1;
ALTER TABLE outbox ADD COLUMN delivery_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_subscriber ON outbox (subscriber);

-- What else there is to say of an interaction: for pushes, how they ended.
ALTER TABLE interaction ADD COLUMN detail TEXT NOT NULL DEFAULT '';
