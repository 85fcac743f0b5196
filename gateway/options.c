/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: the table and how it is read out.
 *
 * Invariant: every key that the loader knows is a row here; rows of one group stand together. Sources of the
 * bounds: SMPP 3.4 5.2.1 to 5.2.3 (system_id, password, system_type), 3GPP TS 23.038 (182 septets of one USSD
 * string), sockaddr_un (path of the control socket); the others are chosen so that a slip of a zero is noticed.
 */
#include "gateway/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/duration.h"
#include "core/nearest.h"
#include "gateway/config.h"
#include "gateway/dialect_keys.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define PATH_MOST 4095
#define SYSTEM_ID_MOST 15
#define PASSWORD_MOST 16 /* SMPP 3.4, 5.2.2 says 8; SMSCs take and demand more */
#define SYSTEM_TYPE_MOST 12
#define ADDRESS_RANGE_MOST 40
#define CONTROL_PATH_MOST 107

#define IN_CONFIG(member) offsetof(struct config, member)
#define IN_LINK(member) offsetof(struct config_link, member)
#define IN_BUNDLE(member) offsetof(struct config_bundle, member)
#define IN_FIELD(member) offsetof(struct profile_field, member)

/* A row reads as a sentence, not as a column. */
/* clang-format off */
const struct option_row options_main[] = {
	{.group = "", .name = "links", .type = OPTION_GROUPS, .most = CONFIG_MAX_LINKS, .fallback = "( )",
	 .at = OPTION_BY_HAND, .help = "SMPP binds towards the SMSC or USSD gateway, one group each"},
	{.group = "", .name = "dialects", .type = OPTION_PATH, .least = 1, .most = PATH_MOST,
	 .fallback = "dialects.conf", .at = IN_CONFIG(dialects_path),
	 .help = "file of the dialects that links may name beside the built-in \"standard\"; may be absent unless it is named"},
	{.group = "", .name = "country", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "how national numbers are completed"},
	{.group = "", .name = "services", .type = OPTION_WORDS, .most = CONFIG_MAX_SERVICES,
	 .fallback = "[ ]", .reloadable = true, .at = OPTION_BY_HAND,
	 .help = "menu files, one a service; a reload reads their contents again, a change of the list needs a restart"},
	{.group = "", .name = "profile", .type = OPTION_PATH, .least = 1, .most = PATH_MOST,
	 .fallback = "profile.conf", .at = IN_CONFIG(profile_path),
	 .help = "file that declares what may be known of a subscriber"},
	{.group = "", .name = "store", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "where subscribers are kept"},
	{.group = "", .name = "retention", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "how long is kept what proves nothing; the rest is kept for ever"},
	{.group = "", .name = "charging", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "who keeps balances and grants bundles"},
	{.group = "", .name = "bundles", .type = OPTION_GROUPS, .most = CONFIG_MAX_BUNDLES,
	 .fallback = "( )", .at = OPTION_BY_HAND, .help = "what menus may give, one group each"},
	{.group = "", .name = "ussd", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "dialogues"},
	{.group = "", .name = "sms", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "texts in parts"},
	{.group = "", .name = "overload", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "when new dialogues are turned away for the sake of those in progress"},
	{.group = "", .name = "control", .type = OPTION_PATH, .least = 1, .most = CONTROL_PATH_MOST,
	 .fallback = "/run/starhash/control.sock", .at = IN_CONFIG(control_path),
	 .help = "Unix socket for starhash status, reload and drain"},
	{.group = "", .name = "http", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "POST /ussd in the Africa's Talking protocol, and GET /health"},
	{.group = "", .name = "log", .type = OPTION_GROUP, .fallback = "{ }", .at = OPTION_BY_HAND,
	 .help = "what the daemon writes to stderr or the journal"},
	{.group = "", .name = "drain", .type = OPTION_DURATION, .most = HOUR, .fallback = "30s",
	 .at = IN_CONFIG(drain_ms), .help = "how long SIGTERM waits for open dialogues"},

	{.group = "links[]", .name = "name", .type = OPTION_TEXT, .least = 1, .most = 31,
	 .at = IN_LINK(name), .help = "for logs and status; each link has its own"},
	{.group = "links[]", .name = "host", .type = OPTION_TEXT, .least = 1, .most = 253,
	 .at = IN_LINK(host), .help = "name or address of the SMSC"},
	{.group = "links[]", .name = "port", .type = OPTION_PORT, .least = 1, .most = 65535,
	 .fallback = "2775", .at = IN_LINK(port), .help = "TCP port of the SMSC"},
	{.group = "links[]", .name = "alternates", .type = OPTION_WORDS, .most = CONFIG_MAX_ALTERNATES,
	 .fallback = "[ ]", .at = OPTION_BY_HAND,
	 .help = "\"host:port\" of the same SMSC elsewhere, each tried in turn when the one before fails"},
	{.group = "links[]", .name = "bind_address", .type = OPTION_TEXT, .most = 45, .fallback = "",
	 .at = IN_LINK(bind_address), .help = "address of this machine to connect from; \"\" = the system chooses"},
	{.group = "links[]", .name = "bind", .type = OPTION_CHOICE, .fallback = "transceiver",
	 .choices = "transceiver pair transmitter receiver", .at = OPTION_BY_HAND,
	 .help = "one transceiver session; a pair of transmitter and receiver sessions; or one of the two alone"},
	{.group = "links[]", .name = "system_id", .type = OPTION_TEXT, .most = SYSTEM_ID_MOST,
	 .fallback = "starhash", .at = IN_LINK(system_id), .help = "who we are to the SMSC"},
	{.group = "links[]", .name = "password", .type = OPTION_TEXT, .most = PASSWORD_MOST, .fallback = "",
	 .at = IN_LINK(password), .help = "the SMSC's password for us; better kept in a password_file"},
	{.group = "links[]", .name = "password_file", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST,
	 .fallback = "", .at = OPTION_BY_HAND,
	 .help = "file whose first line is the password; nobody else should be able to read it"},
	{.group = "links[]", .name = "system_type", .type = OPTION_TEXT, .most = SYSTEM_TYPE_MOST,
	 .fallback = "", .at = IN_LINK(system_type), .help = "as the SMSC's operator asks for it"},
	{.group = "links[]", .name = "interface_version", .type = OPTION_CHOICE, .fallback = "3.4",
	 .choices = "3.3 3.4 5.0", .at = OPTION_BY_HAND, .help = "version of SMPP that we say we speak"},
	{.group = "links[]", .name = "addr_ton", .type = OPTION_INT, .most = 255, .fallback = "0",
	 .at = IN_LINK(addr_ton), .help = "type of number of address_range"},
	{.group = "links[]", .name = "addr_npi", .type = OPTION_INT, .most = 255, .fallback = "0",
	 .at = IN_LINK(addr_npi), .help = "numbering plan of address_range"},
	{.group = "links[]", .name = "address_range", .type = OPTION_TEXT, .most = ADDRESS_RANGE_MOST,
	 .fallback = "", .at = IN_LINK(address_range),
	 .help = "addresses that we serve, as the SMSC's operator asks for it"},
	{.group = "links[]", .name = "dialect", .type = OPTION_TEXT, .least = 1, .most = 31,
	 .fallback = "standard", .at = IN_LINK(dialect), .help = "how this SMSC carries USSD"},
	{.group = "links[]", .name = "group", .type = OPTION_TEXT, .least = 1, .most = 31,
	 .fallback = "home", .at = IN_LINK(group),
	 .help = "links of one group share dialogues, receipts and duplicate detection"},
	{.group = "links[]", .name = "standby", .type = OPTION_CHOICE, .fallback = "no", .choices = "no warm cold",
	 .at = OPTION_BY_HAND,
	 .help = "used only while no other link of its group is bound; a warm one is bound all the time, a cold one only then"},
	{.group = "links[]", .name = "standby_after", .type = OPTION_DURATION, .most = HOUR, .fallback = "5s",
	 .at = IN_LINK(standby_after_ms),
	 .help = "so long without an active link before a cold standby binds, and with one before it unbinds"},
	{.group = "links[]", .name = "window", .type = OPTION_INT, .unit = "PDUs", .least = 1, .most = 1000,
	 .fallback = "100", .at = IN_LINK(window), .help = "submit_sm without an answer yet, at most"},
	{.group = "links[]", .name = "queue", .type = OPTION_INT, .unit = "PDUs", .least = 1, .most = 100000,
	 .fallback = "10000", .at = IN_LINK(queue_max),
	 .help = "submit_sm that wait for the window, at most"},
	{.group = "links[]", .name = "rate", .type = OPTION_INT, .unit = "PDUs/s", .most = 100000,
	 .fallback = "0", .at = IN_LINK(rate), .help = "what we send a second, at most; 0 = no limit"},
	{.group = "links[]", .name = "tls", .type = OPTION_BOOL, .fallback = "false", .at = IN_LINK(tls),
	 .help = "encrypt the session, with TLS 1.2 or later"},
	{.group = "links[]", .name = "tls_ca", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST, .fallback = "",
	 .at = OPTION_BY_HAND,
	 .help = "file or folder of the authorities that may sign the SMSC's certificate; absent = those of the system"},
	{.group = "links[]", .name = "tls_name", .type = OPTION_TEXT, .most = 253, .fallback = "",
	 .at = IN_LINK(tls_name), .help = "name in the SMSC's certificate; \"\" = the host that we connect to"},
	{.group = "links[]", .name = "tls_cert", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST, .fallback = "",
	 .at = OPTION_BY_HAND, .help = "file of our own certificate, where the SMSC demands one"},
	{.group = "links[]", .name = "tls_key", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST, .fallback = "",
	 .at = OPTION_BY_HAND, .help = "file of its private key, without a passphrase; absent = it stands in tls_cert"},
	{.group = "links[]", .name = "tls_verify", .type = OPTION_BOOL, .fallback = "true", .at = IN_LINK(tls_verify),
	 .help = "false = anybody may pretend to be the SMSC"},
	{.group = "links[]", .name = "connect_within", .type = OPTION_DURATION, .least = SECOND,
	 .most = 5 * MINUTE, .fallback = "10s", .at = IN_LINK(connect_ms),
	 .help = "connect and bind must be done by then"},
	{.group = "links[]", .name = "response_within", .type = OPTION_DURATION, .least = SECOND / 10,
	 .most = 10 * MINUTE, .fallback = "10s", .at = IN_LINK(response_ms),
	 .help = "an answer to submit_sm or enquire_link must come by then"},
	{.group = "links[]", .name = "enquire_after", .type = OPTION_DURATION, .most = HOUR,
	 .fallback = "30s", .at = IN_LINK(enquire_ms),
	 .help = "silence before we ask whether the SMSC is there; 0s = never"},
	{.group = "links[]", .name = "enquire_misses", .type = OPTION_INT, .least = 1, .most = 100, .fallback = "3",
	 .at = IN_LINK(enquire_misses),
	 .help = "questions in a row that stay unanswered, with nothing else heard, before the link is given up"},
	{.group = "links[]", .name = "reconnect_min", .type = OPTION_DURATION, .least = SECOND / 10,
	 .most = HOUR, .fallback = "200ms", .at = IN_LINK(reconnect_min_ms),
	 .help = "first wait before connecting again, and never less: some SMSCs lock out who comes back before 30s"},
	{.group = "links[]", .name = "reconnect_max", .type = OPTION_DURATION, .least = SECOND / 10,
	 .most = HOUR, .fallback = "60s", .at = IN_LINK(reconnect_max_ms),
	 .help = "longest wait before connecting again, more or less by half; at once where an operator must help"},

	{.group = "country", .name = "code", .type = OPTION_DIGITS, .most = 3, .fallback = "",
	 .at = IN_CONFIG(country.code), .help = "country code; \"\" = numbers arrive in international form"},
	{.group = "country", .name = "trunk", .type = OPTION_DIGITS, .most = 3, .fallback = "",
	 .at = IN_CONFIG(country.trunk), .help = "what stands before a national number at home"},
	{.group = "country", .name = "profile", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST,
	 .fallback = "", .at = OPTION_BY_HAND,
	 .help = "file of the codes and SMS words that the country keeps for something, for starhash check"},

	{.group = "store", .name = "sqlite", .type = OPTION_PATH, .least = 1, .most = PATH_MOST,
	 .fallback = "/var/lib/starhash/starhash.db", .at = IN_CONFIG(store_path),
	 .help = "database file; made when it is not there"},

	{.group = "retention", .name = "interactions", .type = OPTION_DURATION, .most = 3650 * DAY,
	 .fallback = "0s", .at = IN_CONFIG(retention.interactions_ms),
	 .help = "dialogues and SMS, one row each; 0s = for ever"},
	{.group = "retention", .name = "notices", .type = OPTION_DURATION, .most = 3650 * DAY,
	 .fallback = "0s", .at = IN_CONFIG(retention.notices_ms),
	 .help = "what became of SMS that were sent, and their receipts; 0s = for ever"},
	{.group = "retention", .name = "screen_counts", .type = OPTION_DURATION, .most = 3650 * DAY,
	 .fallback = "0s", .at = IN_CONFIG(retention.screens_ms),
	 .help = "counts by screen and day; 0s = for ever"},

	{.group = "charging", .name = "kind", .type = OPTION_CHOICE, .fallback = "ledger",
	 .choices = "ledger ucip cgrates", .at = OPTION_BY_HAND,
	 .help = "the embedded ledger, Ericsson AIR (UCIP), or CGRateS; see charging.md"},
	{.group = "charging", .name = "url", .type = OPTION_TEXT, .most = 1000, .fallback = "",
	 .at = IN_CONFIG(charging.url),
	 .help = "of the charging system: http://air:10010/Air, http://cgrates:2080/jsonrpc"},
	{.group = "charging", .name = "user", .type = OPTION_TEXT, .most = 63, .fallback = "",
	 .at = IN_CONFIG(charging.user), .help = "for HTTP Basic authentication; \"\" = none"},
	{.group = "charging", .name = "password_file", .type = OPTION_TEXT, .least = 1, .most = PATH_MOST,
	 .fallback = "", .at = OPTION_BY_HAND,
	 .help = "file whose first line is the user's password; nobody else should be able to read it"},
	{.group = "charging", .name = "within", .type = OPTION_DURATION, .least = SECOND / 10, .most = MINUTE,
	 .fallback = "5s", .at = IN_CONFIG(charging.within_ms),
	 .help = "one call must be answered by then; as long again in the queue before it"},
	{.group = "charging", .name = "settle", .type = OPTION_DURATION, .most = HOUR, .fallback = "60s",
	 .at = IN_CONFIG(charging.settle_ms),
	 .help = "how long the system may still be at work on a call whose answer was lost: no query before"},
	{.group = "charging", .name = "rate", .type = OPTION_INT, .unit = "calls/s", .most = 100000,
	 .fallback = "50", .at = IN_CONFIG(charging.rate), .help = "sent a second, at most; 0 = no limit"},
	{.group = "charging", .name = "calls", .type = OPTION_INT, .least = 1, .most = 1000, .fallback = "20",
	 .at = IN_CONFIG(charging.calls), .help = "under way at a time, at most"},
	{.group = "charging", .name = "queue", .type = OPTION_INT, .unit = "calls", .least = 1, .most = 100000,
	 .fallback = "1000", .at = IN_CONFIG(charging.queue_max), .help = "waiting to be sent, at most"},
	{.group = "charging", .name = "failures", .type = OPTION_INT, .least = 1, .most = 1000, .fallback = "5",
	 .at = IN_CONFIG(charging.failures),
	 .help = "failed calls in a row after which nothing is sent for a while"},
	{.group = "charging", .name = "pause", .type = OPTION_DURATION, .least = SECOND / 10, .most = HOUR,
	 .fallback = "5s", .at = IN_CONFIG(charging.pause_ms),
	 .help = "that while; then one harmless call tries"},
	{.group = "charging", .name = "currency", .type = OPTION_TEXT, .most = 3, .fallback = "",
	 .at = IN_CONFIG(charging.currency), .help = "three letters, such as KES; UCIP needs it"},
	{.group = "charging", .name = "host", .type = OPTION_TEXT, .least = 1, .most = 255,
	 .fallback = "starhash", .at = IN_CONFIG(charging.host),
	 .help = "originHostName of UCIP; part of every grant's reference, so change it never"},
	{.group = "charging", .name = "node", .type = OPTION_TEXT, .least = 1, .most = 8, .fallback = "EXT",
	 .at = IN_CONFIG(charging.node), .help = "originNodeType of UCIP"},
	{.group = "charging", .name = "version", .type = OPTION_TEXT, .least = 1, .most = 15, .fallback = "5.0",
	 .at = IN_CONFIG(charging.version), .help = "of UCIP, for its User-Agent; offers need 4.2 or newer"},
	{.group = "charging", .name = "number", .type = OPTION_CHOICE, .fallback = "international",
	 .choices = "international national", .at = OPTION_BY_HAND,
	 .help = "how UCIP is told a subscriber's number"},
	{.group = "charging", .name = "tenant", .type = OPTION_TEXT, .least = 1, .most = 63,
	 .fallback = "cgrates.org", .at = IN_CONFIG(charging.tenant), .help = "of CGRateS"},

	{.group = "bundles[]", .name = "name", .type = OPTION_NAME, .least = 1,
	 .most = PROFILE_NAME_SIZE - 1, .at = IN_BUNDLE(name), .help = "as menus call it"},
	{.group = "bundles[]", .name = "gives", .type = OPTION_TEXT, .most = 80, .fallback = "",
	 .at = IN_BUNDLE(gives), .help = "what it is, in words for people; the name when absent"},
	{.group = "bundles[]", .name = "valid", .type = OPTION_DURATION, .most = 3650 * DAY,
	 .fallback = "0s", .at = IN_BUNDLE(valid_ms), .help = "how long it can be used; 0s = no end"},
	{.group = "bundles[]", .name = "code", .type = OPTION_TEXT, .most = 63, .fallback = "",
	 .at = IN_BUNDLE(code),
	 .help = "what it is to the charging system: `da:ID:AMOUNT`, `refill:PROFILE:AMOUNT`, `offer:ID`; `*data:VALUE`"},
	{.group = "bundles[]", .name = "price", .type = OPTION_INT, .unit = "hundredths", .most = 1000000000,
	 .fallback = "0", .at = IN_BUNDLE(price), .help = "what it costs from the balance; 0 = not for sale"},

	{.group = "ussd", .name = "idle", .type = OPTION_DURATION, .least = SECOND, .most = HOUR,
	 .fallback = "180s", .at = IN_CONFIG(idle_ms),
	 .help = "silence of the subscriber that ends a dialogue"},
	{.group = "ussd", .name = "answer_within", .type = OPTION_DURATION, .least = SECOND / 10,
	 .most = MINUTE, .fallback = "2500ms", .at = IN_CONFIG(answer_within_ms),
	 .help = "our time for a turn; then the apology, and the result by SMS"},
	{.group = "ussd", .name = "page", .type = OPTION_INT, .unit = "characters", .least = 40, .most = 182,
	 .fallback = "160", .at = IN_CONFIG(page), .help = "length of one screen; longer ones are paged"},
	{.group = "ussd", .name = "dialogues", .type = OPTION_INT, .least = 1, .most = 1000000,
	 .fallback = "100000", .at = IN_CONFIG(dialogues_max),
	 .help = "open dialogues at most; new ones are turned away beyond"},
	{.group = "ussd", .name = "per_subscriber", .type = OPTION_INT, .unit = "inputs in 10 s", .most = 100000,
	 .fallback = "100", .at = IN_CONFIG(per_subscriber),
	 .help = "what one subscriber may send; more is answered and not carried out, but for STOP; 0 = no limit"},
	{.group = "ussd", .name = "late", .type = OPTION_CHOICE, .fallback = "sms", .choices = "sms push",
	 .at = OPTION_BY_HAND,
	 .help = "how a result reaches the subscriber that comes after answer_within: an SMS, or, where the link's dialect has can_push, a push that goes on with the dialogue"},
	{.group = "ussd", .name = "gsm_only", .type = OPTION_BOOL, .fallback = "false",
	 .at = IN_CONFIG(gsm_only), .help = "the USSD centre takes no UCS-2: other letters are errors in menus"},

	{.group = "sms", .name = "parts", .type = OPTION_INT, .least = 1, .most = 255, .fallback = "20",
	 .at = IN_CONFIG(sms_parts), .help = "parts of one text at most, in and out; a longer one is refused"},
	{.group = "sms", .name = "expire", .type = OPTION_DURATION, .least = 10 * SECOND, .most = DAY,
	 .fallback = "10m", .at = IN_CONFIG(sms_expire_ms),
	 .help = "a text must be whole within; as long its copies are known afterwards"},
	{.group = "sms", .name = "texts", .type = OPTION_INT, .least = 1, .most = 1000000,
	 .fallback = "10000", .at = IN_CONFIG(sms_texts),
	 .help = "texts with parts missing at a time; the oldest is given up for one more"},
	{.group = "sms", .name = "octets", .type = OPTION_INT, .unit = "bytes", .least = 65536,
	 .most = 1073741824, .fallback = "16777216", .at = IN_CONFIG(sms_octets),
	 .help = "memory for parts; the oldest text is given up for one more"},

	{.group = "overload", .name = "store", .type = OPTION_INT, .unit = "requests", .most = 20000,
	 .fallback = "5000", .at = IN_CONFIG(overload_store),
	 .help = "requests that wait for the store; beyond, new dialogues are turned away; 0 = never"},
	{.group = "overload", .name = "lag", .type = OPTION_DURATION, .most = MINUTE, .fallback = "1s",
	 .at = IN_CONFIG(overload_lag_ms),
	 .help = "how late the daemon is for its own timers; beyond, new dialogues are turned away; 0s = never"},
	{.group = "overload", .name = "links", .type = OPTION_INT, .unit = "% of links.queue", .most = 100,
	 .fallback = "50", .at = IN_CONFIG(overload_links),
	 .help = "submit_sm that wait on the bound links of a group; beyond, its new dialogues are turned away; 0 = never"},

	{.group = "http", .name = "listen", .type = OPTION_TEXT, .most = 80, .fallback = "",
	 .at = IN_CONFIG(http_listen), .help = "address:port on this machine; \"\" = no listener"},
	{.group = "http", .name = "simulated", .type = OPTION_BOOL, .fallback = "true",
	 .at = IN_CONFIG(http_simulated),
	 .help = "dialogues over HTTP are rehearsals: marked so in the store, not counted by screen"},

	{.group = "log", .name = "level", .type = OPTION_CHOICE, .fallback = "info",
	 .choices = "debug info warn error", .at = OPTION_BY_HAND,
	 .help = "the lowest level that is written"},
};
const size_t options_main_count = sizeof options_main / sizeof options_main[0];

