/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Login: by which name somebody came to this machine, for roles and the audit. */
#ifndef STARHASH_GATEWAY_LOGIN_H
#define STARHASH_GATEWAY_LOGIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "gateway/config_access.h"

/* Of this process. Whoever logged in stays who they are through sudo and su (the kernel's loginuid, which only the
 * login itself may set), so "sudo -u starhash starhash show" is jane's and not starhash's; where nobody logged in (a service, a
 * container) it is the user that the process runs as. False: that user has no name. */
bool login_name(char out[CONFIG_USER_SIZE]);
/* As whom that process has logged in; `otherwise` where nobody did. Reads /proc: no disk. */
uid_t login_uid_of(pid_t pid, uid_t otherwise);
/* Of another process that runs as `uid`. */
bool login_name_of(pid_t pid, uid_t uid, char out[CONFIG_USER_SIZE]);

/* Is it a reason for the audit? It has LOGIN_REASON_LEAST characters that can be seen, and of them a letter or a digit, of whatever
 * script: blanks, ends of lines and dots say nothing. Whoever takes a reason asks here. */
#define LOGIN_REASON_LEAST 3
bool login_is_reason(const char *text);

#endif
