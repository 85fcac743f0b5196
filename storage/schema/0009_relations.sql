-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0009: who belongs to whom, by the consent of both, and who came by whose word (docs/relations.md, adr/0027).
--
-- An invitation is a row with the words that both are told, as templates: "{other}" stands for the other's number, which
-- is put in when an SMS is written. So no words here, and none in the ledger of consents, hold a number, and an erased one is
-- in none of them.

CREATE TABLE relation (
	id        INTEGER PRIMARY KEY,
	a         INTEGER NOT NULL REFERENCES subscriber (id), -- who asked
	b         INTEGER NOT NULL REFERENCES subscriber (id), -- who was asked
	type      TEXT NOT NULL,                               -- of starhash.conf; also the purpose of both consents
	state     TEXT NOT NULL CHECK (state = 'invited' OR state = 'accepted' OR state = 'declined' OR
	          state = 'left' OR state = 'expired'),
	most      INTEGER NOT NULL,            -- how many of the type one may have, when this was made
	made      INTEGER NOT NULL,
	asked     INTEGER NOT NULL DEFAULT 0,  -- when the SMS was written; 0 = it waits behind another, or never was
	notice    INTEGER NOT NULL DEFAULT 0,  -- that SMS, of outbox
	lasts     INTEGER NOT NULL,            -- how long an invitation stands, from when it was made or asked
	again     INTEGER NOT NULL DEFAULT 0,  -- so long a does not ask b again, when this was made
	per_day   INTEGER NOT NULL DEFAULT 1,  -- how many questions b gets in 24 hours, whoever asks, when this was made
	not_before INTEGER NOT NULL DEFAULT 0, -- b has had as many: it waits until then; 0 = it does not wait for that
	expires   INTEGER NOT NULL,
	answered  INTEGER NOT NULL DEFAULT 0,
	ended     INTEGER NOT NULL DEFAULT 0,
	a_consent INTEGER NOT NULL DEFAULT 0,  -- rows of consent; 0 = none
	b_consent INTEGER NOT NULL DEFAULT 0,
	route     TEXT NOT NULL DEFAULT '',    -- of the SMS to b, "{other}" for the number; blank when it was asked
	language  TEXT NOT NULL DEFAULT '',    -- in which b was asked,
	version   TEXT NOT NULL DEFAULT '',    -- and by which version of the words
	-- What is still to be said, each blank when it cannot be said any more.
	words     TEXT NOT NULL DEFAULT '',    -- to b: the question
	yes       TEXT NOT NULL DEFAULT '',    -- to b
	no        TEXT NOT NULL DEFAULT '',    -- to b
	joined    TEXT NOT NULL DEFAULT '',    -- to a
	left_a    TEXT NOT NULL DEFAULT '',    -- to a: b has left
	left_b    TEXT NOT NULL DEFAULT ''     -- to b: a has left
) STRICT;
CREATE INDEX relation_a ON relation (a, type);
CREATE INDEX relation_b ON relation (b, type);
CREATE UNIQUE INDEX relation_once ON relation (a, b, type) WHERE state = 'invited' OR state = 'accepted';
CREATE INDEX relation_open ON relation (expires) WHERE state = 'invited';
CREATE INDEX relation_later ON relation (not_before) WHERE not_before <> 0;

-- What bounds of invitations are counted from, when an erasure has deleted the rows above: by hashes of both numbers under
-- the store's key, without a word, and for as long as the longest bound.
CREATE TABLE relation_past (
	id    INTEGER PRIMARY KEY,
	a     BLOB NOT NULL,    -- who asked; empty = had no number any more
	b     BLOB NOT NULL,    -- who was asked; the same
	type  TEXT NOT NULL,
	made  INTEGER NOT NULL,
	asked INTEGER NOT NULL, -- when the SMS was written; 0 = never
	until INTEGER NOT NULL  -- no bound counts it any more
) STRICT;
CREATE INDEX relation_past_a ON relation_past (a, type);
CREATE INDEX relation_past_b ON relation_past (b);

-- By whose word somebody came: once in a life, for the number too (tombstone).
CREATE TABLE referral (
	subscriber INTEGER PRIMARY KEY REFERENCES subscriber (id),
	by         INTEGER NOT NULL REFERENCES subscriber (id),
	at         INTEGER NOT NULL,
	registered INTEGER NOT NULL DEFAULT 0 -- when it was counted; 0 = not yet
) STRICT;
CREATE INDEX referral_by ON referral (by);

-- An SMS that speaks of somebody else: it is taken back when what it says is over, or they are erased.
ALTER TABLE outbox ADD COLUMN about INTEGER NOT NULL DEFAULT 0; -- subscriber; 0 = of nobody
CREATE INDEX outbox_about ON outbox (about) WHERE about <> 0 AND text <> '';

-- Beside the person, so that a dialogue knows them without another look.
ALTER TABLE subscriber ADD COLUMN related INTEGER NOT NULL DEFAULT 0;   -- accepted relations
ALTER TABLE subscriber ADD COLUMN referrals INTEGER NOT NULL DEFAULT 0; -- who have named them and are registered
ALTER TABLE subscriber ADD COLUMN referred INTEGER NOT NULL DEFAULT 0;  -- whom they have named; 0 = nobody, or it was counted
