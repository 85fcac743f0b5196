# SPDX-License-Identifier: GPL-3.0-or-later
# Tries what the sandbox of starhashd.service is to refuse, one line each: "can WHAT" or "cannot WHAT". tests/package.sh runs it three
# times: as root without the sandbox (what cannot be done there proves nothing), in the sandbox, and in the sandbox as root.
# Everything that it does is harmless and undone. Numbers of system calls are those of x86_64.
use strict;
use warnings;
use Errno;
use POSIX ();
use Socket;

my ($own, $elsewhere) = @ARGV;    # a folder that it may write to, or ""; a file in the /tmp of everybody else

sub quiet { return system("@_ >/dev/null 2>&1") == 0 }

sub writes {
	my ($path) = @_;
	open(my $file, '>>', $path) or return 0;
	close $file;
	unlink $path if $path =~ /starhash-probe$/;
	return 1;
}

sub binds {
	my ($type, $port) = @_;
	socket(my $s, PF_INET, $type, 0) or return 0;
	return bind($s, sockaddr_in($port, INADDR_LOOPBACK));
}

# 300 processes at once: more than TasksMax.
sub forks {
	my (@children, $all);
	$all = 1;
	for (1 .. 300) {
		my $pid = fork;
		if (!defined $pid) { $all = 0; last }
		if ($pid == 0) { sleep 60; POSIX::_exit(0) }
		push @children, $pid;
	}
	kill 'KILL', @children;
	waitpid $_, 0 for @children;
	return $all;
}

# call NUMBER, ARGUMENT...: did the kernel do it?
sub call { my ($number, @rest) = @_; return syscall($number, @rest) != -1 }

my $zeros = "\0" x 512;
my @acts = (
	['ProtectSystem: write to /etc',                      sub { writes('/etc/starhash-probe') }],
	['ProtectSystem: write to /usr',                      sub { writes('/usr/starhash-probe') }],
	['ProtectSystem: write to /var/lib beside its folder', sub { writes('/var/lib/starhash-probe') }],
	['ProtectHome: look into /root',                      sub { opendir(my $d, '/root') }],
	['PrivateTmp: see the /tmp of others',                sub { -e $elsewhere }],
	['ProtectProc: see process 1',                        sub { -e '/proc/1/status' }],
	['ProcSubset: read /proc beside its processes',       sub { -e '/proc/meminfo' }],
	['PrivateDevices: make a device',                     sub { my $made = quiet('mknod /tmp/dev-probe c 1 3'); unlink '/tmp/dev-probe'; $made }],
	['ProtectKernelTunables: write to /proc/sys',         sub { writes('/proc/sys/kernel/hostname') }],
	['ProtectKernelModules: ask to unload a module',      sub { my $none = "starhash-none\0"; call(176, $none, 04000) || !$!{EPERM} }],
	['ProtectKernelLogs: read the kernel log',            sub { call(103, 10, 0, 0) }],
	['ProtectControlGroups: make a control group',        sub { mkdir('/sys/fs/cgroup/starhash-probe') && rmdir('/sys/fs/cgroup/starhash-probe') }],
	['ProtectClock: ask for the clock\'s adjustment',     sub { call(159, $zeros) }],
	['ProtectHostname: set the name of the host',         sub { quiet('hostname "$(uname -n)"') }],
	['PrivateUsers: be the root of the system',           sub { open(my $f, '<', '/proc/self/uid_map') or return 0; join(' ', split(' ', <$f>)) eq '0 0 4294967295' }],
	['CapabilityBoundingSet: become somebody else',       sub { quiet('setpriv --reuid 1 --clear-groups true') }],
	['CapabilityBoundingSet: give a file away',           sub { writes('/tmp/own-probe') or return 0; open(my $f, '>', '/tmp/own-probe'); my $n = chown 1, 1, '/tmp/own-probe'; unlink '/tmp/own-probe'; $n == 1 }],
	['RestrictSUIDSGID: make a file set-user-ID',         sub { open(my $f, '>', '/tmp/suid-probe') or return 0; my $n = chmod 04755, '/tmp/suid-probe'; unlink '/tmp/suid-probe'; $n == 1 }],
	['RestrictNamespaces: make a user namespace',         sub { quiet('unshare -U true') }],
	['RestrictRealtime: become realtime',                 sub { quiet('chrt -f 1 true') }],
	['LockPersonality: change the personality',           sub { quiet('setarch linux32 true') }],
	['MemoryDenyWriteExecute: write and execute memory',  sub { call(9, 0, 4096, 7, 0x22, -1, 0) }],
	['RestrictAddressFamilies: netlink',                  sub { socket(my $s, 16, SOCK_RAW, 0) }],
	['RestrictAddressFamilies: raw packets',              sub { socket(my $s, 17, SOCK_RAW, 0) }],
	['SocketBindAllow: listen on port 80',                sub { binds(SOCK_STREAM, 80) }],
	['SocketBindDeny: listen on a UDP port',              sub { binds(SOCK_DGRAM, 5000) }],
	['SystemCallFilter: mount',                           sub { my $m = quiet('mount -t tmpfs tmpfs /mnt'); quiet('umount /mnt') if $m; $m }],
	['SystemCallFilter: raise its priority',              sub { call(141, 0, 0, -5) && call(141, 0, 0, 0) }],
	['LimitCORE: leave a core',                           sub { my $most = `sh -c "ulimit -Hc"`; $most !~ /^0$/ }],
	['TasksMax: 300 processes',                           \&forks],
);
$| = 1;
for my $one (@acts) {
	my ($what, $try) = @$one;
	print $try->() ? 'can' : 'cannot', " $what\n";
}
print((binds(SOCK_STREAM, 5001) ? 'can' : 'cannot'), " work: listen on a TCP port over 1023\n");
print((writes("$own/starhash-probe") ? 'can' : 'cannot'), " work: write to its own folder\n") if $own;
