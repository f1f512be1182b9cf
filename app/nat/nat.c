/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/nat.h"

#include "app/nat/stream.h"

#include <string.h>
#include <time.h>

/* ELSEWHERE: TLS at its standard port, for who only guesses where the relay has it. */
typedef enum { UDP, TCP, TLS, ELSEWHERE, PROTOCOLS } Protocol;

/* One way to the relay: by one protocol to one of its addresses. */
typedef struct {
  AppNat *nat;
  Protocol protocol;
  RtmfpAddress server;
  int64_t begin_us;     /* RTMFP_NEVER = not to be begun, or it has */
  AppTurn *turn;        /* (owned) NULL = not tried now, or its stream is not open yet */
  AppNatStream *stream; /* (owned) but of UDP */
} Way;

/* For the first address by each protocol, then for one of the other family. */
#define WAYS_MAX (2 * PROTOCOLS)

struct AppNat {
  AppNatListener listener;
  GMainContext *context; /* (referenced) */
  AhoyRelayAccess access;
  bool wanted;
  AppNatState state;
  Way ways[WAYS_MAX];
  Way *chosen;   /* of ways; NULL = none stands */
  char why[128]; /* a way failed */
  /* resolving */
  GCancellable *cancellable; /* (owned) of the lookup; NULL = none */
  unsigned server_number;    /* the next of access.servers */
  unsigned address_number;   /* the next of its addresses */
  char *name;                /* (owned) of the server that is tried */
  uint16_t port;
  int64_t retry_us;
  int64_t retry_wait_us;
  int64_t stood_us;
  bool was_refused;
  int64_t now_us; /* the newest that came in */
};

static const char *const protocol_words[PROTOCOLS] = {"UDP", "TCP", "TLS", "TLS"};

/* The clock of app/io/clock.h, which counts the time asleep. */
static int64_t
now_of (AppNat *nat) {
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  const int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
  nat->now_us = MAX (nat->now_us, now_us);
  return nat->now_us;
}

static void
tell (AppNat *nat, AppNatState state, const RtmfpAddress *relayed, const char *text) {
  nat->state = state;
  nat->listener.changed (nat->listener.user, state, relayed, text);
}

/* ---- Ways ---- */

static void
close_way (Way *way) {
  way->begin_us = RTMFP_NEVER;
  g_clear_pointer (&way->stream, app_nat_stream_free);
  g_clear_pointer (&way->turn, app_turn_free);
}

static void
close_others (AppNat *nat, const Way *but) {
  for (size_t i = 0; i < WAYS_MAX; i++) {
    if (&nat->ways[i] != but) {
      close_way (&nat->ways[i]);
    }
  }
}

static void
carry_stream (Way *way) {
  uint8_t bytes[APP_TURN_MESSAGE_BYTES_MAX];
  size_t size;
  while (way->stream != NULL && way->turn != NULL &&
         (size = app_turn_poll_transmit (way->turn, bytes)) > 0) {
    app_nat_stream_send (way->stream, bytes, size);
  }
}

static const char *
sentence_of (AppTurnState state) {
  switch (state) {
  case APP_TURN_SILENT:
    return "it does not answer";
  case APP_TURN_REFUSED:
    return "it refuses the credential";
  case APP_TURN_GONE:
    return "it has forgotten our address";
  default:
    return "it has no address for us";
  }
}

static void
give_up (AppNat *nat, int64_t now_us) {
  nat->retry_wait_us = nat->retry_wait_us == 0
                           ? APP_NAT_RETRY_US
                           : MIN (2 * nat->retry_wait_us, APP_NAT_RETRY_MOST_US);
  nat->retry_us = now_us + nat->retry_wait_us;
  g_autofree char *text = g_strdup_printf ("No relay: %s.", nat->why);
  tell (nat, APP_NAT_FAILED, NULL, text);
  if (nat->was_refused) {
    nat->was_refused = false;
    nat->listener.refused (nat->listener.user);
  }
}

/* A way failed: no need to wait for the next one's turn; none is left: all failed. */
static void
go_on (AppNat *nat, int64_t now_us) {
  Way *next = NULL;
  for (size_t i = 0; i < WAYS_MAX; i++) {
    Way *way = &nat->ways[i];
    if (way->turn != NULL || way->stream != NULL) {
      next = next != NULL ? next : way;
    }
    if (way->begin_us != RTMFP_NEVER && (next == NULL || way->begin_us < next->begin_us)) {
      next = way;
    }
  }
  if (next == NULL) {
    give_up (nat, now_us);
  } else if (next->begin_us != RTMFP_NEVER) {
    next->begin_us = MIN (next->begin_us, now_us);
  }
}

