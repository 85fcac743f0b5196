/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of every main: run the suite, and say with the exit status whether all of it passed. */
#ifndef STARHASH_TESTS_RUN_SUITE_H
#define STARHASH_TESTS_RUN_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Owns the suite. CK_VERBOSITY of the environment says how much is printed. */
static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
