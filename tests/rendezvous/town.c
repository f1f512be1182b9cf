/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire, the clock and the guests. */
#include "tests/rendezvous/town.h"

#include "core/base/registry.h"
#include "core/crypto/epd.h"
#include "tests/rendezvous/fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DELAY_US INT64_C (10000)
#define WAIT_US (15 * SECOND)

typedef struct {
  int64_t at_us;
  RtmfpAddress from, to;
  size_t size;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
} Packet;

/* ---- Words ---- */

void
word_free (Word *word) {
  if (word != NULL) {
    g_free (word->name);
    g_free (word->code);
    rtmfp_amf_document_clear (&word->document);
    g_bytes_unref (word->bytes);
    g_free (word);
  }
}

void
word_ok (Word *word) {
  g_assert_nonnull (word);
  g_assert_cmpstr (word->code, ==, NULL);
  g_assert_true (word->ok);
  word_free (word);
}

void
word_fails (Word *word, const char *code) {
  g_assert_nonnull (word);
  g_assert_false (word->ok);
  g_assert_cmpstr (word->code, ==, code);
  word_free (word);
}

static Word *
word_new (const RtmfpNetEvent *event) {
  Word *word = g_new0 (Word, 1);
  word->name = g_strdup (event->type == RTMFP_NET_CALL ? event->name : "");
  word->call = event->call;
  word->ok = event->type != RTMFP_NET_ERROR;
  word->code = word->ok ? NULL : g_strdup (event->code);
  word->bytes = g_bytes_new (event->bytes.data, event->bytes.size);
  gsize size;
  const void *data = g_bytes_get_data (word->bytes, &size);
  g_assert_cmpint (rtmfp_amf_read (&word->document, rtmfp_bytes (data, size), RTMFP_AMF0), ==,
                   RTMFP_OK);
  word->value = rtmfp_amf_at (&word->document, 0);
  return word;
}

/* ---- A guest's ear ---- */

static void
answer_server (Guest *guest, const RtmfpNetEvent *event) {
  Town *town = guest->town;
  const char *code = NULL;
  if (strcmp (event->name, "expect") == 0) {
    code = guest->refuse_expect;
    RtmfpFingerprint from;
    g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (event->values[0].value, "fingerprint"),
                                       from.bytes, sizeof from.bytes));
    if (code == NULL) {
      g_assert_cmpint (rtmfp_endpoint_expect (guest->endpoint, guest->certificate, &from,
                                              town->now_us + 60 * SECOND),
                       ==, RTMFP_OK);
    }
  } else if (strcmp (event->name, "message.deliver") == 0 && guest->refuse_messages) {
    code = "storeFailed";
  }
  RtmfpBuffer nothing = args_none ();
  rtmfp_amf_end_object (&nothing);
  const RtmfpStatus status =
      code != NULL
          ? rtmfp_net_fail (guest->net, event->session, event->call, code, "", town->now_us)
          : rtmfp_net_return (guest->net, event->session, event->call,
                              rtmfp_buffer_bytes (&nothing), town->now_us);
  g_assert_cmpint (status, ==, RTMFP_OK);
  rtmfp_buffer_clear (&nothing);
}

static void
greet_server (Guest *guest) {
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (guest->endpoint, guest->session, &info), ==,
                   RTMFP_OK);
  const AhoyBindingInput input = {
      .initiator = true,
      .initiator_certificate = info.near_certificate,
      .responder_certificate = info.far_certificate,
      .initiator_component = info.initiator_component,
      .responder_component = info.responder_component,
      .near_nonce = info.near_nonce,
      .far_nonce = info.far_nonce,
  };
  AhoyBinding binding;
  ahoy_binding_make (&input, &binding);
  ahoy_greeting_init (&guest->greeting, AHOY_SIDE_CLIENT, &binding,
                      &guest->town->server_identity.key);
}