const struct option_row options_profile[] = {
	{.group = "", .name = "profile", .type = OPTION_GROUPS, .most = PROFILE_MAX_FIELDS,
	 .fallback = "( )", .at = OPTION_BY_HAND, .help = "the fields, one group each"},
	{.group = "", .name = "required", .type = OPTION_WORDS, .most = PROFILE_MAX_FIELDS,
	 .fallback = "[ ]", .at = OPTION_BY_HAND,
	 .help = "fields that make a subscriber registered once all are known under a consent that stands"},

	{.group = "profile[]", .name = "field", .type = OPTION_NAME, .least = 1,
	 .most = PROFILE_NAME_SIZE - 1, .at = IN_FIELD(name),
	 .help = "a lower-case letter, then letters, digits or _"},
	{.group = "profile[]", .name = "private", .type = OPTION_BOOL, .fallback = "false",
	 .at = IN_FIELD(is_private), .help = "tells who somebody is"},
	{.group = "profile[]", .name = "consent", .type = OPTION_NAME, .most = PROFILE_NAME_SIZE - 1,
	 .fallback = "", .at = IN_FIELD(consent),
	 .help = "purpose that must be agreed to before a value is kept; \"\" = none"},
	{.group = "profile[]", .name = "of", .type = OPTION_WORDS, .most = PROFILE_MAX_OF, .fallback = "[ ]",
	 .at = OPTION_BY_HAND, .help = "the only values; [ ] = any text"},
};
/* clang-format on */
const size_t options_profile_count = sizeof options_profile / sizeof options_profile[0];

