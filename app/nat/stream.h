/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP connection to a relay, with TLS or without: whole frames in, bytes out, nothing ever
 * blocks. */
#ifndef APP_NAT_STREAM_H
#define APP_NAT_STREAM_H

#include "app/nat/tls.h"
#include "core/base/address.h"

#include <gio/gio.h>

typedef struct AppNatStream AppNatStream;

typedef struct {
  void (*opened) (void *user);
  void (*frame) (void *user, const uint8_t *bytes, size_t size);
  /* It is over, or never came about; text: why, for the log. The stream may be freed in it. */
  void (*closed) (void *user, const char *text);
  void *user;
} AppNatStreamListener;

/* tls: NULL = without. */
AppNatStream *app_nat_stream_new (const RtmfpAddress *server, const AppTlsPeer *tls,
                                  const AppNatStreamListener *listener, GMainContext *context);
/* What waits is sent as far as it goes. */
void app_nat_stream_free (AppNatStream *stream);
/* (copied) Lost where too much waits. */
void app_nat_stream_send (AppNatStream *stream, const uint8_t *bytes, size_t size);

#endif
