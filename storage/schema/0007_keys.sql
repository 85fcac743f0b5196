-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0007: what is private is sealed; the store's own secrets.
--
-- Each subscriber has a data key, in a file beside the store and not in it (storage/keyring.h), under which the texts of
-- private fields and of messages are sealed. Whoever has a copy of this file alone can read none of them, and nobody can
-- once the key was destroyed (docs/adr/0025).

-- The store's own keys, sealed under the operator's (storage/key.h); NULL = not made yet.
ALTER TABLE store_key ADD COLUMN secrets BLOB;
-- Which keyring is this store's; NULL = it has none yet.
ALTER TABLE store_key ADD COLUMN keyring BLOB;
ALTER TABLE store_key ADD COLUMN made INTEGER NOT NULL DEFAULT 0;    -- the secrets
ALTER TABLE store_key ADD COLUMN rotated INTEGER NOT NULL DEFAULT 0; -- the operator's key, last; 0 = never
-- It was put in the place of a store: who was erased since the backup was made is erased again at the next start.
ALTER TABLE store_key ADD COLUMN restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1));

-- Erased, and the data key is still to be overwritten: a row is there from the transaction of the erasure until the
-- keyring on the disk has no such key any more.
CREATE TABLE key_doomed (
	subscriber INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL
) STRICT;

-- Something was forgotten, and its old pages may still be in the WAL: `made` counts such transactions, `done` says up to which
-- of them the WAL has been emptied since (storage/scrub.h).
CREATE TABLE scrub (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	made INTEGER NOT NULL,
	done INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Which columns ('profile.name', 'outbox.text') hold sealed texts only, and since when. A private field that is not here may
-- hold plain ones of an older program: they are sealed when the store is opened.
CREATE TABLE sealed (
	what  TEXT PRIMARY KEY,
	at    INTEGER NOT NULL,
	tried INTEGER NOT NULL DEFAULT 0 -- subscribers up to here are done; used while `at` is 0
) STRICT, WITHOUT ROWID;

-- Where people ask for somebody by a private value (find = true in profile.conf): its hash under the store's key.
CREATE TABLE profile_find (
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	field      TEXT NOT NULL,
	hash       BLOB NOT NULL,
	PRIMARY KEY (subscriber, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_find_hash ON profile_find (field, hash);
