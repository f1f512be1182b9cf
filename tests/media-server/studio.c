/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/media-server/studio.h"

#include "core/crypto/epd.h"

#include <string.h>

#define DELAY_US 5000

typedef struct {
  int64_t at_us;
  RtmfpAddress from, to;
  gsize size;
  guint8 bytes[2048];
} Datagram;

static void
fill (void *user, uint8_t *out, size_t size) {
  uint64_t *state = user;
  for (size_t i = 0; i < size; i++) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(*state >> 56);
  }
}

/* ---- Life ---- */

static void
client_free (gpointer data) {
  Client *client = data;
  client_forget (client);
  rtmfp_net_free (client->net);
  rtmfp_endpoint_free (client->endpoint);
  g_free (client);
}

Studio *
studio_new (void) {
  static const char *const apps[] = {"live", "chat"};
  Studio *studio = g_new0 (Studio, 1);
  studio->now_us = G_USEC_PER_SEC;
  studio->address = rtmfp_address_ipv4 (192, 0, 2, 1, 1935);
  studio->rng_state = 5;
  g_queue_init (&studio->wire);
  studio->clients = g_ptr_array_new_with_free_func (client_free);
  const AhoyMediaServerConfig config = {
      .rng = {.fill = fill, .user = &studio->rng_state},
      .apps = apps,
      .app_count = G_N_ELEMENTS (apps),
      .keepalive_ms = 20000,
      .peer_keepalive_ms = 25000,
  };
  studio->server = ahoy_media_server_new (&config, studio->now_us);
  return studio;
}

void
studio_free (Studio *studio) {
  g_ptr_array_unref (studio->clients);
  ahoy_media_server_free (studio->server);
  g_queue_clear_full (&studio->wire, g_free);
  g_free (studio);
}

AhoyMediaServerCounters
studio_counters (const Studio *studio) {
  AhoyMediaServerCounters counters;
  ahoy_media_server_counters (studio->server, &counters);
  return counters;
}

/* ---- What a client is told ---- */

static void say (Client *client, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (Client *client, const char *format, ...) {
  va_list args;
  va_start (args, format);
  g_queue_push_tail (&client->lines, g_strdup_vprintf (format, args));
  va_end (args);
}

static char *
printable (RtmfpBytes bytes) {
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < bytes.size; i++) {
    if (g_ascii_isgraph (bytes.data[i])) {
      g_string_append_c (text, (char)bytes.data[i]);
    } else {
      g_string_append_printf (text, "<%02x>", bytes.data[i]);
    }
  }
  return g_string_free (text, FALSE);
}

/* Texts, numbers and the sender's first digits. */
static char *
describe (const RtmfpNetEvent *event) {
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < event->value_count; i++) {
    const RtmfpAmfValue *value = event->values[i].value;
    const RtmfpAmfValue *sender = rtmfp_amf_get (value, "sender");
    char buffer[256];
    double number;
    if (rtmfp_amf_as_text (sender != NULL ? sender : value, buffer, sizeof buffer)) {
      g_string_append_printf (text, " %.64s", buffer);
    } else if (rtmfp_amf_as_number (value, &number)) {
      g_string_append_printf (text, " %g", number);
    } else {
      g_string_append (text, " ?");
    }
  }
  return g_string_free (text, FALSE);
}

static void
take_session (Client *client, const RtmfpNetEvent *event) {
  if (event->endpoint.type == RTMFP_EVENT_SESSION_OPEN) {
    if (client->session != event->session) {
      client->met = event->session;
    }
    say (client, "%s", client->session == event->session ? "open" : "met");
  } else if (event->endpoint.type == RTMFP_EVENT_SESSION_CLOSED) {
    say (client, "%s", client->session == event->session ? "closed" : "left");
  }
}

static void
take_event (Client *client, const RtmfpNetEvent *event) {
  static const char *const kinds[] = {"audio", "video", "data"};
  g_autofree char *text = NULL;
  switch (event->type) {
  case RTMFP_NET_SESSION:
    take_session (client, event);
    break;
  case RTMFP_NET_CONNECTED: {
    char id[65] = "";
    (void)rtmfp_amf_as_text (rtmfp_amf_get (event->values[0].value, "connectionID"), id, sizeof id);
    g_assert_cmpstr (id, ==, client->id);
    say (client, "connected");
    break;
  }
  case RTMFP_NET_REFUSED:
    say (client, "refused %s", event->code);
    break;
  case RTMFP_NET_DISCONNECTED:
    say (client, "disconnected");
    break;
  case RTMFP_NET_KEEPALIVE:
    say (client, "keepalive %d %d", (int)(event->server_us / 1000), (int)(event->peer_us / 1000));
    break;
  case RTMFP_NET_STREAM_CREATED:
    client->stream = event->stream;
    say (client, "created");
    break;
  case RTMFP_NET_STREAM_CLOSED:
    say (client, "stream closed");
    break;
  case RTMFP_NET_STREAM_STATUS:
    say (client, "%s %s", event->name, event->code);
    break;
  case RTMFP_NET_STREAM_CONTROL:
    say (client, "control %d", event->control);
    break;
  case RTMFP_NET_MEDIA:
    text = printable (event->bytes);
    say (client, "%s %u %s", kinds[event->kind], event->timestamp_ms, text);
    break;
  case RTMFP_NET_MEDIA_GAP:
    say (client, "gap %s", kinds[event->kind]);
    break;
  case RTMFP_NET_CALL:
    text = describe (event);
    say (client, "call %s%s", event->name, text);
    break;
  case RTMFP_NET_RESULT:
    say (client, "result");
    break;
  case RTMFP_NET_ERROR:
    say (client, "error %s", event->code);
    break;
  default:
    break;
  }
}

