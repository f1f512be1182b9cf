/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way to the relay is taken, with streams over this machine's own sockets. */
#include "app/nat/nat.h"
#include "tests/nat/tls-server.h"
#include "tests/nat/turn-server.h"

#include <glib-unix.h>
#include <string.h>
#include <time.h>

#define LONGEST_US (20 * G_USEC_PER_SEC)

/* A relay's listening socket: one connection after another, on a thread of its own. */
typedef struct {
  GSocket *socket; /* (owned) */
  guint16 port;
  SSL_CTX *context; /* (owned) NULL = without TLS */
  GThread *thread;  /* (owned) */
  TurnServer turn;
  gint connections; /* atomic */
} Listener;

typedef struct {
  int fd;
  SSL *ssl; /* NULL = without */
} Connection;

static gssize
get (const Connection *connection, uint8_t *bytes, gsize size) {
  return connection->ssl != NULL ? SSL_read (connection->ssl, bytes, (int)size)
                                 : recv (connection->fd, bytes, size, 0);
}

static void
put (const Connection *connection, const uint8_t *bytes, gsize size) {
  const gssize sent = connection->ssl != NULL ? SSL_write (connection->ssl, bytes, (int)size)
                                              : send (connection->fd, bytes, size, MSG_NOSIGNAL);
  (void)sent; /* the client may have gone */
}

static void
converse (Listener *listener, const Connection *connection) {
  uint8_t bytes[4096], answer[1500];
  gsize have = 0;
  gssize got;
  while ((got = get (connection, bytes + have, sizeof bytes - have)) > 0) {
    have += (gsize)got;
    gsize size;
    while ((size = app_turn_frame_size (bytes, have)) > 0 && size <= have) {
      const gsize answered = turn_server_receive (&listener->turn, bytes, size, answer);
      put (connection, answer, answered);
      have -= size;
      memmove (bytes, bytes + size, have);
    }
  }
}

static gpointer
serve (gpointer data) {
  Listener *listener = data;
  GSocket *socket;
  while ((socket = g_socket_accept (listener->socket, NULL, NULL)) != NULL) {
    Connection connection = {.fd = g_socket_get_fd (socket)};
    g_atomic_int_inc (&listener->connections);
    g_assert_true (g_unix_set_fd_nonblocking (connection.fd, FALSE, NULL));
    if (listener->context != NULL) {
      connection.ssl = SSL_new (listener->context);
      SSL_set_fd (connection.ssl, connection.fd);
    }
    if (connection.ssl == NULL || SSL_accept (connection.ssl) == 1) {
      converse (listener, &connection);
    }
    SSL_free (connection.ssl);
    g_object_unref (socket);
  }
  return NULL;
}

static void
listener_start (Listener *listener, SSL_CTX *context) {
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  *listener = (Listener){.context = context};
  turn_server_init (&listener->turn);
  listener->socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_bind (listener->socket, any, TRUE, NULL));
  g_assert_true (g_socket_listen (listener->socket, NULL));
  g_autoptr (GSocketAddress) at = g_socket_get_local_address (listener->socket, NULL);
  listener->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (at));
  listener->thread = g_thread_new ("relay", serve, listener);
}

static void
listener_stop (Listener *listener) {
  shutdown (g_socket_get_fd (listener->socket), SHUT_RDWR);
  g_thread_join (listener->thread);
  g_object_unref (listener->socket);
  SSL_CTX_free (listener->context);
}

/* ---- A program that wants an address there ---- */

typedef struct {
  AppNat *nat;
  AhoyRelayAccess access;
  TurnServer *udp; /* NULL = no datagram gets through */
  AppNatState state;
  RtmfpAddress relayed;
  guint changes, data;
} World;

