-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0004: grants that another system carries out: what was ordered, how often it was tried, what came of it.
--
-- A row is written with its grant, in the transaction that promises it, and has the grant's id. What the embedded ledger
-- posts has none. States (docs/charging.md): 'sent' is stored before the call leaves, so whatever is found in it after a
-- crash may have been carried out; 'held' waits for a person before anything is sent; 'granted' and 'rejected' are the system's own word; 'reconciled' was in doubt and was
-- decided afterwards, by the account or by a person, and the grant's state says how.

CREATE TABLE charge (
	id         INTEGER PRIMARY KEY REFERENCES grants (id),
	kind       TEXT NOT NULL DEFAULT 'grant' CHECK (kind IN ('grant', 'purchase')),
	price      INTEGER NOT NULL DEFAULT 0,  -- of a purchase, in hundredths of the currency
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	msisdn     INTEGER NOT NULL,            -- to whom it was promised; the subscriber may have another number by now
	system     TEXT NOT NULL,               -- 'ucip', 'cgrates'
	reference  TEXT NOT NULL,               -- digits: what the system is told, the same at every attempt
	state      TEXT NOT NULL DEFAULT 'pending'
	           CHECK (state = 'held' OR state = 'pending' OR state = 'sent' OR state = 'granted' OR
	           state = 'rejected' OR state = 'unknown' OR state = 'reconciled'),
	attempts   INTEGER NOT NULL DEFAULT 0,  -- how often it was sent
	mark       TEXT NOT NULL DEFAULT '',    -- how the account was just before the last attempt
	ordered    INTEGER NOT NULL,
	sent       INTEGER NOT NULL DEFAULT 0,  -- the last attempt; 0 = never
	next       INTEGER NOT NULL DEFAULT 0,  -- not to be tried before
	settled    INTEGER NOT NULL DEFAULT 0,  -- when the state became final; 0 = not yet
	code       INTEGER NOT NULL DEFAULT 0,  -- of the system, as it came last; 0 = none
	why        TEXT NOT NULL DEFAULT '',    -- the last outcome in words
	refusal    TEXT NOT NULL DEFAULT '',    -- of a rejected one: why, by its name in core/refusal.c
	route      TEXT NOT NULL,               -- by which the subscriber can be written to
	-- What is to be said when it is settled; all blank when it was said, or erased.
	sms        TEXT NOT NULL,               -- the menu's own SMS; '' = it has none
	late       TEXT NOT NULL,               -- the screen that nobody waited for
	sorry      TEXT NOT NULL,               -- it was refused
	poor       TEXT NOT NULL DEFAULT '',    -- it was refused: not enough balance; '' = as sorry
	barred     TEXT NOT NULL DEFAULT ''     -- it was refused: barred, or not known; '' = as sorry
) STRICT;
-- What is still to be done, in order; and what a person has decided and the subscriber has not heard of.
CREATE INDEX charge_open ON charge (id) WHERE state IN ('pending', 'sent', 'unknown');
CREATE INDEX charge_untold ON charge (id) WHERE state = 'reconciled' AND sorry <> '';
CREATE INDEX charge_subscriber ON charge (subscriber);
CREATE INDEX charge_msisdn ON charge (msisdn, subscriber); -- who had orders under a number before
CREATE TRIGGER charge_no_delete BEFORE DELETE ON charge
BEGIN SELECT RAISE(ABORT, 'an order stays with its grant'); END;
CREATE TRIGGER charge_final BEFORE UPDATE OF state ON charge
WHEN OLD.state IN ('granted', 'rejected', 'reconciled') AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'a settled order stays settled'); END;

-- What was asked and what was answered, for people. The middle of a very long history is not kept.
CREATE TABLE charge_attempt (
	id      INTEGER PRIMARY KEY,
	charge  INTEGER NOT NULL REFERENCES charge (id),
	at      INTEGER NOT NULL,
	op      TEXT NOT NULL CHECK (op = 'prepare' OR op = 'grant' OR op = 'query' OR op = 'restart' OR
	           op = 'person'),
	outcome TEXT NOT NULL,
	reason  TEXT NOT NULL,
	code    INTEGER NOT NULL,
	why     TEXT NOT NULL
) STRICT;
CREATE INDEX charge_attempt_charge ON charge_attempt (charge);