/* ---- The pump ---- */

static void
post (Studio *studio, const RtmfpAddress *from, const RtmfpDatagram *out, Datagram *datagram) {
  datagram->at_us = studio->now_us + DELAY_US;
  datagram->from = *from;
  datagram->to = out->to;
  datagram->size = out->size;
  g_queue_push_tail (&studio->wire, datagram);
}

static bool
pump_server (Studio *studio) {
  bool any = false;
  RtmfpJob *job;
  while ((job = ahoy_media_server_poll_job (studio->server)) != NULL) {
    rtmfp_job_run (job);
    ahoy_media_server_complete_job (studio->server, job, studio->now_us);
    any = true;
  }
  for (;;) {
    RtmfpDatagram out;
    Datagram *datagram = g_new0 (Datagram, 1);
    if (!ahoy_media_server_poll_transmit (studio->server, studio->now_us, datagram->bytes,
                                          sizeof datagram->bytes, &out)) {
      g_free (datagram);
      return any;
    }
    post (studio, &studio->address, &out, datagram);
    any = true;
  }
}

static bool
pump_client (Client *client) {
  Studio *studio = client->studio;
  bool any = false;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (client->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (client->endpoint, job, studio->now_us);
    any = true;
  }
  RtmfpNetEvent event;
  while (rtmfp_net_poll_event (client->net, studio->now_us, &event)) {
    take_event (client, &event);
    any = true;
  }
  for (;;) {
    RtmfpDatagram out;
    Datagram *datagram = g_new0 (Datagram, 1);
    if (!rtmfp_endpoint_poll_transmit (client->endpoint, studio->now_us, datagram->bytes,
                                       sizeof datagram->bytes, &out)) {
      g_free (datagram);
      return any;
    }
    post (studio, &client->address, &out, datagram);
    any = true;
  }
}

static void
settle (Studio *studio) {
  bool any = true;
  while (any) {
    any = pump_server (studio);
    for (guint i = 0; i < studio->clients->len; i++) {
      any = pump_client (studio->clients->pdata[i]) || any;
    }
  }
}

static void
deliver (Studio *studio, const Datagram *datagram) {
  if (rtmfp_address_equal (&datagram->to, &studio->address)) {
    (void)ahoy_media_server_receive (studio->server, datagram->bytes, datagram->size, 0,
                                     &datagram->from, 0, studio->now_us);
    return;
  }
  for (guint i = 0; i < studio->clients->len; i++) {
    Client *client = studio->clients->pdata[i];
    if (!client->deaf && rtmfp_address_equal (&datagram->to, &client->address)) {
      (void)rtmfp_endpoint_receive (client->endpoint, datagram->bytes, datagram->size, 0,
                                    &datagram->from, 0, studio->now_us);
    }
  }
}

static int64_t
next_time (const Studio *studio, int64_t until_us) {
  const Datagram *first = g_queue_peek_head ((GQueue *)&studio->wire);
  int64_t at_us = MIN (until_us, ahoy_media_server_deadline (studio->server));
  at_us = first != NULL ? MIN (at_us, first->at_us) : at_us;
  for (guint i = 0; i < studio->clients->len; i++) {
    const Client *client = studio->clients->pdata[i];
    at_us = MIN (at_us, rtmfp_endpoint_deadline (client->endpoint));
  }
  return MAX (at_us, studio->now_us);
}

void
studio_run (Studio *studio, int64_t for_us) {
  const int64_t until_us = studio->now_us + for_us;
  settle (studio);
  while (studio->now_us < until_us) {
    studio->now_us = next_time (studio, until_us);
    Datagram *first;
    while ((first = g_queue_peek_head (&studio->wire)) != NULL && first->at_us <= studio->now_us) {
      g_queue_pop_head (&studio->wire);
      deliver (studio, first);
      g_free (first);
      settle (studio);
    }
    ahoy_media_server_advance (studio->server, studio->now_us);
    for (guint i = 0; i < studio->clients->len; i++) {
      Client *client = studio->clients->pdata[i];
      rtmfp_endpoint_advance (client->endpoint, studio->now_us);
    }
    settle (studio);
  }
}

/* ---- Clients ---- */

