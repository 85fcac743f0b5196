/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault VFS: see fault_vfs.h. */
#include "tests/fault_vfs.h"

#include <poll.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct fault_file {
	sqlite3_file base;
	int is_wal, is_main;
	sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs vfs, *under;
static sqlite3_io_methods methods;
static atomic_int on[FAULTS], struck[FAULTS], delay_ms;

void fault_set(enum fault f, int yes)
{
	atomic_store(&on[f], yes);
}

int fault_struck(enum fault f)
{
	return atomic_load(&struck[f]);
}

void fault_delay_sync_ms(int ms)
{
	atomic_store(&delay_ms, ms);
}

void fault_reset(void)
{
	for (int i = 0; i < FAULTS; i++) {
		atomic_store(&on[i], 0);
		atomic_store(&struck[i], 0);
	}
	atomic_store(&delay_ms, 0);
}

static int strikes(enum fault f)
{
	if (!atomic_load(&on[f]))
		return 0;
	atomic_fetch_add(&struck[f], 1);
	return 1;
}

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct fault_file *)f)->real;
}

static int on_close(sqlite3_file *f)
{
	return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

static int on_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	const struct fault_file *ff = (struct fault_file *)f;

	if ((ff->is_main && strikes(FAULT_READ)) || (ff->is_wal && strikes(FAULT_READ_WAL)))
		return SQLITE_IOERR_READ;
	return real(f)->pMethods->xRead(real(f), to, n, at);
}

static int on_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	if (strikes(FAULT_FULL))
		return SQLITE_FULL;
	if (strikes(FAULT_WRITE) || (((struct fault_file *)f)->is_main && strikes(FAULT_MAIN)))
		return SQLITE_IOERR_WRITE;
	return real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int on_sync(sqlite3_file *f, int flags)
{
	int ms = atomic_load(&delay_ms);

	if (ms > 0)
		(void)poll(NULL, 0, ms);
	return strikes(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : real(f)->pMethods->xSync(real(f), flags);
}

static int on_control(sqlite3_file *f, int op, void *arg)
{
	char **words = arg;

	if (op == SQLITE_FCNTL_PRAGMA && words[2] && strcasecmp(words[1], "synchronous") == 0 &&
	    strikes(FAULT_SYNCHRONOUS))
		return SQLITE_OK; /* "done" */
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real(f)->pMethods->xTruncate(real(f), n);
}
static int on_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}
static int on_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}
static int on_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}
static int on_reserved(sqlite3_file *f, int *is)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), is);
}
static int on_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}
static int on_traits(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}
static int on_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
static int on_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
static void on_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}
static int on_shm_unmap(sqlite3_file *f, int drop)
{
	return real(f)->pMethods->xShmUnmap(real(f), drop);
}

static int on_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct fault_file *ff = (struct fault_file *)f;
	int code;

	(void)v;
	memset(ff, 0, sizeof *ff);
	ff->real = (sqlite3_file *)(ff + 1);
	ff->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
	ff->is_main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	code = under->xOpen(under, name, ff->real, flags, out);
	if (code == SQLITE_OK)
		ff->base.pMethods = &methods;
	return code;
}

void fault_vfs_register(void)
{
	under = sqlite3_vfs_find(NULL);
	if (!under)
		abort();
	vfs = *under;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct fault_file) + under->szOsFile;
	vfs.xOpen = on_open;
	methods = (sqlite3_io_methods){.iVersion = 2,
	                               .xClose = on_close,
	                               .xRead = on_read,
	                               .xWrite = on_write,
	                               .xTruncate = on_truncate,
	                               .xSync = on_sync,
	                               .xFileSize = on_size,
	                               .xLock = on_lock,
	                               .xUnlock = on_unlock,
	                               .xCheckReservedLock = on_reserved,
	                               .xFileControl = on_control,
	                               .xSectorSize = on_sector,
	                               .xDeviceCharacteristics = on_traits,
	                               .xShmMap = on_shm_map,
	                               .xShmLock = on_shm_lock,
	                               .xShmBarrier = on_shm_barrier,
	                               .xShmUnmap = on_shm_unmap};
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
