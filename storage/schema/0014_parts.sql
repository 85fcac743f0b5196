-- SPDX-License-Identifier: GPL-3.0-or-later
-- 0014: ids of SMS that are older than a week are found from the front of their table (storage/parts.c). The index over their
-- times cost 2,500 instructions an SMS and a page a commit.

DROP INDEX sms_part_at;
