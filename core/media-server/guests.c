/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients: their way in and out, and who may be introduced to whom (RFC 7016 s3.5.1.4 to 6, RFC
 * 7425 s5.3.1 to s5.3.4, s5.4.1). */
#include "core/media-server/internal.h"

#include "core/base/memory.h"
#include "core/crypto/epd.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tables ---- */

static unsigned
value_of (const AhoyMediaServer *server, const void *bytes, size_t size) {
  return (unsigned)rtmfp_hash (&server->key, rtmfp_bytes (bytes, size));
}

AhoyGuest *
ahoy_guest_find (const AhoyMediaServer *server, RtmfpId session) {
  AhoyGuest *guest;
  HASH_FIND (hh, server->guests, &session, sizeof session, guest);
  return guest;
}

AhoyGuest *
ahoy_guest_find_named (const AhoyMediaServer *server, const RtmfpFingerprint *name) {
  AhoyGuest *guest;
  HASH_FIND_BYHASHVALUE (hh_name, server->by_name, name, sizeof *name,
                         value_of (server, name, sizeof *name), guest);
  return guest;
}

static AhoyGuest *
find_placed (const AhoyMediaServer *server, const RtmfpAddress *address) {
  RtmfpAddress place = *address;
  place.origin = RTMFP_ORIGIN_UNKNOWN;
  AhoyGuest *guest;
  HASH_FIND_BYHASHVALUE (hh_place, server->by_place, &place, sizeof place,
                         value_of (server, &place, sizeof place), guest);
  return guest;
}

static void
forget_name (AhoyMediaServer *server, AhoyGuest *guest) {
  if (guest->is_named) {
    guest->is_named = false;
    HASH_DELETE (hh_name, server->by_name, guest);
  }
}

/* A certificate is for one connection (s5.3): the newest of the same is meant. */
static void
set_name (AhoyMediaServer *server, AhoyGuest *guest) {
  AhoyGuest *old = ahoy_guest_find_named (server, &guest->fingerprint);
  if (old != NULL) {
    forget_name (server, old);
  }
  guest->is_named = true;
  HASH_ADD_KEYPTR_BYHASHVALUE (
      hh_name, server->by_name, &guest->fingerprint, sizeof guest->fingerprint,
      value_of (server, &guest->fingerprint, sizeof guest->fingerprint), guest);
}

static void
forget_place (AhoyMediaServer *server, AhoyGuest *guest) {
  if (guest->is_placed) {
    guest->is_placed = false;
    HASH_DELETE (hh_place, server->by_place, guest);
  }
}

static void
set_place (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpAddress *address) {
  forget_place (server, guest);
  AhoyGuest *old = find_placed (server, address);
  if (old != NULL) {
    forget_place (server, old);
  }
  guest->address = *address;
  guest->address.origin = RTMFP_ORIGIN_UNKNOWN;
  guest->is_placed = true;
  HASH_ADD_KEYPTR_BYHASHVALUE (hh_place, server->by_place, &guest->address, sizeof guest->address,
                               value_of (server, &guest->address, sizeof guest->address), guest);
}

/* ---- In and out ---- */

static bool
is_same_network (const RtmfpAddress *a, const RtmfpAddress *b) {
  return a->family == b->family &&
         memcmp (a->ip, b->ip, a->family == RTMFP_ADDRESS_IPV6 ? 8 : 4) == 0;
}

static bool
has_room (const AhoyMediaServer *server, const RtmfpAddress *address) {
  unsigned near_by = 0;
  for (const AhoyGuest *guest = server->guests; guest != NULL; guest = guest->hh.next) {
    near_by += is_same_network (&guest->address, address);
  }
  return !server->stopping && HASH_COUNT (server->guests) < AHOY_GUESTS_MAX &&
         near_by < AHOY_GUESTS_PER_IP_MAX;
}

