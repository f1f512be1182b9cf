/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/nat.h"

#include "app/nat/stream.h"

#include <string.h>
#include <time.h>

/* One way to the relay. */
typedef struct {
  AppTurn *turn;        /* (owned) NULL = not tried now */
  AppNatStream *stream; /* (owned) TCP */
  RtmfpAddress server;
} Way;

typedef enum { UDP, TCP, WAYS } WayKind;

struct AppNat {
  AppNatListener listener;
  GMainContext *context; /* (referenced) */
  AhoyRelayAccess access;
  bool wanted;
  AppNatState state;
  Way ways[WAYS];
  WayKind chosen; /* WAYS = none stands */
  char why[128];  /* a way failed */
  /* resolving */
  GCancellable *cancellable; /* (owned) of the lookup; NULL = none */
  unsigned server_number;    /* the next of access.servers */
  unsigned address_number;   /* the next of its addresses */
  uint16_t port;
  int64_t stream_us; /* TCP is begun */
  int64_t retry_us;
  int64_t retry_wait_us;
  int64_t stood_us;
  bool was_refused;
  int64_t now_us; /* the newest that came in */
};

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
  g_clear_pointer (&way->stream, app_nat_stream_free);
  g_clear_pointer (&way->turn, app_turn_free);
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
  nat->stream_us = RTMFP_NEVER;
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

static void
end_way (AppNat *nat, WayKind kind, const char *why, int64_t now_us) {
  close_way (&nat->ways[kind]);
  g_strlcpy (nat->why, why, sizeof nat->why);
  if (nat->chosen == kind) {
    nat->chosen = WAYS;
    /* One that stood for a while is likely to stand again: at once. */
    nat->retry_wait_us = now_us - nat->stood_us > 10 * G_USEC_PER_SEC ? 0 : nat->retry_wait_us;
    nat->retry_us = now_us + nat->retry_wait_us;
    nat->stream_us = RTMFP_NEVER;
    g_autofree char *text = g_strdup_printf ("The relay is lost: %s.", why);
    tell (nat, APP_NAT_TRYING, NULL, text);
  } else if (nat->ways[UDP].turn == NULL && nat->ways[TCP].stream == NULL && nat->chosen == WAYS &&
             nat->stream_us == RTMFP_NEVER) {
    give_up (nat, now_us);
  } else if (nat->stream_us != RTMFP_NEVER) {
    nat->stream_us = now_us; /* no need to wait for TCP's turn */
  }
}

static void
choose (AppNat *nat, WayKind kind, int64_t now_us) {
  const RtmfpAddress *relayed = app_turn_relayed (nat->ways[kind].turn);
  char where[RTMFP_ADDRESS_TEXT_SIZE];
  rtmfp_address_format (relayed, where);
  g_autofree char *text =
      g_strdup_printf ("At the relay by %s as %s.", kind == UDP ? "UDP" : "TCP", where);
  nat->chosen = kind;
  nat->stood_us = now_us;
  nat->retry_us = nat->stream_us = RTMFP_NEVER;
  close_way (&nat->ways[1 - kind]);
  tell (nat, kind == UDP ? APP_NAT_BY_UDP : APP_NAT_BY_TCP, relayed, text);
}

static void
look (AppNat *nat, WayKind kind, int64_t now_us) {
  Way *way = &nat->ways[kind];
  if (way->turn == NULL) {
    return;
  }
  app_turn_advance (way->turn, now_us);
  carry_stream (way);
  const AppTurnState state = app_turn_state (way->turn);
  if (state == APP_TURN_READY && nat->chosen == WAYS) {
    choose (nat, kind, now_us);
  } else if (state != APP_TURN_READY && state != APP_TURN_ALLOCATING) {
    nat->was_refused = nat->was_refused || state == APP_TURN_REFUSED;
    end_way (nat, kind, sentence_of (state), now_us);
  }
}

/* ---- TCP ---- */

static void
on_stream_opened (void *user) {
  AppNat *nat = user;
  Way *way = &nat->ways[TCP];
  way->turn = app_turn_new (true, nat->access.username, nat->access.password, now_of (nat));
  carry_stream (way);
  nat->listener.touch (nat->listener.user);
}

static void
on_stream_frame (void *user, const uint8_t *bytes, size_t size) {
  AppNat *nat = user;
  Way *way = &nat->ways[TCP];
  AppTurnData data;
  if (way->turn != NULL && app_turn_receive (way->turn, bytes, size, now_of (nat), &data)) {
    nat->listener.data (nat->listener.user, &data);
  }
  nat->listener.touch (nat->listener.user);
}

static void
on_stream_closed (void *user, const char *text) {
  AppNat *nat = user;
  end_way (nat, TCP, text, now_of (nat));
  nat->listener.touch (nat->listener.user);
}

static void
begin_stream (AppNat *nat) {
  const AppNatStreamListener listener = {.opened = on_stream_opened,
                                         .frame = on_stream_frame,
                                         .closed = on_stream_closed,
                                         .user = nat};
  nat->stream_us = RTMFP_NEVER;
  close_way (&nat->ways[TCP]);
  nat->ways[TCP].stream = app_nat_stream_new (&nat->ways[TCP].server, &listener, nat->context);
}