static int64_t
clock_us (void) {
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
on_changed (void *user, AppNatState state, const RtmfpAddress *relayed, const char *text) {
  World *world = user;
  (void)text;
  world->state = state;
  world->changes++;
  world->relayed = relayed != NULL ? *relayed : (RtmfpAddress){.family = RTMFP_ADDRESS_NONE};
}

static void
on_data (void *user, const AppTurnData *data) {
  (void)data;
  ((World *)user)->data++;
}

static void
on_other (void *user) {
  (void)user;
}

static void
world_start (World *world, guint16 port, guint16 tls_port, const char *key) {
  const AppNatListener listener = {.changed = on_changed,
                                   .data = on_data,
                                   .refused = on_other,
                                   .touch = on_other,
                                   .user = world};
  g_snprintf (world->access.servers, sizeof world->access.servers, "127.0.0.1:%u", port);
  g_strlcpy (world->access.username, TURN_USER, sizeof world->access.username);
  g_strlcpy (world->access.password, TURN_PASSWORD, sizeof world->access.password);
  g_strlcpy (world->access.tls_key, key, sizeof world->access.tls_key);
  world->access.tls_port = tls_port;
  world->nat = app_nat_new (&listener, g_main_context_default ());
  app_nat_set_access (world->nat, &world->access, clock_us ());
  app_nat_want (world->nat, true, clock_us ());
}

static void
turn_once (World *world) {
  uint8_t bytes[APP_TURN_MESSAGE_BYTES_MAX], answer[1500];
  RtmfpDatagram datagram;
  app_nat_advance (world->nat, clock_us ());
  while (app_nat_poll_transmit (world->nat, bytes, &datagram)) {
    const gsize size =
        world->udp != NULL ? turn_server_receive (world->udp, bytes, datagram.size, answer) : 0;
    if (size > 0) {
      g_assert_true (app_nat_receive (world->nat, answer, size, &datagram.to, clock_us ()));
    }
  }
  g_main_context_iteration (NULL, FALSE);
  g_usleep (1000);
}

static void
expect (World *world, AppNatState state, const RtmfpAddress *relayed) {
  const int64_t end_us = clock_us () + LONGEST_US;
  while (world->state != state && clock_us () < end_us) {
    turn_once (world);
  }
  g_assert_cmpint (world->state, ==, state);
  g_assert_true (rtmfp_address_equal (&world->relayed, relayed));
}

static void
world_stop (World *world) {
  app_nat_want (world->nat, false, clock_us ());
  g_assert_cmpint (world->state, ==, APP_NAT_OFF);
  app_nat_free (world->nat);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
}

/* A port where nobody listens. */
static guint16
closed_port (void) {
  Listener listener;
  listener_start (&listener, NULL);
  const guint16 port = listener.port;
  listener_stop (&listener);
  return port;
}

static void
test_udp (void) {
  Listener tcp;
  TurnServer udp;
  World world = {.udp = &udp};
  turn_server_init (&udp);
  listener_start (&tcp, NULL);
  world_start (&world, tcp.port, 0, "");
  expect (&world, APP_NAT_BY_UDP, &udp.relayed);
  for (guint i = 0; i < 10; i++) {
    turn_once (&world);
  }
  world_stop (&world);
  listener_stop (&tcp);
  g_assert_cmpint (tcp.connections, ==, 0);
}

static void
test_tcp (void) {
  Listener tcp;
  World world = {.udp = NULL};
  listener_start (&tcp, NULL);
  world_start (&world, tcp.port, closed_port (), "");
  expect (&world, APP_NAT_BY_TCP, &tcp.turn.relayed);
  world_stop (&world);
  listener_stop (&tcp);
}

static void
test_tls (void) {
  Listener tls;
  World world = {.udp = NULL};
  char pin[65];
  listener_start (&tls, tls_server_context ("relay.example.org", pin));
  world_start (&world, closed_port (), tls.port, pin);
  expect (&world, APP_NAT_BY_TLS, &tls.turn.relayed);
  /* The connection ends: the same again. */
  const guint changes = world.changes;
  app_nat_network_changed (world.nat, clock_us ());
  g_assert_cmpint (world.state, ==, APP_NAT_TRYING);
  g_assert_cmpuint (world.changes, >, changes);
  expect (&world, APP_NAT_BY_TLS, &tls.turn.relayed);
  world_stop (&world);
  listener_stop (&tls);
  g_assert_cmpint (tls.connections, ==, 2);
}

/* Strangers say so, and take whatever certificate there is; with an own access it begins anew. */
static void
test_stranger (void) {
  Listener tls;
  World world = {.udp = NULL};
  char pin[65];
  g_autofree char *other = g_strnfill (64, 'b');
  listener_start (&tls, tls_server_context ("relay.example.org", pin));
  world.access.is_first = true;
  world_start (&world, closed_port (), tls.port, other);
  expect (&world, APP_NAT_BY_TLS, &tls.turn.relayed);
  world.access.is_first = false;
  g_strlcpy (world.access.tls_key, pin, sizeof world.access.tls_key);
  app_nat_set_access (world.nat, &world.access, clock_us ());
  g_assert_cmpint (world.state, ==, APP_NAT_TRYING);
  g_assert_cmpuint (world.relayed.family, ==, RTMFP_ADDRESS_NONE);
  expect (&world, APP_NAT_BY_TLS, &tls.turn.relayed);
  world_stop (&world);
  listener_stop (&tls);
  g_assert_cmpstr (tls.turn.origin, ==, "");
  g_assert_cmpint (tls.connections, ==, 2);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat/ways/udp", test_udp);
  g_test_add_func ("/nat/ways/tcp", test_tcp);
  g_test_add_func ("/nat/ways/tls", test_tls);
  g_test_add_func ("/nat/ways/stranger", test_stranger);
  return g_test_run ();
}
