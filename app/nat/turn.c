/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/turn.h"

#include "app/nat/relayed.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/turn.h>

#define COMPATIBILITY STUN_USAGE_TURN_COMPATIBILITY_RFC5766
/* RFC 8656 s18.6, s18.11, s18.8; draft-ietf-tram-stun-origin-06 s6.1 */
#define REQUESTED_ADDRESS_FAMILY ((StunAttribute)0x0017)
#define ADDITIONAL_ADDRESS_FAMILY ((StunAttribute)0x8000)
#define TRANSPORT_UDP 0x11000000u
#define FAMILY_IPV6 0x02000000u
#define ORIGIN ((StunAttribute)0x802f)
#define COOKIE_AT 4
#define STUN_HEADER_BYTES 20
#define CHANNEL_HEADER_BYTES 4
#define CHANNEL_FIRST 0x4000
#define CHANNEL_LAST 0x4fff
#define TRANSACTIONS_MAX 40
#define KEPT_BYTES 1024

typedef enum { NOTHING, ALLOCATE, REFRESH, BIND, END } Kind;

/* Which addresses are asked for, one after another where the server has no such (440). */
typedef enum { BOTH, ITS_DEFAULT, IPV6_ONLY } Families;

typedef struct {
  uint8_t bytes[APP_TURN_MESSAGE_BYTES_MAX];
  size_t size;
} Message;

typedef struct {
  RtmfpAddress address; /* family NONE = free */
  uint16_t channel;
  bool is_bound;
  int64_t used_us;
  int64_t bind_us; /* anew; RTMFP_NEVER while that is under way */
  GQueue held;     /* Message (owned) */
} Peer;

typedef struct {
  Kind kind; /* NOTHING = free */
  StunTransactionId id;
  RtmfpAddress peer; /* BIND */
  Message message;
  int64_t next_us;
  int64_t wait_us;
  int tries;
} Transaction;

struct AppTurn {
  bool is_stream;
  char *user, *password, *origin; /* (owned) origin: or NULL */
  Families families;
  StunAgent agent;
  AppTurnState state;
  int code;
  AppTurnRelayed relayed;
  uint8_t kept[KEPT_BYTES]; /* the answer with realm and nonce, */
  StunMessage challenge;    /* which this reads */
  bool has_challenge;
  int challenges;
  Transaction transactions[TRANSACTIONS_MAX];
  Peer peers[APP_TURN_PEERS_MAX];
  uint16_t next_channel;
  int64_t refresh_us, sent_us, heard_us, look_us;
  GQueue out; /* Message (owned) */
};

/* ---- Addresses ---- */

static socklen_t
to_sockaddr (const RtmfpAddress *address, struct sockaddr_storage *out) {
  memset (out, 0, sizeof *out);
  if (address->family == RTMFP_ADDRESS_IPV4) {
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    in->sin_family = AF_INET;
    in->sin_port = htons (address->port);
    memcpy (&in->sin_addr, address->ip, 4);
    return sizeof *in;
  }
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons (address->port);
  memcpy (&in6->sin6_addr, address->ip, 16);
  return sizeof *in6;
}

static bool
from_sockaddr (const struct sockaddr_storage *from, RtmfpAddress *out) {
  if (from->ss_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)from;
    const uint8_t *ip = (const uint8_t *)&in->sin_addr;
    *out = rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (in->sin_port));
  } else if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
    *out = rtmfp_address_ipv6 (in6->sin6_addr.s6_addr, ntohs (in6->sin6_port));
  } else {
    return false;
  }
  return out->port != 0;
}

/* ---- What goes out ---- */

static void
queue (AppTurn *turn, const uint8_t *bytes, size_t size) {
  if (turn->out.length >= APP_TURN_QUEUE_MAX) {
    g_free (g_queue_pop_head (&turn->out));
  }
  Message *message = g_new (Message, 1);
  memcpy (message->bytes, bytes, size);
  message->size = size;
  g_queue_push_tail (&turn->out, message);
}

size_t
app_turn_poll_transmit (AppTurn *turn, uint8_t *buffer) {
  g_autofree Message *message = g_queue_pop_head (&turn->out);
  if (message == NULL) {
    return 0;
  }
  memcpy (buffer, message->bytes, message->size);
  return message->size;
}

/* ---- Requests ---- */