static void
end_way (Way *way, const char *why, int64_t now_us) {
  AppNat *nat = way->nat;
  close_way (way);
  g_strlcpy (nat->why, why, sizeof nat->why);
  if (nat->chosen == way) {
    nat->chosen = NULL;
    /* One that stood for a while is likely to stand again: at once. */
    nat->retry_wait_us = now_us - nat->stood_us > 10 * G_USEC_PER_SEC ? 0 : nat->retry_wait_us;
    nat->retry_us = now_us + nat->retry_wait_us;
    g_autofree char *text = g_strdup_printf ("The relay is lost: %s.", why);
    tell (nat, APP_NAT_TRYING, NULL, text);
  } else if (nat->chosen == NULL) {
    go_on (nat, now_us);
  }
}

static void
choose (Way *way, int64_t now_us) {
  AppNat *nat = way->nat;
  const RtmfpAddress *relayed = app_turn_relayed (way->turn);
  char where[RTMFP_ADDRESS_TEXT_SIZE];
  rtmfp_address_format (relayed, where);
  g_autofree char *text =
      g_strdup_printf ("At the relay by %s as %s.", protocol_words[way->protocol], where);
  nat->chosen = way;
  nat->stood_us = now_us;
  nat->retry_us = RTMFP_NEVER;
  close_others (nat, way);
  tell (nat, APP_NAT_BY_UDP + (AppNatState)MIN (way->protocol, TLS), relayed, text);
}

static void
look (Way *way, int64_t now_us) {
  AppNat *nat = way->nat;
  if (way->turn == NULL) {
    return;
  }
  app_turn_advance (way->turn, now_us);
  carry_stream (way);
  const AppTurnState state = app_turn_state (way->turn);
  if (state == APP_TURN_READY && nat->chosen == NULL) {
    choose (way, now_us);
  } else if (state != APP_TURN_READY && state != APP_TURN_ALLOCATING) {
    nat->was_refused = nat->was_refused || state == APP_TURN_REFUSED;
    end_way (way, sentence_of (state), now_us);
  }
}

/* ---- Streams ---- */

static void
begin_turn (Way *way, int64_t now_us) {
  const AhoyRelayAccess *access = &way->nat->access;
  const AppTurnCredential credential = {.user = access->username,
                                        .password = access->password,
                                        .origin =
                                            access->is_first ? AHOY_RELAY_FIRST_ORIGIN : NULL};
  way->turn = app_turn_new (way->protocol != UDP, &credential, now_us);
  carry_stream (way);
}

static void
on_stream_opened (void *user) {
  Way *way = user;
  begin_turn (way, now_of (way->nat));
  way->nat->listener.touch (way->nat->listener.user);
}

static void
on_stream_frame (void *user, const uint8_t *bytes, size_t size) {
  Way *way = user;
  AppNat *nat = way->nat;
  AppTurnData data;
  if (way->turn != NULL && app_turn_receive (way->turn, bytes, size, now_of (nat), &data)) {
    nat->listener.data (nat->listener.user, &data);
  }
  nat->listener.touch (nat->listener.user);
}

static void
on_stream_closed (void *user, const char *text) {
  Way *way = user;
  AppNat *nat = way->nat;
  end_way (way, text, now_of (nat));
  nat->listener.touch (nat->listener.user);
}

static void
begin_way (Way *way, int64_t now_us) {
  AppNat *nat = way->nat;
  const AppNatStreamListener listener = {.opened = on_stream_opened,
                                         .frame = on_stream_frame,
                                         .closed = on_stream_closed,
                                         .user = way};
  const AppTlsPeer peer = {
      .name = nat->name, .key = nat->access.tls_key, .anybody = nat->access.is_first};
  way->begin_us = RTMFP_NEVER;
  if (way->protocol == UDP) {
    begin_turn (way, now_us);
  } else {
    way->stream = app_nat_stream_new (&way->server, way->protocol >= TLS ? &peer : NULL, &listener,
                                      nat->context);
  }
}

/* ---- Beginning ---- */

