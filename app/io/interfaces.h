/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this machine, and word of each change (rtnetlink). */
#ifndef APP_IO_INTERFACES_H
#define APP_IO_INTERFACES_H

#include "core/base/address.h"

#include <gio/gio.h>

/* Addresses of interfaces that are up, without loopback (unless there is nothing else) and without
 * link-local ones, each with port and origin LOCAL. Returns: how many were written into out, at
 * most capacity. */
size_t app_interfaces_list (uint16_t port, RtmfpAddress *out, size_t capacity);

typedef struct AppInterfaces AppInterfaces;
/* Calls changed on context, at most once in a turn, after addresses or routes have changed. */
AppInterfaces *app_interfaces_watch (GMainContext *context, void (*changed) (void *user),
                                     void *user);
void app_interfaces_free (AppInterfaces *interfaces);

#endif