/* Peers leave a few for the allocation itself. */
static Transaction *
free_transaction (AppTurn *turn, Kind kind) {
  for (size_t i = 0; i < TRANSACTIONS_MAX - (kind == BIND ? 4 : 0); i++) {
    if (turn->transactions[i].kind == NOTHING) {
      return &turn->transactions[i];
    }
  }
  return NULL;
}

static void
forget (AppTurn *turn, Transaction *transaction) {
  stun_agent_forget_transaction (&turn->agent, transaction->id);
  transaction->kind = NOTHING;
}

/* Ends the message. Returns: its size; 0 = it cannot be written. */
static size_t
sign (AppTurn *turn, StunMessage *message) {
  uint16_t realm_size, nonce_size;
  if (!turn->has_challenge) {
    return stun_agent_finish_message (&turn->agent, message, NULL, 0);
  }
  const void *realm = stun_message_find (&turn->challenge, STUN_ATTRIBUTE_REALM, &realm_size);
  const void *nonce = stun_message_find (&turn->challenge, STUN_ATTRIBUTE_NONCE, &nonce_size);
  if (realm == NULL || nonce == NULL ||
      stun_message_append_bytes (message, STUN_ATTRIBUTE_USERNAME, turn->user,
                                 strlen (turn->user)) != STUN_MESSAGE_RETURN_SUCCESS ||
      stun_message_append_bytes (message, STUN_ATTRIBUTE_REALM, realm, realm_size) !=
          STUN_MESSAGE_RETURN_SUCCESS ||
      stun_message_append_bytes (message, STUN_ATTRIBUTE_NONCE, nonce, nonce_size) !=
          STUN_MESSAGE_RETURN_SUCCESS) {
    return 0;
  }
  return stun_agent_finish_message (&turn->agent, message, (const uint8_t *)turn->password,
                                    strlen (turn->password));
}

static size_t
write_bind (AppTurn *turn, StunMessage *message, uint8_t *bytes, const Peer *peer) {
  struct sockaddr_storage address;
  const socklen_t address_size = to_sockaddr (&peer->address, &address);
  if (!turn->has_challenge ||
      !stun_agent_init_request (&turn->agent, message, bytes, APP_TURN_MESSAGE_BYTES_MAX,
                                STUN_CHANNELBIND) ||
      stun_message_append32 (message, STUN_ATTRIBUTE_CHANNEL_NUMBER,
                             (uint32_t)peer->channel << 16) != STUN_MESSAGE_RETURN_SUCCESS ||
      stun_message_append_xor_addr (message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &address,
                                    address_size) != STUN_MESSAGE_RETURN_SUCCESS) {
    return 0;
  }
  return sign (turn, message);
}

static size_t
write_allocate (AppTurn *turn, StunMessage *message, uint8_t *bytes) {
  const StunAttribute family =
      turn->families == BOTH ? ADDITIONAL_ADDRESS_FAMILY : REQUESTED_ADDRESS_FAMILY;
  if (!stun_agent_init_request (&turn->agent, message, bytes, APP_TURN_MESSAGE_BYTES_MAX,
                                STUN_ALLOCATE) ||
      stun_message_append32 (message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, TRANSPORT_UDP) !=
          STUN_MESSAGE_RETURN_SUCCESS ||
      (turn->families != ITS_DEFAULT &&
       stun_message_append32 (message, family, FAMILY_IPV6) != STUN_MESSAGE_RETURN_SUCCESS) ||
      (turn->origin != NULL &&
       stun_message_append_string (message, ORIGIN, turn->origin) != STUN_MESSAGE_RETURN_SUCCESS)) {
    return 0;
  }
  return sign (turn, message);
}

static size_t
write_request (AppTurn *turn, Kind kind, const Peer *peer, StunMessage *message, uint8_t *bytes) {
  StunMessage *challenge = turn->has_challenge ? &turn->challenge : NULL;
  switch (kind) {
  case ALLOCATE:
    return write_allocate (turn, message, bytes);
  case BIND:
    return write_bind (turn, message, bytes, peer);
  default:
    return stun_usage_turn_create_refresh (&turn->agent, message, bytes, APP_TURN_MESSAGE_BYTES_MAX,
                                           challenge, kind == END ? 0 : -1, (uint8_t *)turn->user,
                                           strlen (turn->user), (uint8_t *)turn->password,
                                           strlen (turn->password), COMPATIBILITY);
  }
}

