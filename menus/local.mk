# SPDX-License-Identifier: GPL-3.0-or-later
# The menu language: load, check, step, page. Pure.

noinst_LIBRARIES += libmenus.a
libmenus_a_SOURCES = \
	menus/answer.c \
	menus/answer.h \
	menus/book.c \
	menus/book.h \
	menus/book_load.c \
	menus/book_load.h \
	menus/book_load_answer.c \
	menus/book_load_app.c \
	menus/book_load_buy.c \
	menus/book_load_field.c \
	menus/book_load_kind.c \
	menus/book_load_list.c \
	menus/book_load_number.c \
	menus/book_load_po.c \
	menus/book_load_screen.c \
	menus/book_load_text.c \
	menus/book_private.h \
	menus/book_source.c \
	menus/book_source.h \
	menus/check.c \
	menus/check.h \
	menus/check_buy.c \
	menus/check_change.c \
	menus/check_codes.c \
	menus/check_consent.c \
	menus/check_gift.c \
	menus/check_graph.c \
	menus/check_length.c \
	menus/check_number.c \
	menus/check_paths.c \
	menus/check_private.h \
	menus/check_screen.c \
	menus/check_stop.c \
	menus/check_text.c \
	menus/check_time.c \
	menus/country.c \
	menus/country.h \
	menus/csv.c \
	menus/csv.h \
	menus/format.c \
	menus/format.h \
	menus/letters.c \
	menus/letters.h \
	menus/machine.c \
	menus/machine.h \
	menus/machine_buy.c \
	menus/machine_input.c \
	menus/machine_list.c \
	menus/machine_number.c \
	menus/machine_private.h \
	menus/machine_screen.c \
	menus/machine_wait.c \
	menus/page.c \
	menus/page.h \
	menus/po.c \
	menus/po.h \
	menus/prepared.c \
	menus/prepared.h \
	menus/search.c \
	menus/search.h \
	menus/template.c \
	menus/template.h \
	menus/words.c \
	menus/words.h
libmenus_a_CFLAGS = $(AM_CFLAGS) $(CONFIG_CFLAGS)
