-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0012: what subscribers have asked for, for a person to do.

-- One row for each request; asked again while it is open, it is the same one. Whoever is erased, or whose number goes to
-- somebody else, asks for nothing any more: then it is closed with that reason.
CREATE TABLE requests (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	what       TEXT NOT NULL CHECK (what = 'copy'), -- of what is known of them
	channel    TEXT NOT NULL CHECK (channel = 'ussd' OR channel = 'sms' OR channel = 'simulated' OR
	           channel = 'operator'),
	at         INTEGER NOT NULL,           -- asked first
	last       INTEGER NOT NULL,           -- and last
	times      INTEGER NOT NULL DEFAULT 1,
	done       INTEGER NOT NULL DEFAULT 0, -- when; 0 = open
	actor      TEXT NOT NULL DEFAULT '',   -- who closed it
	reason     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX requests_open ON requests (subscriber, what) WHERE done = 0;
-- For retention.
CREATE INDEX requests_done ON requests (done) WHERE done > 0;
