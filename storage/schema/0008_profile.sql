-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0008: provenance and history of answers; consents with versions; what was proven; periods of numbers.
--
-- Each field of the profile has a second column, "_from_NAME", which profile.conf's loader adds as it adds the field's own:
-- "AT CHANNEL CONSENT CONFIDENCE", such as "1790000000000 ussd 17 80" - when the value was told, by which way, under which
-- row of consent (0 = none is needed, or not known), and how sure it is, 0 to 100. NULL or '' = not known.

-- Which words these were, as a short name of their template in all languages (or the menu's own `version`); where they were
-- said: the interaction's id where it is known, of channel 'operator' the import run's; and what shows it, such as the
-- number of a form on paper.
ALTER TABLE consent ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN source INTEGER NOT NULL DEFAULT 0; -- 0 = not known
ALTER TABLE consent ADD COLUMN proof TEXT NOT NULL DEFAULT '';

-- What each column of profile is, as profile.conf said when it was last opened: so that a change that would lose or expose
-- what is stored is seen (storage/profile_change.h). A column without a row here holds nothing, or is of before.
CREATE TABLE profile_field (
	name    TEXT PRIMARY KEY,
	kind    TEXT NOT NULL,    -- 'text', 'number', 'date', 'place', 'several'
	private INTEGER NOT NULL CHECK (private IN (0, 1)),
	choices TEXT NOT NULL,    -- of `of`, with commas between; '' = any
	purpose TEXT NOT NULL,    -- under which consent its values are told; '' = none is needed
	since   INTEGER NOT NULL  -- when it was first so
) STRICT, WITHOUT ROWID;

-- Which purposes are marketing: who has agreed to such a one has agreed to what STOP takes back. One that profile.conf no
-- longer has stays.
CREATE TABLE profile_purpose (
	name      TEXT PRIMARY KEY,
	marketing INTEGER NOT NULL CHECK (marketing IN (0, 1)),
	since     INTEGER NOT NULL -- when it was first so
) STRICT, WITHOUT ROWID;

-- What a value was before it became another. Of private fields sealed, as it was in the profile. Blank when the consent under
-- which it was told was withdrawn; all of a subscriber go when they are erased.
CREATE TABLE profile_history (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	field      TEXT NOT NULL,
	value      TEXT NOT NULL,
	told       TEXT NOT NULL,   -- its "_from_"; '' = not known
	at         INTEGER NOT NULL, -- when it was one no more
	channel    TEXT NOT NULL,   -- by which way that came
	why        TEXT NOT NULL CHECK (why = 'changed' OR why = 'taken back' OR why = 'withdrawn')
) STRICT;
CREATE INDEX profile_history_subscriber ON profile_history (subscriber);

-- Who was proven to be who they say, by what, and who said so; and when that was undone. The proof is sealed.
CREATE TABLE verification (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	at         INTEGER NOT NULL,
	undone     INTEGER NOT NULL DEFAULT 0, -- 0 = it stands, or was overtaken
	proof      TEXT NOT NULL
) STRICT;
CREATE INDEX verification_subscriber ON verification (subscriber);

-- Who had a number before: a row when they gave it up, so that it can be told whose it was then. By its hash under the key.
CREATE TABLE number_period (
	id         INTEGER PRIMARY KEY,
	subscriber INTEGER NOT NULL REFERENCES subscriber (id),
	hash       BLOB NOT NULL,
	since      INTEGER NOT NULL,
	until      INTEGER NOT NULL,
	why        TEXT NOT NULL CHECK (why = 'erased' OR why = 'recycled')
) STRICT;
CREATE INDEX number_period_hash ON number_period (hash);
CREATE INDEX number_period_subscriber ON number_period (subscriber);
