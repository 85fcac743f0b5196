-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0001: what is known of subscribers, what they agreed to, what they were given.
--
-- Every time is UTC in milliseconds. Every MSISDN is an integer without '+'. Tables are STRICT, so a wrong type is
-- an error and not a surprise. The migration runs in one transaction with its version (PRAGMA user_version).
-- Choices are checked with OR and not with IN: for IN (...) of three or more SQLite makes a table for each row that is
-- written, which was half of what a registration cost (docs/performance.md).

PRAGMA application_id = 1398035538; -- "SThR": tells our files from those of other programs

-- One row for each person behind a number. The number is NULL when it was given up to somebody else.
CREATE TABLE subscriber (
	id             INTEGER PRIMARY KEY,
	msisdn         INTEGER UNIQUE,
	state          TEXT NOT NULL DEFAULT 'anonymous' CHECK (state = 'anonymous' OR state = 'declared' OR
	           state = 'verified'),
	language       TEXT NOT NULL DEFAULT '', -- '' = never chosen
	first_seen     INTEGER NOT NULL,
	last_seen      INTEGER NOT NULL,
	stopped        INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
	resume_service TEXT NOT NULL DEFAULT '', -- '' = nothing to resume
	resume_screen  TEXT NOT NULL DEFAULT '',
	resume_at      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What subscribers said of themselves. The operator's profile.conf adds one TEXT column for each field; a column stays
-- when its field is taken out of the file. Fields begin with a letter, so '_subscriber' can be none of them.
CREATE TABLE profile (
	_subscriber INTEGER PRIMARY KEY REFERENCES subscriber (id)
) STRICT;

-- Who agreed to what, when, where and to which exact words. Append-only: the newest row of a purpose is the one
-- that counts.
CREATE TABLE consent (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	purpose    TEXT NOT NULL,
	state      TEXT NOT NULL CHECK (state = 'granted' OR state = 'refused' OR state = 'withdrawn'),
	words      TEXT NOT NULL,
	language   TEXT NOT NULL,
	channel    TEXT NOT NULL CHECK (channel = 'ussd' OR channel = 'sms' OR channel = 'simulated' OR
	           channel = 'operator'),
	at         INTEGER NOT NULL
) STRICT;
-- The newest row of each purpose, by seeking backwards: as fast after a thousand changes of mind as after one.
CREATE INDEX consent_latest ON consent (subscriber, purpose);
CREATE TRIGGER consent_no_update BEFORE UPDATE ON consent
BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;
CREATE TRIGGER consent_no_delete BEFORE DELETE ON consent
BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

-- What was given. A key is used once for each subscriber, for ever: that is what makes a bonus certain and single.
CREATE TABLE grants (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	key        TEXT NOT NULL,
	bundle     TEXT NOT NULL,
	gives      TEXT NOT NULL,
	state      TEXT NOT NULL CHECK (state = 'pending' OR state = 'granted' OR state = 'rejected' OR
	           state = 'unknown'),
	at         INTEGER NOT NULL,
	expires    INTEGER NOT NULL DEFAULT 0, -- 0 = no end
	UNIQUE (subscriber, key)
) STRICT;
CREATE TRIGGER grants_no_delete BEFORE DELETE ON grants
BEGIN SELECT RAISE(ABORT, 'a grant and its key stay for ever'); END;

-- Postings of the embedded charging system: exactly one for each grant that it granted, hence the key.
CREATE TABLE ledger (
	grant_id INTEGER PRIMARY KEY REFERENCES grants (id),
	bundle   TEXT NOT NULL,
	gives    TEXT NOT NULL,
	at       INTEGER NOT NULL
) STRICT;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Notices (SMS) to send after their transaction. The text is blanked once it was sent: it may hold a name.
CREATE TABLE outbox (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	state      TEXT NOT NULL DEFAULT 'pending' CHECK (state = 'pending' OR state = 'sent' OR
	           state = 'rejected' OR state = 'unknown'),
	attempts   INTEGER NOT NULL DEFAULT 0,
	created    INTEGER NOT NULL,
	settled    INTEGER NOT NULL DEFAULT 0, -- when the state became final; 0 = not yet
	text       TEXT NOT NULL
) STRICT;
-- The few that still hold a text: for the start of a run, and for erasing.
CREATE INDEX outbox_kept ON outbox (subscriber) WHERE text <> '';

-- Every touch, in and out: one row a dialogue or SMS, not each of its screens.
CREATE TABLE interaction (
	id          INTEGER PRIMARY KEY,
	subscriber  INTEGER NOT NULL REFERENCES subscriber (id),
	channel     TEXT NOT NULL CHECK (channel = 'ussd' OR channel = 'sms' OR channel = 'simulated' OR
	           channel = 'operator'),
	inbound     INTEGER NOT NULL CHECK (inbound IN (0, 1)),
	service     TEXT NOT NULL,
	last_screen TEXT NOT NULL,
	language    TEXT NOT NULL,
	outcome     TEXT NOT NULL CHECK (outcome = 'completed' OR outcome = 'cancelled' OR
	           outcome = 'timeout' OR outcome = 'failed' OR outcome = 'replaced' OR outcome = 'lost'),
	steps       INTEGER NOT NULL,
	began       INTEGER NOT NULL,
	ended       INTEGER NOT NULL
) STRICT;
CREATE INDEX interaction_subscriber ON interaction (subscriber);

-- Who did what to whose data, and why. Append-only. `subject` is the internal id, never a number.
CREATE TABLE audit (
	seq     INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	actor   TEXT NOT NULL,
	action  TEXT NOT NULL,
	subject INTEGER NOT NULL,
	reason  TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

-- One row, written while the store is failing, to learn whether the disk takes writes again.
CREATE TABLE probe (
	id     INTEGER PRIMARY KEY CHECK (id = 1),
	filler BLOB NOT NULL
) STRICT;