/* ---- Beginning ---- */

static void
begin (AppNat *nat, const RtmfpAddress *server, int64_t now_us) {
  nat->ways[UDP].server = nat->ways[TCP].server = *server;
  close_way (&nat->ways[UDP]);
  nat->ways[UDP].turn = app_turn_new (false, nat->access.username, nat->access.password, now_us);
  nat->stream_us = now_us + APP_NAT_STREAM_AFTER_US;
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
  const guint count = MIN (g_list_length (found), APP_NAT_ADDRESSES_MAX);
  GInetAddress *address = count > 0 ? g_list_nth_data (found, nat->address_number % count) : NULL;
  if (address != NULL) {
    const guint8 *ip = g_inet_address_to_bytes (address);
    const RtmfpAddress server = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4
                                    ? rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], nat->port)
                                    : rtmfp_address_ipv6 (ip, nat->port);
    begin (nat, &server, now_of (nat));
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
  nat->cancellable = g_cancellable_new ();
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver,
                                   g_network_address_get_hostname (G_NETWORK_ADDRESS (at)),
                                   nat->cancellable, on_resolved, nat);
}

static void
stop (AppNat *nat, int64_t now_us) {
  if (nat->cancellable != NULL) {
    g_cancellable_cancel (nat->cancellable);
    g_clear_object (&nat->cancellable);
  }
  nat->retry_us = nat->stream_us = RTMFP_NEVER;
  nat->retry_wait_us = 0;
  if (nat->chosen != WAYS) {
    app_turn_end (nat->ways[nat->chosen].turn, now_us);
    carry_stream (&nat->ways[TCP]);
  }
  close_way (&nat->ways[TCP]);
  if (nat->chosen != UDP) {
    close_way (&nat->ways[UDP]);
  } /* else its goodbye is polled first */
  nat->chosen = WAYS;
}

/* ---- What the owner wants ---- */

void
app_nat_set_access (AppNat *nat, const AhoyRelayAccess *access, int64_t now_us) {
  nat->now_us = now_us;
  nat->access = *access;
  if (access->servers[0] == '\0') {
    app_nat_want (nat, false, now_us);
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
  if (nat->chosen == UDP) {
    app_turn_check (nat->ways[UDP].turn, now_us);
  } else if (nat->chosen == TCP) {
    end_way (nat, TCP, "the network is another", now_us);
  } else if (nat->state == APP_NAT_FAILED) {
    nat->retry_wait_us = 0;
    nat->retry_us = now_us;
  }
}

/* ---- The pump ---- */

bool
app_nat_receive (AppNat *nat, const uint8_t *bytes, size_t size, const RtmfpAddress *from,
                 int64_t now_us) {
  Way *way = &nat->ways[UDP];
  if (way->turn == NULL || !rtmfp_address_equal (from, &way->server)) {
    return false;
  }
  AppTurnData data;
  nat->now_us = now_us;
  if (app_turn_receive (way->turn, bytes, size, now_us, &data)) {
    nat->listener.data (nat->listener.user, &data);
  } else {
    look (nat, UDP, now_us);
  }
  return true;
}

void
app_nat_send (AppNat *nat, const RtmfpAddress *to, const uint8_t *bytes, size_t size,
              int64_t now_us) {
  if (nat->chosen != WAYS) {
    app_turn_send (nat->ways[nat->chosen].turn, to, bytes, size, now_us);
    carry_stream (&nat->ways[TCP]);
  }
}

bool
app_nat_poll_transmit (AppNat *nat, uint8_t *buffer, RtmfpDatagram *datagram) {
  Way *way = &nat->ways[UDP];
  const size_t size = way->turn != NULL ? app_turn_poll_transmit (way->turn, buffer) : 0;
  *datagram = (RtmfpDatagram){.to = way->server, .size = size};
  if (size == 0 && !nat->wanted) {
    close_way (way);
  }
  return size > 0;
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
  if (now_us >= nat->stream_us) {
    begin_stream (nat);
  }
  look (nat, UDP, now_us);
  look (nat, TCP, now_us);
}

int64_t
app_nat_deadline (const AppNat *nat) {
  if (!nat->wanted) {
    return RTMFP_NEVER;
  }
  int64_t at_us = MIN (nat->retry_us, nat->stream_us);
  for (WayKind kind = UDP; kind < WAYS; kind++) {
    if (nat->ways[kind].turn != NULL) {
      at_us = MIN (at_us, app_turn_deadline (nat->ways[kind].turn));
    }
  }
  return at_us;
}

AppNat *
app_nat_new (const AppNatListener *listener, GMainContext *context) {
  AppNat *nat = g_new0 (AppNat, 1);
  nat->listener = *listener;
  nat->context = g_main_context_ref (context);
  nat->chosen = WAYS;
  nat->retry_us = nat->stream_us = RTMFP_NEVER;
  return nat;
}

void
app_nat_free (AppNat *nat) {
  if (nat == NULL) {
    return;
  }
  stop (nat, nat->now_us);
  close_way (&nat->ways[UDP]);
  g_main_context_unref (nat->context);
  g_free (nat);
}
