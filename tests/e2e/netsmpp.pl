#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# An SMSC on Perl's Net::SMPP (Debian's libnet-smpp-perl), which shares no code with the daemon. Driven by a test:
# one JSON object a line, in and out. Usage: netsmpp.pl [PORT]
#
#   out  {"listening":PORT} · {"closed":1} · {"cmd":"submit_sm","seq":1,"status":0,...} for each PDU that came, with
#        the mandatory fields by their names; short_message and TLVs (by decimal tag) in hexadecimal
#   in   {"do":"deliver_sm",...fields, TLVs as [["its_session_info","0700"],...] in "tlvs"} · {"do":"enquire_link"} ·
#        {"do":"unbind"} · {"do":"status","submit_sm":88,"bind":14} what the next requests get · {"do":"quit"}
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

my $json = JSON::PP->new->canonical->utf8;
my %status = (submit_sm => 0, bind => 0);
my $messages = 0;

$| = 1;
sub report { print $json->encode($_[0]), "\n" }

my $listener = Net::SMPP->new_listen('127.0.0.1', port => $ARGV[0] || 0, timeout => 60)
	or die "cannot listen: $!";
report({ listening => $listener->sockport });

# Everything that Net::SMPP read from the PDU; octets that JSON cannot tell as they are in hexadecimal.
sub event
{
	my ($pdu) = @_;
	my %out = (cmd => $pdu->explain_cmd, seq => $pdu->seq, status => $pdu->status);
	for my $key (keys %$pdu) {
		next if $key =~ /^(cmd|seq|status|data|reserved|known_pdu)$/;
		my $is_octets = $key eq 'short_message' || $key =~ /^\d+$/;
		$out{$key} = $is_octets ? unpack('H*', $pdu->{$key}) : $pdu->{$key};
	}
	delete @out{qw(ussd_service_op its_session_info user_message_reference message_payload)}; # there by their tags
	return \%out;
}

sub answer
{
	my ($session, $pdu) = @_;
	my $cmd = $pdu->explain_cmd;
	my %to = (seq => $pdu->seq);

	if ($cmd =~ /^bind_(receiver|transmitter|transceiver)$/) {
		my $resp = "${cmd}_resp";
		$session->set_version(0x34);
		$session->$resp(system_id => 'netsmpp', status => delete $status{bind} || 0, %to);
	} elsif ($cmd eq 'enquire_link') {
		$session->enquire_link_resp(%to);
	} elsif ($cmd eq 'submit_sm') {
		my $refused = delete $status{submit_sm} || 0;
		$session->submit_sm_resp(message_id => $refused ? '' : 'perl' . ++$messages, status => $refused, %to);
	} elsif ($cmd eq 'unbind') {
		$session->unbind_resp(%to);
	}
}

sub deliver
{
	my ($session, $order) = @_;
	my @tlvs = map { ($_->[0], pack 'H*', $_->[1]) } @{ delete $order->{tlvs} || [] };

	$order->{short_message} = pack 'H*', $order->{short_message} if defined $order->{short_message};
	return $session->deliver_sm(%$order, @tlvs, async => 1);
}

# Returns false when it is over.
sub obey
{
	my ($session, $order) = @_;
	my $do = delete $order->{do};

	return 0 if $do eq 'quit';
	if ($do eq 'status') {
		%status = (%status, %$order);
		return 1;
	}
	if (!$session) {
		report({ sorry => 'nobody is connected' });
		return 1;
	}
	report({ sent => $do, seq => $do eq 'deliver_sm' ? deliver($session, $order) : $session->$do(async => 1) });
	return 1;
}

my ($session, $typed) = (undef, '');
my $select = IO::Select->new(\*STDIN, $listener);
LOOP: while (1) {
	for my $ready ($select->can_read) {
		if ($ready == $listener) {
			$session = $listener->accept or next;
			$select->add($session);
		} elsif ($session && $ready == $session) {
			my $pdu = do { local $SIG{__WARN__} = sub { }; $session->read_pdu };
			if (!$pdu) {
				$select->remove($session);
				close $session;
				$session = undef;
				report({ closed => 1 });
				next;
			}
			report(event($pdu));
			answer($session, $pdu);
		} else {
			sysread(STDIN, $typed, 65536, length $typed) or last LOOP;
			while ($typed =~ s/^(.*)\n//) {
				obey($session, $json->decode($1)) or last LOOP;
			}
		}
	}
}
