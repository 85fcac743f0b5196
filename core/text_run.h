/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of plain characters: those whose octet in UTF-8 is their septet in GSM 03.38, as of nearly all that menus say.
 *
 * They are found 16 at a time, and need no table: what is a run is copied as it stands. Left out are `$ @ [ \ ] ^ _ `` { | } ~`,
 * which have other septets or two or none, controls but line feed and carriage return, and everything beyond ASCII.
 */
#ifndef STARHASH_CORE_TEXT_RUN_H
#define STARHASH_CORE_TEXT_RUN_H

#include <stddef.h>
#include <stdint.h>

/* How many octets from `p` on, of `len`, are such characters. Reads inside of them. */
size_t text_run(const uint8_t *p, size_t len);

#endif
