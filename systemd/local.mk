# SPDX-License-Identifier: GPL-3.0-or-later
# Units for systemd. They go under the prefix, as a prefix of one's own wants; a distribution names its folder:
# ./configure --with-systemdsystemunitdir=/lib/systemd/system

nodist_systemdsystemunit_DATA = \
	systemd/starhash-backup.service \
	systemd/starhashd.service
dist_systemdsystemunit_DATA = systemd/starhash-backup.timer

pkglibexecdir = $(libexecdir)/$(PACKAGE)

SUBSTITUTE = $(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' -e 's|@docdir[@]|$(docdir)|g' \
	-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g'
UNITS_MADE = $(nodist_systemdsystemunit_DATA) systemd/tmpfiles.conf

$(UNITS_MADE): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SUBSTITUTE) <$< >$@.part && mv $@.part $@

all-local: $(UNITS_MADE)

# sysusers.d and tmpfiles.d name a file after the package, whatever it is called here.
install-data-hook: install-systemd install-completion
install-systemd: systemd/tmpfiles.conf
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(pkglibexecdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/sysusers.conf '$(DESTDIR)$(sysusersdir)/starhash.conf'
	$(INSTALL_DATA) systemd/tmpfiles.conf '$(DESTDIR)$(tmpfilesdir)/starhash.conf'
	$(INSTALL_SCRIPT) $(srcdir)/systemd/backup.sh '$(DESTDIR)$(pkglibexecdir)/backup'

uninstall-hook: uninstall-systemd uninstall-completion
uninstall-systemd:
	rm -f '$(DESTDIR)$(sysusersdir)/starhash.conf' '$(DESTDIR)$(tmpfilesdir)/starhash.conf' \
		'$(DESTDIR)$(pkglibexecdir)/backup'

.PHONY: install-systemd uninstall-systemd
CLEANFILES += $(UNITS_MADE)
EXTRA_DIST += \
	systemd/backup.sh \
	systemd/starhash-backup.service.in \
	systemd/starhashd.service.in \
	systemd/sysusers.conf \
	systemd/tmpfiles.conf.in