const struct option_row *option_by_name(const struct option_table *t, const char *group, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->row[i].group, group) == 0 && strcmp(t->row[i].name, name) == 0)
			return &t->row[i];
	return NULL;
}

const char *option_nearest(const struct option_table *t, const char *group, const char *name)
{
	const char *names[64];
	size_t n = 0;

	for (size_t i = 0; i < t->n && n < sizeof names / sizeof names[0]; i++)
		if (strcmp(t->row[i].group, group) == 0)
			names[n++] = t->row[i].name;
	return nearest_word(name, names, n);
}

bool option_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

bool option_list_nearest(const char *list, const char *word, char *out, size_t size)
{
	char copy[OPTION_RANGE_SIZE];
	const char *words[16], *nearest;
	size_t n = 0;
	char *save = NULL;

	snprintf(copy, sizeof copy, "%s", list);
	for (char *at = strtok_r(copy, " ", &save); at && n < 16; at = strtok_r(NULL, " ", &save))
		words[n++] = at;
	nearest = nearest_word(word, words, n);
	if (nearest)
		snprintf(out, size, "%s", nearest);
	return nearest != NULL;
}

static void range_of_choices(const struct option_row *row, struct buf *b)
{
	const char *at = row->choices;
	bool first = true;

	while (*at) {
		char word[32];
		size_t n = strcspn(at, " ");

		snprintf(word, sizeof word, "%.*s", (int)n, at);
		at += n + (at[n] == ' ');
		if (option_list_has(row->later, word))
			continue;
		buf_add(b, first ? "" : *at ? ", " : " or ");
		buf_printf(b, "\"%s\"", word);
		first = false;
	}
}

