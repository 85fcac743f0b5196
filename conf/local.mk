# SPDX-License-Identifier: GPL-3.0-or-later
# What an operator edits: installed as an example, because the real one is the operator's.

examplesdir = $(docdir)/examples
nobase_dist_examples_DATA = \
	conf/menus/join.conf \
	conf/profile.conf \
	conf/starhash.conf \
	conf/talks/again.talk \
	conf/talks/bad-answers.talk \
	conf/talks/join-en.talk \
	conf/talks/join-sw.talk \
	conf/talks/language.talk \
	conf/talks/mydata.talk \
	conf/talks/resume.talk \
	conf/talks/sms.talk
