/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: starhash.conf and profile.conf, read, checked, as plain values.
 *
 * One table (gateway/options.c) is the source of names, types, units, ranges, defaults and help for the
 * loader, the sample file and docs/configuration.md. Unknown keys are errors with file, line and the nearest
 * known key. Paths are made relative to the file's folder at load.
 */
#ifndef STARHASH_GATEWAY_CONFIG_H
#define STARHASH_GATEWAY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/log.h"
#include "core/msisdn.h"
#include "core/profile.h"
#include "core/rc.h"
#include "gateway/config_access.h"
#include "gateway/config_relations.h"
#include "storage/store.h"
#include "storage/store_limits.h"

struct country;
struct dialects;

#define CONFIG_MAX_LINKS 16
#define CONFIG_MAX_SERVICES 64
#define CONFIG_MAX_BUNDLES 200

#define CONFIG_MAX_ALTERNATES 7

enum config_bind {
	CONFIG_TRANSCEIVER,
	CONFIG_PAIR /* of the two below */,
	CONFIG_TRANSMITTER,
	CONFIG_RECEIVER
};
enum config_standby { CONFIG_ACTIVE, CONFIG_WARM, CONFIG_COLD };

struct config_host {
	char *host;
	uint16_t port;
};

struct config_link {
	char *name, *host, *system_id, *password, *system_type, *dialect, *group, *address_range;
	uint16_t port;
	size_t n_alternates;
	struct config_host alternate[CONFIG_MAX_ALTERNATES];
	char *bind_address; /* "" = the system's choice */
	enum config_bind bind;
	enum config_standby standby;
	int interface_version; /* 0x33, 0x34 or 0x50 */
	int addr_ton, addr_npi;
	int window, rate, queue_max, enquire_misses;
	int64_t connect_ms, response_ms, enquire_ms, reconnect_min_ms, reconnect_max_ms, standby_after_ms;
	bool tls, tls_verify;
	char *tls_name, *tls_ca, *tls_cert, *tls_key; /* "" = not given */
	int line;
};

struct config_bundle {
	char name[PROFILE_NAME_SIZE];
	char *gives; /* words for people: "100 MB" */
	char *code; /* what it is to the charging system, see gateway/charging_product.h; any words for the ledger */
	int64_t valid_ms; /* 0 = no end */
	int price;        /* hundredths of the currency; 0 = not for sale */
	int per_day;      /* given a day at most; 0 = no limit */
};

enum config_charging_kind { CONFIG_LEDGER, CONFIG_UCIP, CONFIG_CGRATES };

struct config_charging {
	enum config_charging_kind kind;
	char *url, *user, *password; /* "" = none */
	char *host, *node, *version; /* who we say we are (UCIP) */
	char *tenant;                /* (CGRateS) */
	char *currency;              /* "KES"; "" = not said */
	char agent[40];              /* User-Agent of UCIP: "starhash/5.0/1.0" */
	bool national;               /* numbers without the country's code (UCIP) */
	int64_t within_ms, settle_ms, pause_ms;
	int64_t buy_within_ms; /* from the order of a purchase to its sending, at most */
	int rate, calls, queue_max, failures;
	int zone; /* minutes east of UTC: its days (UCIP) */
};

struct config_identity {
	bool anonymous;   /* may subscribers be? */
	int64_t grace_ms; /* if not: how long they may at first */
	int64_t since_ms; /* nobody's time begins before; 0 = no such day */
};

#define CONFIG_SENDSMS_MAX 16
#define CONFIG_SENDSMS_SENDERS 16
struct config_sendsms { /* who may send SMS over HTTP */
	char *username, *password;
	char *from;  /* when they say none; "" = they must */
	char *group; /* of links; "" = any */
	size_t n_senders;
	char *sender[CONFIG_SENDSMS_SENDERS]; /* what else they may say */
	int rate, parts;
};

#define CONFIG_CONSOLE_MAX 32
struct config_console { /* who may log in to the console */
	char *name, *token;
	char *role; /* "viewer", "operator", or one of `roles` */
};

#define CONFIG_HOSTS_MAX 16
#define CONFIG_PHONES_MAX 16

struct config {
	char *path;
	size_t n_links;
	struct config_link link[CONFIG_MAX_LINKS];
	char *dialects_path; /* dialects.conf; may be absent unless it was named */
	struct dialects *dialects;
	struct msisdn_plan country;
	struct country *reserved; /* country.profile; NULL = none */
	size_t n_services;
	char *service[CONFIG_MAX_SERVICES]; /* paths of menu files */
	char *profile_path;
	struct profile profile;
	char *store_path;
	char *store_key; /* file of its key */
	struct store_retention retention;
	struct config_charging charging;
	struct { /* as read: for the table; whole and judged in `limits` */
		int64_t new_number_ms, day_starts_ms;
		int per_day;
	} gifts;
	struct store_limits limits;
	size_t n_bundles;
	struct config_bundle bundle[CONFIG_MAX_BUNDLES];
	int64_t idle_ms, answer_within_ms;
	int page;
	bool gsm_only;      /* other letters than those of GSM 03.38 are errors in menus */
	int dialogues_max;  /* open at most; new ones are shed beyond */
	int per_subscriber; /* inputs of one of them in FLOOD_WINDOW_MS; 0 = no limit */
	bool late_push;     /* a result that comes late is pushed, where the SMSC takes that */
	int sms_parts, sms_texts, sms_octets;
	int64_t sms_expire_ms;
	int64_t sms_notice_expire_ms; /* an SMS that could not be handed to an SMSC for so long is given up */
	int overload_store, overload_links; /* new dialogues are shed beyond; 0 = never */
	int64_t overload_lag_ms;
	int64_t drain_ms;            /* how long SIGTERM waits for open dialogues */
	struct config_access access; /* `roles` */
	struct config_identity identity;
	struct config_relations relations;
	char *control_path;
	char *http_listen; /* "" = none */
	int http_connections, http_per_address;
	size_t n_http_hosts;
	char *http_host[CONFIG_HOSTS_MAX]; /* names by which the listener may be asked for */
	int64_t http_within_ms, http_rest_ms;
	bool http_simulated; /* dialogues over HTTP are marked so in the store */
	size_t n_phones;
	int64_t phone[CONFIG_PHONES_MAX]; /* numbers of the console's phone, and of nobody */
	size_t n_sendsms;
	struct config_sendsms sendsms[CONFIG_SENDSMS_MAX];
	size_t n_console;
	struct config_console console[CONFIG_CONSOLE_MAX];
	enum log_level log_level;
};

/* Read both files. Every fault goes to `findings`; RC_OK only without errors. Menus are not read here.
 * Returns RC_OK; RC_NOTFOUND (no such file); RC_SYNTAX (findings say); RC_NOMEM. */
enum rc config_load(const char *path, struct findings *findings, struct config **out) RC_NODISCARD;
/* The same without secrets, for programs that ask and do not bind: files of passwords and private keys are not
 * opened, so whoever runs them need not be able to read them. Passwords are "". */
enum rc config_load_public(const char *path, struct findings *findings, struct config **out) RC_NODISCARD;
/* How long what is kept, for the daemon's store and for reports. */
struct store_retention config_retention(const struct config *c);
void config_free(struct config *c); /* secrets are wiped; NULL is fine */

const struct config_bundle *config_bundle_by_name(const struct config *c, const char *name);

/* The option table as a Markdown table (docs/configuration.md is checked against it). */
void options_print_markdown(void *file); /* FILE * */

#endif