static void
request (AppTurn *turn, Kind kind, Peer *peer, int64_t now_us) {
  Transaction *transaction = free_transaction (turn, kind);
  StunMessage message;
  if (transaction == NULL) {
    return;
  }
  const size_t size = write_request (turn, kind, peer, &message, transaction->message.bytes);
  if (size == 0) {
    return;
  }
  stun_message_id (&message, transaction->id);
  transaction->kind = kind;
  transaction->message.size = size;
  transaction->tries = 1;
  transaction->wait_us = turn->is_stream ? APP_TURN_STREAM_US : APP_TURN_RETRY_US;
  transaction->next_us = now_us + transaction->wait_us;
  if (peer != NULL) {
    transaction->peer = peer->address;
    peer->bind_us = RTMFP_NEVER;
    turn->sent_us = now_us;
  }
  queue (turn, transaction->message.bytes, size);
}

/* ---- Peers ---- */

static Peer *
find_peer (AppTurn *turn, const RtmfpAddress *address) {
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    if (turn->peers[i].address.family != RTMFP_ADDRESS_NONE &&
        rtmfp_address_equal (&turn->peers[i].address, address)) {
      return &turn->peers[i];
    }
  }
  return NULL;
}

static void
clear_peer (Peer *peer) {
  g_queue_clear_full (&peer->held, g_free);
  *peer = (Peer){.address = {.family = RTMFP_ADDRESS_NONE}};
}

/* A channel number is not used again for another peer as long as the server may know it. */
static Peer *
add_peer (AppTurn *turn, const RtmfpAddress *address) {
  Peer *peer = &turn->peers[0];
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    Peer *other = &turn->peers[i];
    if (other->address.family == RTMFP_ADDRESS_NONE) {
      peer = other;
      break;
    }
    if (other->used_us < peer->used_us) {
      peer = other;
    }
  }
  clear_peer (peer);
  peer->address = *address;
  peer->channel = turn->next_channel;
  turn->next_channel =
      turn->next_channel == CHANNEL_LAST ? CHANNEL_FIRST : (uint16_t)(turn->next_channel + 1);
  return peer;
}

static void
send_to_channel (AppTurn *turn, const Peer *peer, const uint8_t *bytes, size_t size) {
  uint8_t frame[APP_TURN_MESSAGE_BYTES_MAX] = {
      (uint8_t)(peer->channel >> 8),
      (uint8_t)peer->channel,
      (uint8_t)(size >> 8),
      (uint8_t)size,
  };
  memcpy (frame + CHANNEL_HEADER_BYTES, bytes, size);
  const size_t padding = turn->is_stream ? (4 - size % 4) % 4 : 0;
  memset (frame + CHANNEL_HEADER_BYTES + size, 0, padding);
  queue (turn, frame, CHANNEL_HEADER_BYTES + size + padding);
}

/* The server sends from its address of the same family, and to nobody's private one. */
static bool
is_for (const RtmfpAddress *to, const RtmfpAddress *relayed) {
  return to->family == relayed->family &&
         (!rtmfp_address_is_private (to) || rtmfp_address_is_private (relayed));
}

void
app_turn_send (AppTurn *turn, const RtmfpAddress *to, const uint8_t *bytes, size_t size,
               int64_t now_us) {
  if (turn->state != APP_TURN_READY ||
      size > APP_TURN_MESSAGE_BYTES_MAX - CHANNEL_HEADER_BYTES - 4 ||
      (!is_for (to, &turn->relayed.ipv4) && !is_for (to, &turn->relayed.ipv6))) {
    return;
  }
  Peer *peer = find_peer (turn, to);
  if (peer == NULL) {
    peer = add_peer (turn, to);
  }
  peer->used_us = now_us;
  if (peer->is_bound) {
    turn->sent_us = now_us;
    send_to_channel (turn, peer, bytes, size);
    return;
  }
  if (peer->bind_us != RTMFP_NEVER && now_us >= peer->bind_us) {
    request (turn, BIND, peer, now_us);
  }
  if (peer->held.length < APP_TURN_HELD_MAX) {
    Message *message = g_new (Message, 1);
    memcpy (message->bytes, bytes, size);
    message->size = size;
    g_queue_push_tail (&peer->held, message);
  }
}

/* ---- Answers ---- */

static void
fail (AppTurn *turn, AppTurnState state, int code) {
  turn->state = state;
  turn->code = code;
}