static void
prepare (AppNat *nat, const RtmfpAddress *server, size_t first, int64_t now_us) {
  const int64_t after_us[PROTOCOLS] = {0, APP_NAT_TCP_AFTER_US, APP_NAT_TLS_AFTER_US,
                                       APP_NAT_ELSEWHERE_AFTER_US};
  const uint16_t ports[PROTOCOLS] = {server->port, server->port, nat->access.tls_port,
                                     nat->access.is_first ? AHOY_RELAY_TLS_PORT_DEFAULT : 0};
  for (Protocol protocol = UDP; protocol < PROTOCOLS; protocol++) {
    Way *way = &nat->ways[first + protocol];
    way->server = *server;
    way->server.port = ports[protocol];
    way->begin_us = way->server.port == 0
                        ? RTMFP_NEVER
                        : now_us + after_us[protocol] + (first == 0 ? 0 : APP_NAT_FAMILY_AFTER_US);
  }
}

static RtmfpAddress
address_of (const AppNat *nat, GInetAddress *address) {
  const guint8 *ip = g_inet_address_to_bytes (address);
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4
             ? rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], nat->port)
             : rtmfp_address_ipv6 (ip, nat->port);
}

/* One address, whose turn it is, and one of the other family if there is one. */
static void
begin (AppNat *nat, GList *found, int64_t now_us) {
  const guint count = MIN (g_list_length (found), APP_NAT_ADDRESSES_MAX);
  const RtmfpAddress server =
      address_of (nat, g_list_nth_data (found, nat->address_number % count));
  close_others (nat, NULL);
  prepare (nat, &server, 0, now_us);
  for (const GList *at = found; at != NULL; at = at->next) {
    const RtmfpAddress other = address_of (nat, at->data);
    if (other.family != server.family) {
      prepare (nat, &other, PROTOCOLS, now_us);
      break;
    }
  }
}

static void
on_resolved (GObject *object, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    return;
  }
  AppNat *nat = data;
  g_clear_object (&nat->cancellable);
  if (found != NULL) {
    begin (nat, found, now_of (nat));
  } else {
    g_strlcpy (nat->why, "its name has no address", sizeof nat->why);
    give_up (nat, now_of (nat));
  }
  g_resolver_free_addresses (found);
  nat->listener.touch (nat->listener.user);
}

/* The relays take turns, and then the addresses of each. */
static void
start (AppNat *nat) {
  g_auto (GStrv) servers = g_strsplit (nat->access.servers, " ", 0);
  const guint count = g_strv_length (servers);
  nat->retry_us = RTMFP_NEVER;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnectable) at = g_network_address_parse (servers[nat->server_number % count],
                                                               AHOY_RELAY_PORT_DEFAULT, &error);
  nat->address_number = nat->server_number++ / count;
  if (at == NULL) {
    g_strlcpy (nat->why, error->message, sizeof nat->why);
    give_up (nat, now_of (nat));
    return;
  }
  if (nat->state != APP_NAT_TRYING) {
    tell (nat, APP_NAT_TRYING, NULL, "Looking for a relay.");
  }
  nat->port = g_network_address_get_port (G_NETWORK_ADDRESS (at));
  g_free (nat->name);
  nat->name = g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (at)));
  nat->cancellable = g_cancellable_new ();
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, nat->name, nat->cancellable, on_resolved, nat);
}

static void
stop (AppNat *nat, int64_t now_us) {
  if (nat->cancellable != NULL) {
    g_cancellable_cancel (nat->cancellable);
    g_clear_object (&nat->cancellable);
  }
  nat->retry_us = RTMFP_NEVER;
  nat->retry_wait_us = 0;
  if (nat->chosen != NULL) {
    app_turn_end (nat->chosen->turn, now_us);
    carry_stream (nat->chosen);
  }
  /* A goodbye by UDP is polled first. */
  close_others (nat, nat->chosen != NULL && nat->chosen->protocol == UDP ? nat->chosen : NULL);
  nat->chosen = NULL;
}

/* ---- What the owner wants ---- */

void
app_nat_set_access (AppNat *nat, const AhoyRelayAccess *access, int64_t now_us) {
  const bool was_first = nat->access.is_first;
  nat->now_us = now_us;
  nat->access = *access;
  if (access->servers[0] == '\0') {
    app_nat_want (nat, false, now_us);
  } else if (nat->wanted && was_first && !access->is_first) {
    stop (nat, now_us);
    tell (nat, APP_NAT_TRYING, NULL, "At the relay as a person of the server from now on.");
    start (nat);
  } else if (nat->wanted && (nat->state == APP_NAT_FAILED || nat->state == APP_NAT_OFF)) {
    nat->retry_us = MIN (nat->retry_us, now_us + APP_NAT_RETRY_US / 2);
  }
}