void
ahoy_guest_enter (AhoyMediaServer *server, RtmfpId session) {
  RtmfpSessionInfo info;
  if (ahoy_guest_find (server, session) != NULL ||
      rtmfp_endpoint_session_info (server->endpoint, session, &info) != RTMFP_OK) {
    return;
  }
  if (!has_room (server, &info.address)) {
    server->counters.refused++;
    rtmfp_endpoint_close (server->endpoint, session, false, server->now_us);
    return;
  }
  AhoyGuest *guest = RTMFP_NEW (AhoyGuest);
  guest->session = session;
  guest->fingerprint = info.far_fingerprint;
  LIST_INIT (&guest->seats);
  LIST_INIT (&guest->watches);
  LIST_INIT (&guest->watchers);
  HASH_ADD (hh, server->guests, session, sizeof guest->session, guest);
  set_name (server, guest);
  set_place (server, guest, &info.address);
  rtmfp_deadlines_set (&server->deadlines, &guest->deadline,
                       server->now_us + AHOY_CONNECT_TIMEOUT_US);
}

void
ahoy_guest_moved (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpAddress *address) {
  if (!guest->closing) {
    set_place (server, guest, address);
  }
}

static AhoyApp *
enter_app (AhoyMediaServer *server, const char *name) {
  const unsigned value = value_of (server, name, strlen (name));
  AhoyApp *app;
  HASH_FIND_BYHASHVALUE (hh, server->live_apps, name, strlen (name), value, app);
  if (app == NULL) {
    app = RTMFP_NEW (AhoyApp);
    memcpy (app->name, name, strlen (name) + 1);
    LIST_INIT (&app->guests);
    HASH_ADD_KEYPTR_BYHASHVALUE (hh, server->live_apps, app->name, strlen (name), value, app);
  }
  return app;
}

static void
leave (AhoyMediaServer *server, AhoyGuest *guest) {
  while (!LIST_EMPTY (&guest->seats)) {
    ahoy_seat_free (server, LIST_FIRST (&guest->seats));
  }
  forget_name (server, guest);
  forget_place (server, guest);
  ahoy_call_forget (server, guest);
  rtmfp_deadlines_set (&server->deadlines, &guest->deadline, RTMFP_NEVER);
  AhoyApp *app = guest->app;
  if (app == NULL) {
    return;
  }
  guest->app = NULL;
  LIST_REMOVE (guest, of_app);
  if (LIST_EMPTY (&app->guests)) { /* its channels went with their seats */
    HASH_DEL (server->live_apps, app);
    free (app);
  }
}

void
ahoy_guest_close (AhoyMediaServer *server, AhoyGuest *guest) {
  if (guest->closing) {
    return;
  }
  guest->closing = true;
  leave (server, guest);
  rtmfp_endpoint_close (server->endpoint, guest->session, false, server->now_us);
}

void
ahoy_guest_free (AhoyMediaServer *server, AhoyGuest *guest) {
  leave (server, guest);
  HASH_DEL (server->guests, guest);
  free (guest);
}

/* ---- Connecting ---- */

/* "live" and "live/one" fit an application "live". Cuts a query and slashes at the end. */
static bool
fits (const AhoyMediaServer *server, const char *wanted, char name[AHOY_APP_BYTES_MAX + 1]) {
  size_t size = strcspn (wanted, "?");
  while (size > 0 && wanted[size - 1] == '/') {
    size--;
  }
  if (size > AHOY_APP_BYTES_MAX) {
    return false;
  }
  memcpy (name, wanted, size);
  name[size] = '\0';
  for (size_t i = 0; i < server->app_count; i++) {
    const size_t length = strlen (server->apps[i]);
    if (strncmp (name, server->apps[i], length) == 0 &&
        (name[length] == '\0' || name[length] == '/')) {
      return true;
    }
  }
  return false;
}

void
ahoy_guest_id (const AhoyGuest *guest, char id[AHOY_GUEST_ID_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof guest->fingerprint.bytes; i++) {
    id[2 * i] = digits[guest->fingerprint.bytes[i] >> 4];
    id[2 * i + 1] = digits[guest->fingerprint.bytes[i] & 15];
  }
  id[AHOY_GUEST_ID_SIZE - 1] = '\0';
}