static void
take_greeting (Guest *guest, RtmfpBytes bytes) {
  Town *town = guest->town;
  g_assert_cmpint (ahoy_greeting_receive (&guest->greeting, bytes), ==, RTMFP_OK);
  if (guest->mute) {
    return;
  }
  RtmfpBuffer proof = {0};
  g_assert_cmpint (ahoy_greeting_send (&guest->greeting, &guest->identity, 0, &proof), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_net_send_greeting (guest->net, guest->session, rtmfp_buffer_bytes (&proof),
                                            town->now_us),
                   ==, RTMFP_OK);
  rtmfp_buffer_clear (&proof);
  rtmfp_net_open_gate (guest->net, guest->session, town->now_us);
  g_autofree char *uri = g_strdup_printf ("rtmfp://%s/%s", town->host.host, guest->app);
  g_assert_cmpint (rtmfp_net_connect (guest->net, guest->session, uri, rtmfp_bytes (NULL, 0),
                                      rtmfp_bytes (NULL, 0), town->now_us),
                   ==, RTMFP_OK);
}

static void
take_session (Guest *guest, const RtmfpEvent *event) {
  const bool is_server = event->session == guest->session;
  if (event->type == RTMFP_EVENT_SESSION_OPEN && is_server) {
    greet_server (guest);
  } else if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    RtmfpSessionInfo info;
    guest->met = event->session;
    g_assert_cmpint (rtmfp_endpoint_session_info (guest->endpoint, guest->met, &info), ==,
                     RTMFP_OK);
    guest->met_fingerprint = info.far_fingerprint;
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED && is_server) {
    guest->closed = true;
    guest->connected = false;
    guest->session = 0;
  }
}

static void
take_event (Guest *guest, const RtmfpNetEvent *event) {
  switch (event->type) {
  case RTMFP_NET_SESSION:
    take_session (guest, &event->endpoint);
    break;
  case RTMFP_NET_GREETING:
    take_greeting (guest, event->bytes);
    break;
  case RTMFP_NET_CONNECTED:
    guest->connected = true;
    break;
  case RTMFP_NET_REFUSED:
    guest->refused = true;
    break;
  case RTMFP_NET_CALL:
    g_queue_push_tail (&guest->words, word_new (event));
    answer_server (guest, event);
    break;
  case RTMFP_NET_RESULT:
  case RTMFP_NET_ERROR:
    g_queue_push_tail (&guest->answers, word_new (event));
    break;
  default:
    break;
  }
}

static void
drain_guest (Guest *guest) {
  RtmfpNetEvent event;
  while (rtmfp_net_poll_event (guest->net, guest->town->now_us, &event)) {
    take_event (guest, &event);
  }
}

/* ---- The wire ---- */

static void
put_on_wire (Town *town, const RtmfpAddress *from, const RtmfpDatagram *datagram,
             const uint8_t *bytes) {
  Packet *packet = g_new0 (Packet, 1);
  packet->at_us = town->now_us + DELAY_US;
  packet->from = *from;
  packet->to = datagram->to;
  packet->size = datagram->size;
  memcpy (packet->bytes, bytes, datagram->size);
  g_queue_push_tail (&town->wire, packet);
}

static void
serve_store (Town *town) {
  AhoyStoreJob *job;
  while (!town->store_stops && (job = ahoy_rendezvous_poll_store (town->server)) != NULL) {
    memory_store_run (town->store, job);
    ahoy_rendezvous_complete_store (town->server, job, town->now_us);
  }
}

static void
pump_server (Town *town) {
  if (town->is_real) {
    return;
  }
  RtmfpJob *job;
  RtmfpDatagram datagram;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  ahoy_rendezvous_advance (town->server, town->now_us);
  while ((job = ahoy_rendezvous_poll_job (town->server)) != NULL) {
    rtmfp_job_run (job);
    ahoy_rendezvous_complete_job (town->server, job, town->now_us);
  }
  serve_store (town);
  while (
      ahoy_rendezvous_poll_transmit (town->server, town->now_us, bytes, sizeof bytes, &datagram)) {
    put_on_wire (town, &town->server_address, &datagram, bytes);
  }
}

/* ---- The kernel's wire ---- */

