-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0011: where an import stands, and which subscribers came by one.

-- One row for each run of `starhash import`. Position, counts and the length of the rejects file are written in the
-- transaction of the rows that they count, so a run that was cut off goes on behind the last row that is certainly there,
-- and no row is read twice. `head` and `tail` are hashes under the store's key of the file's first bytes and of the bytes
-- just before the position: by them a file is known again. Both are blanked when the run has ended.
CREATE TABLE import_run (
	id           INTEGER PRIMARY KEY,
	source       TEXT NOT NULL,               -- the file, as it was named
	head         BLOB NOT NULL,
	size         INTEGER NOT NULL,            -- of the file; -1 = it has none that can be known (a pipe)
	format       TEXT NOT NULL CHECK (format = 'csv' OR format = 'jsonl'),
	existing     TEXT NOT NULL CHECK (existing = 'skip' OR existing = 'fill' OR existing = 'replace'),
	state        TEXT NOT NULL DEFAULT 'running' CHECK (state = 'running' OR state = 'done' OR state = 'given up'),
	position     INTEGER NOT NULL DEFAULT 0,  -- bytes of the file that are dealt with
	line         INTEGER NOT NULL DEFAULT 0,  -- lines before the position
	tail         BLOB NOT NULL DEFAULT x'',
	rows         INTEGER NOT NULL DEFAULT 0,
	added        INTEGER NOT NULL DEFAULT 0,  -- new subscribers
	changed      INTEGER NOT NULL DEFAULT 0,  -- were there, and got something
	kept         INTEGER NOT NULL DEFAULT 0,  -- were there, and stayed as they were
	rejected     INTEGER NOT NULL DEFAULT 0,
	rejects      TEXT NOT NULL,               -- the file of what was rejected
	rejects_size INTEGER NOT NULL DEFAULT 0,  -- its length when the position was written
	began        INTEGER NOT NULL,
	updated      INTEGER NOT NULL,
	actor        TEXT NOT NULL,
	reason       TEXT NOT NULL
) STRICT;
CREATE INDEX import_run_open ON import_run (id) WHERE state = 'running';

-- The run that made the subscriber; 0 = a phone, or an agent.
ALTER TABLE subscriber ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
