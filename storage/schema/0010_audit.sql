-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0010: the audit as a chain.
--
-- Each row carries a hash under the store's audit key over itself and the row before, and the head says which is the last
-- (storage/audit.h, docs/adr/0028). Rows of before have none: the program gives them theirs in the
-- transaction in which the key is made, once; and a row that has one can never be changed.

ALTER TABLE audit ADD COLUMN hash BLOB;
DROP TRIGGER audit_no_update;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor OR
     NEW.action <> OLD.action OR NEW.subject <> OLD.subject OR NEW.reason <> OLD.reason
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- For the one question that people ask of it: what was done with this subscriber's data?
CREATE INDEX audit_subject ON audit (subject, seq) WHERE subject <> 0;

-- The last row: its number, its hash, and a hash over both, so that a tail that was cut off is missed. No `mac`: there is
-- no key yet, and no chain; a store that has its key and no `mac` was changed by somebody else.
CREATE TABLE audit_head (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	seq  INTEGER NOT NULL,
	last BLOB NOT NULL,
	mac  BLOB
) STRICT;
INSERT INTO audit_head (id, seq, last) VALUES (1, 0, zeroblob(32));