char *option_range(const struct option_row *row, char *out)
{
	char from[DURATION_TEXT_SIZE], to[DURATION_TEXT_SIZE];
	struct buf b;

	buf_init(&b, out, OPTION_RANGE_SIZE);
	switch (row->type) {
	case OPTION_INT:
	case OPTION_PORT:
		buf_printf(&b, "%" PRId64 "..%" PRId64, row->least, row->most);
		break;
	case OPTION_DURATION:
		buf_printf(&b, "%s..%s", duration_text(row->least, from), duration_text(row->most, to));
		break;
	case OPTION_TEXT:
	case OPTION_NAME:
	case OPTION_PATH:
		buf_printf(&b, "%" PRId64 "..%" PRId64 " bytes", row->least, row->most);
		break;
	case OPTION_DIGITS:
		buf_printf(&b, "up to %" PRId64 " digits", row->most);
		break;
	case OPTION_BOOL:
		buf_add(&b, "true or false");
		break;
	case OPTION_CHOICE:
		range_of_choices(row, &b);
		break;
	case OPTION_WORDS:
	case OPTION_GROUPS:
		buf_printf(&b, "up to %" PRId64, row->most);
		break;
	case OPTION_GROUP:
		break;
	}
	return out;
}

static const char *type_name(enum option_type t)
{
	static const char *const names[] = {
		[OPTION_TEXT] = "text",         [OPTION_PATH] = "path",
		[OPTION_NAME] = "name",         [OPTION_DIGITS] = "digits",
		[OPTION_INT] = "number",        [OPTION_PORT] = "port",
		[OPTION_DURATION] = "duration", [OPTION_BOOL] = "yes/no",
		[OPTION_CHOICE] = "choice",     [OPTION_WORDS] = "array of texts",
		[OPTION_GROUP] = "group",       [OPTION_GROUPS] = "list of groups",
	};

	return names[t];
}

