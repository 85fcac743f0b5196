-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0006: notices that outlive the run which wrote them: to whom, by which way, not before when, and whether they may have left.
--
-- A 'pending' row with sending = 0 has certainly not left, whatever happened to whom: the daemon sends it. sending = 1 is
-- written before a row is handed to a link, so what is found so at the start of a run may have left: it becomes 'unknown'
-- and is never sent again (docs/adr/0020). Columns are added and no table is rebuilt, for this one may have millions of rows.

ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'sms' CHECK (kind IN ('sms', 'push'));
ALTER TABLE outbox ADD COLUMN sending INTEGER NOT NULL DEFAULT 0 CHECK (sending IN (0, 1));
ALTER TABLE outbox ADD COLUMN next INTEGER NOT NULL DEFAULT 0;   -- UTC; not before. First when it was made
ALTER TABLE outbox ADD COLUMN msisdn INTEGER NOT NULL DEFAULT 0; -- for whom it was made: the number may be another's by now
ALTER TABLE outbox ADD COLUMN smsc TEXT NOT NULL DEFAULT '';     -- name of the link group; '' = any
ALTER TABLE outbox ADD COLUMN route TEXT NOT NULL DEFAULT '';    -- addresses, as the gateway writes them; '' once it is settled
ALTER TABLE outbox ADD COLUMN code INTEGER NOT NULL DEFAULT 0;   -- status that the SMSC gave last; 0 = none
ALTER TABLE outbox ADD COLUMN why TEXT NOT NULL DEFAULT '';      -- in a word, when it did not simply leave

-- The program before wrote no 'sending': what it has left as pending may have left.
UPDATE outbox SET sending = 1 WHERE state = 'pending' AND text <> '';

-- What waits, in the order in which it is due.
CREATE INDEX outbox_waiting ON outbox (smsc, next) WHERE state = 'pending' AND sending = 0;