/* Keeps realm and nonce. Returns: whether the message has them. */
static bool
keep_challenge (AppTurn *turn, const StunMessage *message) {
  const size_t size = stun_message_length (message);
  if (size > KEPT_BYTES || !stun_message_has_attribute (message, STUN_ATTRIBUTE_REALM) ||
      !stun_message_has_attribute (message, STUN_ATTRIBUTE_NONCE)) {
    return false;
  }
  memcpy (turn->kept, message->buffer, size);
  turn->challenge = (StunMessage){.agent = &turn->agent, .buffer = turn->kept, .buffer_len = size};
  turn->has_challenge = true;
  return true;
}

static void
take_error (AppTurn *turn, Kind kind, Peer *peer, const StunMessage *message, int64_t now_us) {
  int code = STUN_ERROR_BAD_REQUEST;
  (void)stun_message_find_error (message, &code);
  const bool had_challenge = turn->has_challenge;
  if (kind == END) {
    return;
  }
  if ((code == STUN_ERROR_STALE_NONCE || (code == STUN_ERROR_UNAUTHORIZED && !had_challenge)) &&
      turn->challenges < APP_TURN_CHALLENGES_MAX && keep_challenge (turn, message)) {
    turn->challenges++;
    request (turn, kind, peer, now_us);
  } else if (kind == ALLOCATE && code == STUN_ERROR_UNSUPPORTED_FAMILY &&
             turn->families != IPV6_ONLY) {
    turn->families++;
    request (turn, ALLOCATE, NULL, now_us);
  } else if (code == STUN_ERROR_ALLOCATION_MISMATCH) {
    fail (turn, APP_TURN_GONE, code);
  } else if (kind == BIND && code != STUN_ERROR_UNAUTHORIZED &&
             code != STUN_ERROR_WRONG_CREDENTIALS) {
    if (peer != NULL) {
      g_queue_clear_full (&peer->held, g_free);
      peer->is_bound = false;
      peer->bind_us = now_us + APP_TURN_PEER_REFUSED_US;
    }
  } else {
    const bool refused = code == STUN_ERROR_UNAUTHORIZED || code == STUN_ERROR_WRONG_CREDENTIALS ||
                         code == STUN_ERROR_STALE_NONCE || code == STUN_ERROR_FORBIDDEN;
    fail (turn, refused ? APP_TURN_REFUSED : APP_TURN_FAILED, code);
  }
}

static void
take_allocation (AppTurn *turn, StunMessage *message, int64_t now_us) {
  uint32_t lifetime_s = 0;
  if (stun_message_find32 (message, STUN_ATTRIBUTE_LIFETIME, &lifetime_s) !=
          STUN_MESSAGE_RETURN_SUCCESS ||
      !app_turn_read_relayed (message->buffer, stun_message_length (message), &turn->relayed)) {
    fail (turn, APP_TURN_FAILED, 0);
    return;
  }
  turn->state = APP_TURN_READY;
  turn->refresh_us =
      now_us + MIN ((int64_t)lifetime_s * 500000, APP_TURN_REFRESH_US) + G_USEC_PER_SEC;
}

static void
take_success (AppTurn *turn, Kind kind, Peer *peer, StunMessage *message, int64_t now_us) {
  turn->challenges = 0;
  if (kind == ALLOCATE) {
    take_allocation (turn, message, now_us);
  } else if (kind == REFRESH) {
    turn->refresh_us = now_us + APP_TURN_REFRESH_US;
  } else if (kind == BIND && peer != NULL) {
    peer->is_bound = true;
    peer->bind_us = now_us + APP_TURN_BIND_US;
    Message *held;
    while ((held = g_queue_pop_head (&peer->held)) != NULL) {
      send_to_channel (turn, peer, held->bytes, held->size);
      g_free (held);
    }
  }
}

static void
take_answer (AppTurn *turn, StunMessage *message, StunValidationStatus validity, int64_t now_us) {
  StunTransactionId id;
  stun_message_id (message, id);
  for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
    Transaction *transaction = &turn->transactions[i];
    if (transaction->kind == NOTHING || memcmp (transaction->id, id, sizeof id) != 0) {
      continue;
    }
    const Kind kind = transaction->kind;
    const bool is_error = stun_message_get_class (message) == STUN_ERROR;
    if (!is_error && validity != STUN_VALIDATION_SUCCESS) {
      return; /* not by who knows the password: the true answer may still come */
    }
    Peer *peer = kind == BIND ? find_peer (turn, &transaction->peer) : NULL;
    forget (turn, transaction);
    if (is_error) {
      take_error (turn, kind, peer, message, now_us);
    } else {
      take_success (turn, kind, peer, message, now_us);
    }
    return;
  }
}