/* The default as an operator would write it. */
static void print_fallback(const struct option_row *row, FILE *to)
{
	bool quoted = row->type != OPTION_INT && row->type != OPTION_PORT && row->type != OPTION_BOOL &&
	              row->type != OPTION_WORDS && row->type != OPTION_GROUP && row->type != OPTION_GROUPS;

	if (!row->fallback)
		fputs("must be given", to);
	else
		fprintf(to, quoted ? "`\"%s\"`" : "`%s`", row->fallback);
}

static void print_table(const struct option_row *row, size_t n, FILE *to)
{
	fputs("| key | type | range | default | reload | meaning |\n|---|---|---|---|---|---|\n", to);
	for (size_t i = 0; i < n; i++, row++) {
		char range[OPTION_RANGE_SIZE];

		fprintf(to, "| `%s%s%s` | %s | %s%s%s | ", row->group, *row->group ? "." : "", row->name,
		        type_name(row->type), option_range(row, range), row->unit ? " " : "",
		        row->unit ? row->unit : "");
		print_fallback(row, to);
		fprintf(to, " | %s | %s |\n", row->reloadable ? "yes" : "no", row->help);
	}
}

void options_print_markdown(void *file)
{
	FILE *to = file;

	fputs("### starhash.conf\n\n", to);
	print_table(options_main, options_main_count, to);
	fputs("\n### profile.conf\n\n", to);
	print_table(options_profile, options_profile_count, to);
	fputs("\n### dialects.conf\n\nOf each group of `dialects = ( { }, { } )`; what they are for: "
	      "[dialects.md](dialects.md).\n\n",
	      to);
	dialect_keys_print_markdown(to);
}
