# SPDX-License-Identifier: GPL-3.0-or-later
# One file completes all three programs; bash-completion looks for it by each of their names.

install-completion:
	$(MKDIR_P) '$(DESTDIR)$(completiondir)'
	$(INSTALL_DATA) $(srcdir)/completion/starhash.bash '$(DESTDIR)$(completiondir)/starhash'
	ln -sf starhash '$(DESTDIR)$(completiondir)/starhashd'
	ln -sf starhash '$(DESTDIR)$(completiondir)/starhash-smsc'
uninstall-completion:
	rm -f '$(DESTDIR)$(completiondir)/starhash' '$(DESTDIR)$(completiondir)/starhashd' \
		'$(DESTDIR)$(completiondir)/starhash-smsc'

.PHONY: install-completion uninstall-completion
EXTRA_DIST += completion/starhash.bash