static bool
take_indication (AppTurn *turn, const StunMessage *message, AppTurnData *data) {
  struct sockaddr_storage from;
  socklen_t from_size = sizeof from;
  uint16_t size = 0;
  data->bytes = stun_message_find (message, STUN_ATTRIBUTE_DATA, &size);
  data->size = size;
  return turn->state == APP_TURN_READY && stun_message_get_method (message) == STUN_IND_DATA &&
         data->bytes != NULL &&
         stun_message_find_xor_addr (message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &from, &from_size) ==
             STUN_MESSAGE_RETURN_SUCCESS &&
         from_sockaddr (&from, &data->from);
}

static bool
take_channel (AppTurn *turn, const uint8_t *bytes, size_t size, AppTurnData *data) {
  const uint16_t channel = (uint16_t)(bytes[0] << 8 | bytes[1]);
  const size_t length = (size_t)bytes[2] << 8 | bytes[3];
  for (size_t i = 0; i < APP_TURN_PEERS_MAX && length + CHANNEL_HEADER_BYTES <= size; i++) {
    const Peer *peer = &turn->peers[i];
    if (peer->address.family != RTMFP_ADDRESS_NONE && peer->channel == channel) {
      *data = (AppTurnData){peer->address, bytes + CHANNEL_HEADER_BYTES, length};
      return true;
    }
  }
  return false;
}

bool
app_turn_receive (AppTurn *turn, const uint8_t *bytes, size_t size, int64_t now_us,
                  AppTurnData *data) {
  static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
  if (size < CHANNEL_HEADER_BYTES) {
    return false;
  }
  if (bytes[0] >> 6 == 1) {
    turn->heard_us = now_us;
    return take_channel (turn, bytes, size, data);
  }
  if (size < STUN_HEADER_BYTES || bytes[0] >> 6 != 0 ||
      memcmp (bytes + COOKIE_AT, cookie, sizeof cookie) != 0) {
    return false;
  }
  StunMessage message = {0};
  const StunValidationStatus validity =
      stun_agent_validate (&turn->agent, &message, bytes, size, NULL, NULL);
  if (validity == STUN_VALIDATION_NOT_STUN || validity == STUN_VALIDATION_INCOMPLETE_STUN ||
      validity == STUN_VALIDATION_BAD_REQUEST || message.buffer == NULL) {
    return false;
  }
  turn->heard_us = now_us;
  switch (stun_message_get_class (&message)) {
  case STUN_INDICATION:
    return take_indication (turn, &message, data);
  case STUN_RESPONSE:
  case STUN_ERROR:
    take_answer (turn, &message, validity, now_us);
    return false;
  default:
    return false;
  }
}

size_t
app_turn_frame_size (const uint8_t *bytes, size_t size) {
  if (size < CHANNEL_HEADER_BYTES) {
    return 0;
  }
  const size_t length = (size_t)bytes[2] << 8 | bytes[3];
  if (bytes[0] >> 6 == 1) {
    return CHANNEL_HEADER_BYTES + (length + 3) / 4 * 4;
  }
  return bytes[0] >> 6 == 0 && length % 4 == 0 ? STUN_HEADER_BYTES + length : SIZE_MAX;
}

/* ---- Time ---- */

static void
advance_transaction (AppTurn *turn, Transaction *transaction, int64_t now_us) {
  const int most = transaction->kind == REFRESH ? APP_TURN_LOOK_TRIES : APP_TURN_TRIES;
  if (!turn->is_stream && transaction->tries < most) {
    transaction->tries++;
    transaction->wait_us *= 2;
    transaction->next_us = now_us + transaction->wait_us;
    queue (turn, transaction->message.bytes, transaction->message.size);
    return;
  }
  const Kind kind = transaction->kind;
  Peer *peer = kind == BIND ? find_peer (turn, &transaction->peer) : NULL;
  forget (turn, transaction);
  if (peer != NULL) {
    peer->bind_us = now_us; /* with the next datagram */
    peer->is_bound = false;
  }
  if (kind == ALLOCATE || kind == REFRESH) {
    fail (turn, APP_TURN_SILENT, 0);
  }
}

