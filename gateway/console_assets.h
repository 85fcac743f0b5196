/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of console/, embedded by build-aux/embed-console.sh into console_assets.c. */
#ifndef STARHASH_GATEWAY_CONSOLE_ASSETS_H
#define STARHASH_GATEWAY_CONSOLE_ASSETS_H

#include <stddef.h>

struct console_asset {
	const char *path, *type; /* "vendor/uPlot.min.css", "text/css; charset=utf-8" */
	const unsigned char *bytes;
	size_t len;
};

extern const struct console_asset console_assets[];
extern const size_t console_assets_count;

#endif
