-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0013: what retention has let go, and when; so that it can be told without the daemon, and is told to the audit in sum.

-- The pass that is under way, or the last one. `kind` and `after`: where it is, for a pass that lasts longer than a night, or
-- a run of the daemon.
CREATE TABLE retention_pass (
	id         INTEGER PRIMARY KEY CHECK (id = 1),
	number     INTEGER NOT NULL DEFAULT 0,
	began      INTEGER NOT NULL DEFAULT 0,
	ended      INTEGER NOT NULL DEFAULT 0, -- 0 = it is under way
	slices     INTEGER NOT NULL DEFAULT 0,
	looked     INTEGER NOT NULL DEFAULT 0, -- rows
	busy_us    INTEGER NOT NULL DEFAULT 0, -- the time in which the writer was busy with them,
	longest_us INTEGER NOT NULL DEFAULT 0, -- and with the longest of them
	kind       TEXT NOT NULL DEFAULT '',
	after      INTEGER NOT NULL DEFAULT 0,
	daily      INTEGER NOT NULL DEFAULT 0, -- when what is looked at once a day was looked at to its end
	audited    INTEGER NOT NULL DEFAULT 0  -- when the audit was told
) STRICT;
INSERT INTO retention_pass (id) VALUES (1);

-- Rows that went, by what they were: 'interactions', 'value name', 'unregistered'. Sums of people, not of anybody.
CREATE TABLE retention_count (
	what   TEXT PRIMARY KEY,
	pass   INTEGER NOT NULL, -- the last in which some went,
	last   INTEGER NOT NULL, -- how many then,
	at     INTEGER NOT NULL, -- and when
	total  INTEGER NOT NULL, -- since the store was made
	untold INTEGER NOT NULL  -- of them, not in the audit yet
) STRICT, WITHOUT ROWID;