static void
send_real (const Guest *guest, const RtmfpDatagram *datagram, const uint8_t *bytes) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons (datagram->to.port)};
  memcpy (&to.sin_addr, datagram->to.ip, sizeof to.sin_addr);
  /* What the kernel refuses is lost. */
  (void)!sendto (guest->fd, bytes, datagram->size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

static void
pump_guest (Guest *guest) {
  RtmfpJob *job;
  RtmfpDatagram datagram;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  const int64_t now_us = guest->town->now_us;
  rtmfp_endpoint_advance (guest->endpoint, now_us);
  drain_guest (guest);
  while ((job = rtmfp_endpoint_poll_job (guest->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (guest->endpoint, job, now_us);
  }
  drain_guest (guest);
  while (rtmfp_endpoint_poll_transmit (guest->endpoint, now_us, bytes, sizeof bytes, &datagram)) {
    if (guest->town->is_real) {
      send_real (guest, &datagram, bytes);
    } else {
      put_on_wire (guest->town, &guest->address, &datagram, bytes);
    }
  }
}

static void
pump (Town *town) {
  pump_server (town);
  for (guint i = 0; i < town->guests->len; i++) {
    pump_guest (town->guests->pdata[i]);
  }
}

static void
deliver (Town *town, const Packet *packet) {
  if (rtmfp_address_equal (&packet->to, &town->server_address)) {
    RtmfpStatus status = ahoy_rendezvous_receive (town->server, packet->bytes, packet->size, 1,
                                                  &packet->from, 0, town->now_us);
    (void)status;
    return;
  }
  town->watched_packets += rtmfp_address_equal (&packet->to, &town->watched);
  for (guint i = 0; i < town->guests->len; i++) {
    Guest *guest = town->guests->pdata[i];
    if (rtmfp_address_equal (&packet->to, &guest->address)) {
      RtmfpStatus status = rtmfp_endpoint_receive (guest->endpoint, packet->bytes, packet->size, 1,
                                                   &packet->from, 0, town->now_us);
      (void)status;
      drain_guest (guest);
    }
  }
}

static int64_t
next_time (const Town *town) {
  int64_t at_us = town->is_real ? RTMFP_NEVER : ahoy_rendezvous_deadline (town->server);
  for (guint i = 0; i < town->guests->len; i++) {
    const Guest *guest = town->guests->pdata[i];
    at_us = MIN (at_us, rtmfp_endpoint_deadline (guest->endpoint));
  }
  const Packet *packet = g_queue_peek_head (&((Town *)town)->wire);
  return packet == NULL ? at_us : MIN (at_us, packet->at_us);
}

static void
receive_real (Guest *guest) {
  uint8_t bytes[2048];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  ssize_t got;
  while ((got = recvfrom (guest->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from,
                          &size)) >= 0) {
    uint8_t ip[4];
    memcpy (ip, &from.sin_addr, sizeof ip);
    const RtmfpAddress address =
        rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (from.sin_port));
    RtmfpStatus status = rtmfp_endpoint_receive (guest->endpoint, bytes, (size_t)got, 1, &address,
                                                 0, guest->town->now_us);
    (void)status;
    drain_guest (guest);
    size = sizeof from;
  }
}

static bool
step_real (Town *town, int64_t until_us) {
  struct pollfd fds[16];
  const guint count = MIN (town->guests->len, G_N_ELEMENTS (fds));
  for (guint i = 0; i < count; i++) {
    const Guest *guest = town->guests->pdata[i];
    fds[i] = (struct pollfd){.fd = guest->fd, .events = POLLIN};
  }
  const int64_t wake_us = MIN (next_time (town), until_us);
  const int64_t left_us = wake_us - g_get_monotonic_time (), wait_us = MAX (left_us, 0);
  (void)poll (fds, count, (int)MIN ((wait_us + 999) / 1000, 1000));
  town->now_us = g_get_monotonic_time ();
  for (guint i = 0; i < count; i++) {
    receive_real (town->guests->pdata[i]);
  }
  pump (town);
  return town->now_us < until_us;
}

/* One moment: what arrives, and what follows. until: not later. Returns: whether there was one. */
bool
town_step (Town *town, int64_t until_us) {
  pump (town);
  if (town->is_real) {
    return step_real (town, until_us);
  }
  const int64_t next_us = next_time (town);
  if (next_us > until_us) {
    town->now_us = until_us;
    return false;
  }
  town->now_us = MAX (town->now_us + 1, next_us);
  Packet *packet;
  while ((packet = g_queue_peek_head (&town->wire)) != NULL && packet->at_us <= town->now_us) {
    g_queue_pop_head (&town->wire);
    deliver (town, packet);
    g_free (packet);
  }
  return true;
}

void
town_run (Town *town, int64_t for_us) {
  const int64_t until_us = town->now_us + for_us;
  while (town_step (town, until_us)) {
  }
  pump (town);
}

/* ---- The town ---- */

static void
start_server (Town *town, bool open_registration) {
  const AhoyRendezvousConfig config = {
      .rng = fixture_rng (&town->rng_state),
      .hosts = &town->host,
      .host_count = 1,
      .identity = town->server_identity,
      .secret = {1, 2, 3},
      .open_registration = open_registration,
      .wall_ms = INT64_C (1800000000000) + town->now_us / 1000,
  };
  town->server = ahoy_rendezvous_new (&config, town->now_us);
}

Town *
town_new (bool open_registration) {
  Town *town = g_new0 (Town, 1);
  town->now_us = SECOND;
  town->rng_state = 77;
  town->server_address = rtmfp_address_ipv4 (192, 0, 2, 1, 1935);
  town->store = memory_store_new ();
  town->guests = g_ptr_array_new ();
  g_queue_init (&town->wire);
  g_assert_cmpint (ahoy_name_parse_host ("ahoy.example", &town->host), ==, RTMFP_OK);
  const RtmfpRng rng = fixture_rng (&town->rng_state);
  ahoy_identity_make (&rng, &town->server_identity);
  start_server (town, open_registration);
  return town;
}

Town *
town_new_real (uint16_t port, const AhoyKey *server_key) {
  Town *town = g_new0 (Town, 1);
  town->is_real = true;
  town->now_us = g_get_monotonic_time ();
  town->rng_state = (uint64_t)town->now_us | 1;
  town->server_address = rtmfp_address_ipv4 (127, 0, 0, 1, port);
  town->guests = g_ptr_array_new ();
  g_queue_init (&town->wire);
  g_assert_cmpint (ahoy_name_parse_host ("localhost", &town->host), ==, RTMFP_OK);
  town->server_identity.key = *server_key;
  return town;
}

static void
guest_free (Guest *guest) {
  if (guest->fd >= 0) {
    close (guest->fd);
  }
  rtmfp_net_free (guest->net);
  rtmfp_endpoint_free (guest->endpoint);
  guest_forget (guest);
  g_free (guest);
}

void
town_free (Town *town) {
  for (guint i = 0; i < town->guests->len; i++) {
    guest_free (town->guests->pdata[i]);
  }
  g_ptr_array_free (town->guests, TRUE);
  if (!town->is_real) {
    ahoy_rendezvous_free (town->server);
    memory_store_free (town->store);
  }
  g_queue_clear_full (&town->wire, g_free);
  g_free (town);
}

AhoyRendezvousCounters
town_counters (const Town *town) {
  AhoyRendezvousCounters counters;
  ahoy_rendezvous_counters (town->server, &counters);
  return counters;
}

void
town_restart_server (Town *town) {
  ahoy_rendezvous_free (town->server);
  start_server (town, true);
}

/* ---- Guests ---- */

/* One for each connection, RFC 7425 s5.3. */
static void
renew_certificate (Guest *guest) {
  const RtmfpIdentityConfig certificate = {
      .accept = RTMFP_ACCEPT_EXPECTED,
      .requires_hmac = true,
      .requires_sequence = true,
      .offers_hmac = true,
      .offers_sequence = true,
  };
  guest->certificate =
      rtmfp_endpoint_add_identity (guest->endpoint, &certificate, &guest->fingerprint);
}

Guest *
guest_new (Town *town, uint8_t last) {
  Guest *guest = g_new0 (Guest, 1);
  guest->town = town;
  guest->app = "ahoy";
  guest->address = rtmfp_address_ipv4 (10, 0, 0, last, 4000);
  guest->fd = town->is_real ? socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
  guest->rng_state = 1000 + town->guests->len * 17 + last;
  if (town->is_real) { /* what a new guest says must not repeat */
    guest->rng_state += (uint64_t)g_get_monotonic_time () << 8;
  }
  g_queue_init (&guest->words);
  g_queue_init (&guest->answers);
  const RtmfpRng rng = fixture_rng (&guest->rng_state);
  ahoy_identity_make (&rng, &guest->identity);
  const RtmfpEndpointConfig config = {.rng = rng};
  guest->endpoint = rtmfp_endpoint_new (&config, town->now_us);
  RtmfpNetConfig net;
  rtmfp_net_config_init (&net);
  net.gated = true;
  net.greeting_metadata =
      rtmfp_bytes (RTMFP_REGISTRY_GREETING_METADATA, strlen (RTMFP_REGISTRY_GREETING_METADATA));
  guest->net = rtmfp_net_new (guest->endpoint, &net);
  g_ptr_array_add (town->guests, guest);
  return guest;
}

void
guest_remove (Guest *guest) {
  g_ptr_array_remove (guest->town->guests, guest);
  guest_free (guest);
}

void
guest_begin (Guest *guest) {
  Town *town = guest->town;
  uint8_t epd[256];
  renew_certificate (guest);
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_autofree char *uri = g_strdup_printf ("rtmfp://%s/ahoy", town->host.host);
  g_assert_cmpint (rtmfp_epd_write_uri (&writer, uri), ==, RTMFP_OK);
  const RtmfpOpen open = {
      .identity = guest->certificate,
      .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
      .candidates = &town->server_address,
      .candidate_count = 1,
      .interface_id = 1,
  };
  guest->closed = false;
  guest->refused = false;
  g_assert_cmpint (rtmfp_endpoint_open (guest->endpoint, &open, town->now_us, &guest->session), ==,
                   RTMFP_OK);
}

bool
guest_connect (Guest *guest) {
  Town *town = guest->town;
  guest_begin (guest);
  const int64_t until_us = town->now_us + 10 * SECOND;
  while (!guest->connected && !guest->closed && !guest->refused && town_step (town, until_us)) {
  }
  return guest->connected;
}

void
guest_leave (Guest *guest) {
  rtmfp_endpoint_close (guest->endpoint, guest->session, false, guest->town->now_us);
  town_run (guest->town, SECOND);
}

void
guest_vanish (Guest *guest) {
  /* Nobody is at that address any more, and the new endpoint knows nothing. */
  Town *town = guest->town;
  guest->address.port = (uint16_t)(guest->address.port + 1000);
  rtmfp_endpoint_close (guest->endpoint, guest->session, true, town->now_us);
  guest->session = 0;
  guest->connected = false;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram datagram;
  drain_guest (guest);
  while (rtmfp_endpoint_poll_transmit (guest->endpoint, town->now_us, bytes, sizeof bytes,
                                       &datagram)) {
    /* lost */
  }
}

/* ---- Asking and hearing ---- */

void
guest_send (Guest *guest, const char *name, RtmfpBuffer *args, RtmfpId *call) {
  rtmfp_amf_end_object (args);
  g_assert_cmpint (rtmfp_net_call (guest->net, guest->session, name, rtmfp_buffer_bytes (args),
                                   true, guest->town->now_us, call),
                   ==, RTMFP_OK);
  rtmfp_buffer_clear (args);
}

static Word *
take_answer (Guest *guest, RtmfpId call) {
  for (GList *link = guest->answers.head; link != NULL; link = link->next) {
    Word *word = link->data;
    if (word->call == call) {
      g_queue_delete_link (&guest->answers, link);
      return word;
    }
  }
  return NULL;
}

Word *
guest_ask (Guest *guest, const char *name, RtmfpBuffer *args) {
  RtmfpId call;
  guest_send (guest, name, args, &call);
  const int64_t until_us = guest->town->now_us + WAIT_US;
  Word *word;
  while ((word = take_answer (guest, call)) == NULL && town_step (guest->town, until_us)) {
  }
  return word;
}

static Word *
take_word (Guest *guest, const char *name) {
  for (GList *link = guest->words.head; link != NULL; link = link->next) {
    Word *word = link->data;
    if (strcmp (word->name, name) == 0) {
      g_queue_delete_link (&guest->words, link);
      return word;
    }
  }
  return NULL;
}

Word *
guest_hear (Guest *guest, const char *name) {
  const int64_t until_us = guest->town->now_us + SECOND;
  Word *word;
  while ((word = take_word (guest, name)) == NULL && town_step (guest->town, until_us)) {
  }
  return word;
}

void
guest_forget (Guest *guest) {
  g_queue_clear_full (&guest->words, (GDestroyNotify)word_free);
  g_queue_clear_full (&guest->answers, (GDestroyNotify)word_free);
}

/* ---- Accounts ---- */

RtmfpBuffer
args_none (void) {
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  return args;
}

RtmfpBuffer
args_text (const char *name, const char *text) {
  RtmfpBuffer args = args_none ();
  rtmfp_amf_member_text (&args, name, text);
  return args;
}

void
args_add_text (RtmfpBuffer *args, const char *name, const char *text) {
  rtmfp_amf_member_text (args, name, text);
}

void
args_add_filled (RtmfpBuffer *args, const char *name, uint8_t octet, size_t size) {
  g_autofree uint8_t *bytes = g_malloc (size);
  memset (bytes, octet, size);
  rtmfp_amf_member_bytes (args, name, rtmfp_bytes (bytes, size));
}

RtmfpBuffer
args_create (const Guest *guest, const char *user, const AhoyKey *sign_in) {
  uint8_t params[AHOY_PASSWORD_PARAMS_SIZE];
  const AhoyPasswordParams password = {
      .log2_n = AHOY_SCRYPT_LOG2_N, .r = AHOY_SCRYPT_R, .p = AHOY_SCRYPT_P, .salt = {5, 6, 7}};
  ahoy_password_params_write (&password, params);
  RtmfpBuffer args = args_text ("name", user);
  args_add_text (&args, "displayName", user);
  rtmfp_amf_member_bytes (&args, "params", rtmfp_bytes (params, sizeof params));
  rtmfp_amf_member_bytes (&args, "signInKey", rtmfp_bytes (sign_in->bytes, sizeof sign_in->bytes));
  args_add_filled (&args, "wrapped", 9, AHOY_WRAPPED_SIZE);
  rtmfp_amf_member_bytes (
      &args, "card", rtmfp_bytes (guest->identity.key.bytes, sizeof guest->identity.key.bytes));
  return args;
}

Word *
guest_enter (Guest *guest, const char *user, uint8_t device, const char *ring) {
  g_assert_true (guest->connected || guest_connect (guest));
  RtmfpBuffer args = args_text ("name", user);
  args_add_filled (&args, "device", device, AHOY_DEVICE_ID_SIZE);
  args_add_text (&args, "label", "desk");
  args_add_text (&args, "ring", ring);
  return guest_ask (guest, "enter", &args);
}

Guest *
guest_enter_new (Town *town, uint8_t last, const char *user, uint8_t device) {
  Guest *guest = guest_new (town, last);
  g_assert_true (guest_connect (guest));
  RtmfpBuffer args = args_create (guest, user, &guest->identity.key);
  word_ok (guest_ask (guest, "create", &args));
  word_ok (guest_enter (guest, user, device, "early"));
  return guest;
}

void
guests_make_contacts (Guest *guest, Guest *other, const char *user, const char *other_user) {
  RtmfpBuffer args = args_text ("address", other_user);
  word_ok (guest_ask (guest, "contact.request", &args));
  args = args_text ("address", user);
  word_ok (guest_ask (other, "contact.accept", &args));
  town_run (guest->town, SECOND);
  guest_forget (guest);
  guest_forget (other);
}
