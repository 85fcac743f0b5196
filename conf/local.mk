# SPDX-License-Identifier: GPL-3.0-or-later
# What an operator edits: installed as an example, because the real one is the operator's.

examplesdir = $(docdir)/examples
nobase_dist_examples_DATA = \
	conf/countries/ke.conf \
	conf/countries/ng.conf \
	conf/countries/za.conf \
	conf/dialects.conf \
	conf/family.conf \
	conf/first.conf \
	conf/grafana/starhash.json \
	conf/menus/app.conf \
	conf/menus/family.conf \
	conf/menus/join.conf \
	conf/menus/more.conf \
	conf/menus/mydata.inc \
	conf/menus/po/fr.po \
	conf/menus/po/sw.po \
	conf/menus/selfcare.conf \
	conf/menus/shop.conf \
	conf/menus/survey.conf \
	conf/menus/towns.csv \
	conf/profile.conf \
	conf/shop.conf \
	conf/prometheus/alerts.yml \
	conf/prometheus/prometheus.yml \
	conf/starhash.conf \
	conf/talks/again.talk \
	conf/talks/app.talk \
	conf/talks/bad-answers.talk \
	conf/talks/charging.talk \
	conf/talks/family/friends.talk \
	conf/talks/family/household.talk \
	conf/talks/family/limits.talk \
	conf/talks/family/other-ways.talk \
	conf/talks/join-en.talk \
	conf/talks/join-rest.talk \
	conf/talks/join-sw.talk \
	conf/talks/language.talk \
	conf/talks/late.talk \
	conf/talks/more.talk \
	conf/talks/mydata.talk \
	conf/talks/mydata-care.talk \
	conf/talks/consent.talk \
	conf/talks/resume.talk \
	conf/talks/selfcare.talk \
	conf/talks/shop/buy.talk \
	conf/talks/shop/late.talk \
	conf/talks/sms.talk \
	conf/talks/survey.talk \
	conf/talks/towns.talk
