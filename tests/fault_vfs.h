/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault VFS: between SQLite and the disk, for tests: it fails or delays what the test says, in this process.
 *
 * Registered as SQLite's default, it hands everything on to the real one. Each fault counts how often it struck, so that a
 * test can tell that it has really happened.
 */
#ifndef STARHASH_TESTS_FAULT_VFS_H
#define STARHASH_TESTS_FAULT_VFS_H

enum fault {
	FAULT_WRITE,       /* SQLITE_IOERR_WRITE */
	FAULT_FULL,        /* SQLITE_FULL, of writes */
	FAULT_SYNC,        /* SQLITE_IOERR_FSYNC */
	FAULT_MAIN,        /* SQLITE_IOERR_WRITE, of the database (not its WAL): only checkpoints meet it */
	FAULT_READ,        /* SQLITE_IOERR_READ, of the database (not its WAL) */
	FAULT_READ_WAL,    /* SQLITE_IOERR_READ, of the WAL */
	FAULT_SYNCHRONOUS, /* PRAGMA synchronous is ignored in silence, as a misspelt one would be */
	FAULTS
};

void fault_vfs_register(void); /* once, before the first connection */
void fault_set(enum fault f, int yes);
int fault_struck(enum fault f);   /* since fault_reset */
void fault_delay_sync_ms(int ms); /* each sync takes so long */
void fault_reset(void);           /* none, and no delay */

#endif
