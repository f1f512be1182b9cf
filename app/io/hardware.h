/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine's processor can do. */
#ifndef APP_IO_HARDWARE_H
#define APP_IO_HARDWARE_H

#include <stdbool.h>

/* Whether AES runs in hardware. Elsewhere it is slow, and its timing may tell of the key. */
bool app_hardware_has_aes (void);

#endif
