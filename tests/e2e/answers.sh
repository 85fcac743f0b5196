#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How a subscriber answers conf/menus/join.conf in English: one dialogue for starhash-smsc --script, and rules for
# --load, which looks for each pattern on the screen. To be sourced.

# shellcheck disable=SC2034  # for whoever sources this
join_script='*123#,1,1,Amina Wanjiru,Nairobi,1'

# shellcheck disable=SC2034
join_answers=(
	--answer 'Continue where you stopped=1'
	--answer 'Agree?=1'
	--answer 'full name?=Amina Wanjiru'
	--answer 'Your town?=Nairobi'
	--answer 'At home you=1'
	--answer 'Get 100 MB free=1'
	--success 'is yours'
	--done 'joined already'
	--done 'had your 100 MB before'
)