static Client *
make_client (Studio *studio, guint8 last, const RtmfpIdentityConfig *identity) {
  static const RtmfpIdentityConfig strong = {.groups = RTMFP_GROUP_X25519,
                                             .accept = RTMFP_ACCEPT_ANYONE,
                                             .requires_hmac = true,
                                             .requires_sequence = true,
                                             .offers_hmac = true,
                                             .offers_sequence = true};
  Client *client = g_new0 (Client, 1);
  client->studio = studio;
  client->address = rtmfp_address_ipv4 (10, 0, 0, last, (uint16_t)(40000 + studio->clients->len));
  client->rng_state = 1000 + studio->clients->len;
  const RtmfpEndpointConfig config = {.rng = {.fill = fill, .user = &client->rng_state}};
  client->endpoint = rtmfp_endpoint_new (&config, studio->now_us);
  client->identity = rtmfp_endpoint_add_identity (
      client->endpoint, identity != NULL ? identity : &strong, &client->fingerprint);
  for (int i = 0; i < 32; i++) {
    g_snprintf (client->id + 2 * i, 3, "%02x", client->fingerprint.bytes[i]);
  }
  RtmfpNetConfig net;
  rtmfp_net_config_init (&net);
  client->net = rtmfp_net_new (client->endpoint, &net);
  g_queue_init (&client->lines);
  g_ptr_array_add (studio->clients, client);
  return client;
}

static RtmfpId
open_session (Client *client, const RtmfpEpd *discriminator) {
  uint8_t bytes[128];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  assert_ok (rtmfp_epd_write (&writer, discriminator));
  const RtmfpOpen open = {.identity = client->identity,
                          .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&writer)),
                          .candidates = &client->studio->address,
                          .candidate_count = 1};
  RtmfpId session = 0;
  assert_ok (rtmfp_endpoint_open (client->endpoint, &open, client->studio->now_us, &session));
  return session;
}

Client *
client_new (Studio *studio, guint8 last, const RtmfpIdentityConfig *identity) {
  Client *client = make_client (studio, last, identity);
  client->session = open_session (
      client, &(RtmfpEpd){.has_ancillary_data = true, .ancillary_data = BYTES ("rtmfp:")});
  client_expect (client, "open");
  return client;
}

void
client_connect (Client *client, const char *app) {
  g_autofree char *url = g_strdup_printf ("rtmfp://studio.test/%s", app);
  assert_ok (rtmfp_net_connect (client->net, client->session, url, NO_BYTES, NO_BYTES,
                                client->studio->now_us));
}

Client *
client_in (Studio *studio, guint8 last, const char *app) {
  Client *client = client_new (studio, last, NULL);
  client_connect (client, app);
  client_expect (client, "connected");
  return client;
}

void
client_create_stream (Client *client) {
  assert_ok (rtmfp_net_create_stream (client->net, client->session, client->studio->now_us,
                                      &client->stream));
  client_expect (client, "created");
}

Client *
client_publishing (Studio *studio, guint8 last, const char *name) {
  Client *client = client_in (studio, last, "live");
  client_create_stream (client);
  assert_ok (rtmfp_net_stream_publish (client->net, client->stream, name, "live", studio->now_us));
  client_expect (client, "status NetStream.Publish.Start");
  return client;
}

Client *
client_playing (Studio *studio, guint8 last, const char *name) {
  Client *client = client_in (studio, last, "live");
  client_create_stream (client);
  assert_ok (rtmfp_net_stream_play (client->net, client->stream, name, NO_BYTES, studio->now_us));
  client_expect (client, "status NetStream.Play.Start");
  return client;
}

void
client_seek (Client *client, const Client *other) {
  client->met = open_session (
      client, &(RtmfpEpd){.has_fingerprint = true, .fingerprint = other->fingerprint});
}

void
client_send (Client *client, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body) {
  assert_ok (rtmfp_net_send_media (client->net, client->stream, kind, time, body, NULL,
                                   client->studio->now_us, NULL));
}

void
client_expect (Client *client, const char *line) {
  const int64_t until_us = client->studio->now_us + 10 * G_USEC_PER_SEC;
  for (;;) {
    GList *found = g_queue_find_custom (&client->lines, line, (GCompareFunc)strcmp);
    if (found != NULL) {
      g_free (found->data);
      g_queue_delete_link (&client->lines, found);
      return;
    }
    if (client->studio->now_us >= until_us) {
      for (const GList *each = client->lines.head; each != NULL; each = each->next) {
        g_printerr ("  %s\n", (const char *)each->data);
      }
      g_error ("%s did not come", line);
    }
    studio_run (client->studio, 10000);
  }
}

guint
client_count (Client *client, const char *beginning) {
  guint count = 0;
  for (const GList *each = client->lines.head; each != NULL; each = each->next) {
    count += g_str_has_prefix (each->data, beginning);
  }
  return count;
}

void
client_forget (Client *client) {
  g_queue_clear_full (&client->lines, g_free);
}
