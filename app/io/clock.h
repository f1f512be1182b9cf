/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one clock and the one source of random bytes that core is given in the world. */
#ifndef APP_IO_CLOCK_H
#define APP_IO_CLOCK_H

#include "core/base/rng.h"

/* Microseconds since the machine started, the time it slept included (CLOCK_BOOTTIME): after a
 * sleep what was silent so long is known to be. */
int64_t app_clock_now_us (void);
/* Milliseconds since 1970 (UTC), as people's clocks show it. */
int64_t app_clock_wall_ms (void);
/* The kernel's generator (getrandom); ends the process when there is none. */
RtmfpRng app_clock_rng (void);

#endif