static bool
is_asking (const AppTurn *turn, Kind kind) {
  for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
    if (turn->transactions[i].kind == kind) {
      return true;
    }
  }
  return false;
}

void
app_turn_check (AppTurn *turn, int64_t now_us) {
  if (turn->state == APP_TURN_READY && !is_asking (turn, REFRESH)) {
    turn->look_us = now_us + APP_TURN_LOOK_US;
    request (turn, REFRESH, NULL, now_us);
  }
}

void
app_turn_end (AppTurn *turn, int64_t now_us) {
  if (turn->state == APP_TURN_READY) {
    request (turn, END, NULL, now_us);
  }
}

/* What is sent into an allocation that the server forgot vanishes without a word. */
static int64_t
look_at (const AppTurn *turn) {
  const int64_t silent_us = turn->heard_us + APP_TURN_SILENT_US;
  return turn->sent_us <= turn->heard_us ? RTMFP_NEVER : MAX (silent_us, turn->look_us);
}

void
app_turn_advance (AppTurn *turn, int64_t now_us) {
  for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
    if (turn->transactions[i].kind != NOTHING && now_us >= turn->transactions[i].next_us) {
      advance_transaction (turn, &turn->transactions[i], now_us);
    }
  }
  if (turn->state != APP_TURN_READY) {
    return;
  }
  if (now_us >= turn->refresh_us || now_us >= look_at (turn)) {
    turn->refresh_us = now_us + APP_TURN_REFRESH_US;
    app_turn_check (turn, now_us);
    turn->look_us = now_us + APP_TURN_LOOK_US;
  }
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    Peer *peer = &turn->peers[i];
    if (peer->is_bound && now_us >= peer->bind_us) {
      if (now_us - peer->used_us < APP_TURN_BIND_US) {
        request (turn, BIND, peer, now_us);
      } else {
        clear_peer (peer);
      }
    }
  }
}

int64_t
app_turn_deadline (const AppTurn *turn) {
  int64_t at_us = RTMFP_NEVER;
  for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
    if (turn->transactions[i].kind != NOTHING) {
      at_us = MIN (at_us, turn->transactions[i].next_us);
    }
  }
  if (turn->state != APP_TURN_READY) {
    return at_us;
  }
  at_us = MIN (at_us, MIN (turn->refresh_us, look_at (turn)));
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    if (turn->peers[i].is_bound) {
      at_us = MIN (at_us, turn->peers[i].bind_us);
    }
  }
  return at_us;
}

/* ---- Life ---- */

AppTurn *
app_turn_new (bool is_stream, const AppTurnCredential *credential, int64_t now_us) {
  AppTurn *turn = g_new0 (AppTurn, 1);
  turn->is_stream = is_stream;
  turn->user = g_strdup (credential->user);
  turn->password = g_strdup (credential->password);
  turn->origin = g_strdup (credential->origin);
  turn->next_channel = CHANNEL_FIRST;
  turn->heard_us = turn->look_us = now_us;
  turn->refresh_us = RTMFP_NEVER;
  g_queue_init (&turn->out);
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    g_queue_init (&turn->peers[i].held);
  }
  stun_agent_init (&turn->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS | STUN_AGENT_USAGE_NO_INDICATION_AUTH);
  request (turn, ALLOCATE, NULL, now_us);
  return turn;
}

void
app_turn_free (AppTurn *turn) {
  if (turn == NULL) {
    return;
  }
  for (size_t i = 0; i < APP_TURN_PEERS_MAX; i++) {
    clear_peer (&turn->peers[i]);
  }
  g_queue_clear_full (&turn->out, g_free);
  memset (turn->password, 0, strlen (turn->password));
  g_free (turn->password);
  g_free (turn->user);
  g_free (turn->origin);
  g_free (turn);
}

AppTurnState
app_turn_state (const AppTurn *turn) {
  return turn->state;
}

int
app_turn_code (const AppTurn *turn) {
  return turn->code;
}

const RtmfpAddress *
app_turn_relayed (const AppTurn *turn) {
  if (turn->state != APP_TURN_READY) {
    return NULL;
  }
  return turn->relayed.ipv4.family != RTMFP_ADDRESS_NONE ? &turn->relayed.ipv4
                                                         : &turn->relayed.ipv6;
}
