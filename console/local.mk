# SPDX-License-Identifier: GPL-3.0-or-later
# The console's pages, embedded in the daemon. What stands in vendor/ is kept as its project publishes it: console/vendor.sh.

CONSOLE_FILES = index.html style.css app.js api.js live.js phone.js map.js people.js \
	vendor/uPlot.esm.js vendor/uPlot.min.css
CONSOLE_PATHS = $(CONSOLE_FILES:%=console/%)
gateway/console_assets.c: $(CONSOLE_PATHS) build-aux/embed-console.sh
	$(AM_V_GEN)$(MKDIR_P) gateway && $(SHELL) $(srcdir)/build-aux/embed-console.sh $@ $(srcdir)/console $(CONSOLE_FILES)
EXTRA_DIST += $(CONSOLE_PATHS) console/package.json build-aux/embed-console.sh console/vendor.sh console/vendor/LICENSE.uPlot
CLEANFILES += gateway/console_assets.c
