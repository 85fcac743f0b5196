-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0002: how often each screen was entered, answered, misunderstood and left, by day.
--
-- Sums of people, not of anybody: nothing here leads to a subscriber. A day is UTC, in days since 1970-01-01. Times to
-- answer are kept as a histogram, answers within 1, 2, 4 ... 1024 s and over, so that the median can be read from sums.

CREATE TABLE screen_count (
	service       TEXT NOT NULL,
	screen        TEXT NOT NULL,
	day           INTEGER NOT NULL,
	entered       INTEGER NOT NULL,
	bad_inputs    INTEGER NOT NULL,
	drops_cancel  INTEGER NOT NULL, -- by the subscriber
	drops_network INTEGER NOT NULL, -- timeout of the network, or silence
	drops_app     INTEGER NOT NULL, -- an app was too slow or down
	drops_ours    INTEGER NOT NULL, -- a fault, too many tries, a stop of the daemon
	answered      INTEGER NOT NULL,
	ms_sum        INTEGER NOT NULL,
	within_1s     INTEGER NOT NULL,
	within_2s     INTEGER NOT NULL,
	within_4s     INTEGER NOT NULL,
	within_8s     INTEGER NOT NULL,
	within_16s    INTEGER NOT NULL,
	within_32s    INTEGER NOT NULL,
	within_64s    INTEGER NOT NULL,
	within_128s   INTEGER NOT NULL,
	within_256s   INTEGER NOT NULL,
	within_512s   INTEGER NOT NULL,
	within_1024s  INTEGER NOT NULL,
	over_1024s    INTEGER NOT NULL,
	PRIMARY KEY (service, screen, day)
) STRICT, WITHOUT ROWID;