static int
digit_of (char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool
ahoy_guest_read_id (const RtmfpAmfValue *value, RtmfpFingerprint *name) {
  char text[AHOY_GUEST_ID_SIZE];
  if (!rtmfp_amf_as_text (value, text, sizeof text) || strlen (text) != 2 * sizeof name->bytes) {
    return false;
  }
  for (size_t i = 0; i < sizeof name->bytes; i++) {
    const int high = digit_of (text[2 * i]), low = digit_of (text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    name->bytes[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

/* rtmfp-cpp's server says connectionID too: relay, broadcast and watch name clients by it. */
static void
accept (AhoyMediaServer *server, AhoyGuest *guest) {
  char id[AHOY_GUEST_ID_SIZE];
  ahoy_guest_id (guest, id);
  server->out.size = 0;
  rtmfp_amf_member_text (&server->out, "connectionID", id);
  RtmfpStatus status = rtmfp_net_accept_connection (
      server->net, guest->session, rtmfp_buffer_bytes (&server->out), server->now_us);
  if (status == RTMFP_OK && server->peer_keepalive_ms > 0) {
    status =
        rtmfp_net_send_keepalive (server->net, guest->session, (int64_t)server->keepalive_ms * 1000,
                                  (int64_t)server->peer_keepalive_ms * 1000, server->now_us);
  }
  (void)status; /* it is gone, or keeps its own periods */
}

void
ahoy_guest_connect (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  char name[AHOY_APP_BYTES_MAX + 1];
  if (!fits (server, event->name, name)) {
    server->counters.refused++;
    const RtmfpStatus status = rtmfp_net_reject_connection (
        server->net, guest->session, "NetConnection.Connect.InvalidApp",
        "This server has no such application.", server->now_us);
    (void)status;
    return; /* DISCONNECTED follows */
  }
  server->counters.connected++;
  guest->app = enter_app (server, name);
  LIST_INSERT_HEAD (&guest->app->guests, guest, of_app);
  rtmfp_deadlines_set (&server->deadlines, &guest->deadline, RTMFP_NEVER);
  accept (server, guest);
}

/* ---- Introductions ---- */

/* The client that is wanted, if the one who asks is connected to the same application. */
static AhoyGuest *
admit (AhoyMediaServer *server, const RtmfpEvent *event) {
  RtmfpEpd epd;
  if (rtmfp_epd_read (event->bytes, &epd) != RTMFP_OK || !epd.has_fingerprint) {
    return NULL;
  }
  AhoyGuest *target = ahoy_guest_find_named (server, &epd.fingerprint);
  AhoyGuest *asker = find_placed (server, &event->address);
  if (target == NULL || asker == NULL || target == asker || target->app == NULL ||
      target->app != asker->app) {
    return NULL;
  }
  if (!rtmfp_bucket_take (&asker->hellos, AHOY_GUEST_HELLO_BURST, AHOY_GUEST_HELLO_EVERY_US,
                          server->now_us)) {
    server->counters.rate_limited++;
    return NULL;
  }
  return target;
}

void
ahoy_guest_take_hello (AhoyMediaServer *server, const RtmfpEvent *event) {
  const AhoyGuest *target = admit (server, event);
  if (target == NULL) {
    server->counters.hellos_dropped++;
    return;
  }
  RtmfpAddress addresses[1 + RTMFP_NET_PEER_ADDRESSES_MAX];
  size_t count = 0;
  addresses[count] = target->address;
  addresses[count++].origin = RTMFP_ORIGIN_OBSERVED;
  for (size_t i = 0; i < target->told_count; i++) {
    if (!rtmfp_address_equal (&target->told[i], &target->address)) {
      addresses[count++] = target->told[i];
    }
  }
  /* The event's bytes are the engine's until it is called. */
  server->out.size = 0;
  rtmfp_buffer_append (&server->out, event->bytes);
  rtmfp_buffer_append (&server->out, event->tag);
  const RtmfpBytes epd = rtmfp_bytes (server->out.data, event->bytes.size);
  const RtmfpBytes tag = rtmfp_bytes (server->out.data + event->bytes.size, event->tag.size);
  const RtmfpAddress asker = event->address;
  const uint32_t interface_id = event->interface_id;
  if (rtmfp_endpoint_forward_hello (server->endpoint, target->session, epd, tag, &asker,
                                    server->now_us) == RTMFP_OK) {
    server->counters.hellos_forwarded++;
  }
  rtmfp_endpoint_redirect (server->endpoint, &asker, interface_id, tag, addresses, count);
}
