/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of clients: relay and broadcast to others of the same application, watch for their going,
 * as rtmfp-cpp's tcserver has them; and what publishing programs say by habit. */
#include "core/media-server/internal.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

static void
answer (AhoyMediaServer *server, const AhoyGuest *guest, const RtmfpNetEvent *event,
        const char *failure) {
  const RtmfpStatus status =
      failure == NULL ? rtmfp_net_return (server->net, guest->session, event->call,
                                          rtmfp_bytes (NULL, 0), server->now_us)
                      : rtmfp_net_fail (server->net, guest->session, event->call,
                                        "NetConnection.Call.Failed", failure, server->now_us);
  (void)status; /* its end is told next */
}

static void
call (AhoyMediaServer *server, const AhoyGuest *to, const char *name) {
  const RtmfpStatus status =
      rtmfp_net_call (server->net, to->session, name, rtmfp_buffer_bytes (&server->out), false,
                      server->now_us, NULL);
  (void)status; /* who does not read misses it */
}

/* ---- relay, broadcast ---- */

/* {sender}, then the arguments from first on. They are written anew: what refers to another value
 * in the message would mean something else behind the header. */
static bool
write_relay (AhoyMediaServer *server, const AhoyGuest *from, const RtmfpNetEvent *event,
             size_t first) {
  char id[AHOY_GUEST_ID_SIZE];
  ahoy_guest_id (from, id);
  server->out.size = 0;
  rtmfp_amf_begin_object (&server->out);
  rtmfp_amf_member_text (&server->out, "sender", id);
  rtmfp_amf_end_object (&server->out);
  for (size_t i = first; i < event->value_count; i++) {
    if (rtmfp_amf_write_value (&server->out, event->values[i].value, RTMFP_AMF0,
                               AHOY_RELAY_BYTES_MAX) != RTMFP_OK) {
      return false;
    }
  }
  return true;
}

static const char *
relay (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  RtmfpFingerprint name;
  if (event->value_count == 0 || !ahoy_guest_read_id (event->values[0].value, &name)) {
    return "To whom?";
  }
  if (!rtmfp_bucket_take (&guest->relays, AHOY_RELAY_BURST, AHOY_RELAY_EVERY_US, server->now_us)) {
    server->counters.rate_limited++;
    return "Too many at once.";
  }
  const AhoyGuest *to = ahoy_guest_find_named (server, &name);
  if (to == NULL || to->app != guest->app) {
    return "Nobody of that name is connected here.";
  }
  if (!write_relay (server, guest, event, 1)) {
    return "It is too large.";
  }
  server->counters.calls_relayed++;
  call (server, to, "onRelay");
  return NULL;
}

static const char *
broadcast (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  if (!rtmfp_bucket_take (&guest->broadcasts, AHOY_BROADCAST_BURST, AHOY_BROADCAST_EVERY_US,
                          server->now_us)) {
    server->counters.rate_limited++;
    return "Too many at once.";
  }
  if (!write_relay (server, guest, event, 0)) {
    return "It is too large.";
  }
  const AhoyGuest *to;
  LIST_FOREACH (to, &guest->app->guests, of_app) {
    server->counters.calls_relayed++;
    call (server, to, "onRelay");
  }
  return NULL;
}

/* ---- watch ---- */

static void
tell_gone (AhoyMediaServer *server, const AhoyGuest *watcher, const char *id) {
  server->out.size = 0;
  rtmfp_amf_write_text (&server->out, id);
  call (server, watcher, "onDisconnected");
}

static const char *
watch (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  RtmfpFingerprint name;
  char id[AHOY_GUEST_ID_SIZE];
  if (event->value_count == 0 || !ahoy_guest_read_id (event->values[0].value, &name)) {
    return "Whom?";
  }
  AhoyGuest *watched = ahoy_guest_find_named (server, &name);
  if (watched == NULL || watched->app != guest->app) {
    (void)rtmfp_amf_as_text (event->values[0].value, id, sizeof id);
    tell_gone (server, guest, id);
    return NULL;
  }
  const AhoyWatch *each;
  LIST_FOREACH (each, &guest->watches, of_watcher) {
    if (each->watched == watched) {
      return NULL;
    }
  }
  if (guest->watch_count >= AHOY_WATCHES_MAX) {
    return "Too many are watched.";
  }
  AhoyWatch *added = RTMFP_NEW (AhoyWatch);
  added->watcher = guest;
  added->watched = watched;
  guest->watch_count++;
  LIST_INSERT_HEAD (&guest->watches, added, of_watcher);
  LIST_INSERT_HEAD (&watched->watchers, added, of_watched);
  return NULL;
}

static void
forget (AhoyWatch *watch) {
  watch->watcher->watch_count--;
  LIST_REMOVE (watch, of_watcher);
  LIST_REMOVE (watch, of_watched);
  free (watch);
}

void
ahoy_call_forget (AhoyMediaServer *server, AhoyGuest *guest) {
  char id[AHOY_GUEST_ID_SIZE];
  ahoy_guest_id (guest, id);
  while (!LIST_EMPTY (&guest->watches)) {
    forget (LIST_FIRST (&guest->watches));
  }
  while (!LIST_EMPTY (&guest->watchers)) {
    AhoyWatch *each = LIST_FIRST (&guest->watchers);
    if (!server->stopping) {
      tell_gone (server, each->watcher, id);
    }
    forget (each);
  }
}

/* ---- All calls ---- */

/* What publishing programs call and wait for, although there is nothing to do. */
static bool
is_habit (const char *name) {
  static const char *const names[] = {"FCPublish",      "FCUnpublish",    "FCSubscribe",
                                      "FCUnsubscribe",  "releaseStream",  "_checkbw",
                                      "checkBandwidth", "getStreamLength"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp (name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

void
ahoy_call_take (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  const char *failure = NULL;
  if (strcmp (event->name, "relay") == 0) {
    failure = relay (server, guest, event);
  } else if (strcmp (event->name, "broadcast") == 0) {
    failure = broadcast (server, guest, event);
  } else if (strcmp (event->name, "watch") == 0) {
    failure = watch (server, guest, event);
  } else if (!is_habit (event->name)) {
    failure = "There is no such method.";
  }
  answer (server, guest, event, failure);
}