void
app_nat_want (AppNat *nat, bool wanted, int64_t now_us) {
  nat->now_us = now_us;
  if (wanted && nat->wanted && nat->state == APP_NAT_FAILED) {
    nat->retry_wait_us = 0;
    nat->retry_us = now_us;
  }
  if (wanted == nat->wanted || (wanted && nat->access.servers[0] == '\0')) {
    return;
  }
  nat->wanted = wanted;
  if (wanted) {
    start (nat);
  } else {
    stop (nat, now_us);
    tell (nat, APP_NAT_OFF, NULL, "");
  }
}

void
app_nat_network_changed (AppNat *nat, int64_t now_us) {
  nat->now_us = now_us;
  if (!nat->wanted) {
    return;
  }
  if (nat->chosen != NULL && nat->chosen->protocol == UDP) {
    app_turn_check (nat->chosen->turn, now_us);
  } else if (nat->chosen != NULL) {
    end_way (nat->chosen, "the network is another", now_us);
  } else if (nat->state == APP_NAT_FAILED) {
    nat->retry_wait_us = 0;
    nat->retry_us = now_us;
  }
}

/* ---- The pump ---- */

bool
app_nat_receive (AppNat *nat, const uint8_t *bytes, size_t size, const RtmfpAddress *from,
                 int64_t now_us) {
  Way *way = NULL;
  for (size_t i = 0; i < WAYS_MAX && way == NULL; i++) {
    Way *each = &nat->ways[i];
    const bool is_its = each->protocol == UDP && each->turn != NULL;
    way = is_its && rtmfp_address_equal (from, &each->server) ? each : NULL;
  }
  if (way == NULL) {
    return false;
  }
  AppTurnData data;
  nat->now_us = now_us;
  if (app_turn_receive (way->turn, bytes, size, now_us, &data)) {
    nat->listener.data (nat->listener.user, &data);
  } else {
    look (way, now_us);
  }
  return true;
}

void
app_nat_send (AppNat *nat, const RtmfpAddress *to, const uint8_t *bytes, size_t size,
              int64_t now_us) {
  if (nat->chosen != NULL) {
    app_turn_send (nat->chosen->turn, to, bytes, size, now_us);
    carry_stream (nat->chosen);
  }
}

bool
app_nat_poll_transmit (AppNat *nat, uint8_t *buffer, RtmfpDatagram *datagram) {
  for (size_t i = 0; i < WAYS_MAX; i++) {
    Way *way = &nat->ways[i];
    if (way->protocol != UDP || way->turn == NULL) {
      continue;
    }
    const size_t size = app_turn_poll_transmit (way->turn, buffer);
    if (size > 0) {
      *datagram = (RtmfpDatagram){.to = way->server, .size = size};
      return true;
    }
    if (!nat->wanted) {
      close_way (way);
    }
  }
  return false;
}

void
app_nat_advance (AppNat *nat, int64_t now_us) {
  nat->now_us = now_us;
  if (!nat->wanted) {
    return;
  }
  if (now_us >= nat->retry_us) {
    start (nat);
  }
  for (size_t i = 0; i < WAYS_MAX; i++) {
    if (now_us >= nat->ways[i].begin_us) {
      begin_way (&nat->ways[i], now_us);
    }
    look (&nat->ways[i], now_us);
  }
}

int64_t
app_nat_deadline (const AppNat *nat) {
  if (!nat->wanted) {
    return RTMFP_NEVER;
  }
  int64_t at_us = nat->retry_us;
  for (size_t i = 0; i < WAYS_MAX; i++) {
    const Way *way = &nat->ways[i];
    at_us = MIN (at_us, way->begin_us);
    at_us = way->turn != NULL ? MIN (at_us, app_turn_deadline (way->turn)) : at_us;
  }
  return at_us;
}

AppNat *
app_nat_new (const AppNatListener *listener, GMainContext *context) {
  AppNat *nat = g_new0 (AppNat, 1);
  nat->listener = *listener;
  nat->context = g_main_context_ref (context);
  nat->retry_us = RTMFP_NEVER;
  for (size_t i = 0; i < WAYS_MAX; i++) {
    nat->ways[i] = (Way){.nat = nat, .protocol = i % PROTOCOLS, .begin_us = RTMFP_NEVER};
  }
  return nat;
}

void
app_nat_free (AppNat *nat) {
  if (nat == NULL) {
    return;
  }
  stop (nat, nat->now_us);
  close_others (nat, NULL);
  g_main_context_unref (nat->context);
  g_free (nat->name);
  g_free (nat);
}
