/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One UDP socket for IPv4 and IPv6: batches of datagrams in and out, with the ECN bits. */
#ifndef APP_IO_UDP_SOCKET_H
#define APP_IO_UDP_SOCKET_H

#include "core/endpoint/endpoint.h"

#include <gio/gio.h>

typedef struct AppUdpSocket AppUdpSocket;

/* Messages of the kernel in one call, either way. */
#define APP_UDP_MESSAGES 16
/* Datagrams in one call: the kernel cuts a message into 128 at most. */
#define APP_UDP_BATCH (128 * APP_UDP_MESSAGES)

typedef struct {
  const uint8_t *bytes; /* (borrowed until the next receive) */
  size_t size;
  RtmfpAddress from;
  uint8_t ecn;
} AppUdpDatagram;

typedef struct {
  size_t count;
  bool is_full; /* more may wait in the kernel */
  AppUdpDatagram items[APP_UDP_BATCH];
} AppUdpBatch;

/* Binds to port (0 = the kernel chooses) on all addresses, or on the one numeric address if it is
 * not NULL. Returns: (owned), or NULL with error (G_IO_ERROR_ADDRESS_IN_USE when another program
 * has the port). */
AppUdpSocket *app_udp_socket_new (const char *address, uint16_t port, GError **error);
void app_udp_socket_free (AppUdpSocket *socket);

int app_udp_socket_fd (const AppUdpSocket *socket);
/* The port it is bound to. */
uint16_t app_udp_socket_port (const AppUdpSocket *socket);

/* Reads what is there, at most APP_UDP_MESSAGES messages. Returns: how many datagrams stand in
 * batch. */
size_t app_udp_socket_receive (AppUdpSocket *socket, AppUdpBatch *batch);

/* Queues one datagram (copied); sends the batch when it is full.
 * Returns: whether there is room for another (false: wait until the socket is writable). */
bool app_udp_socket_send (AppUdpSocket *socket, const RtmfpDatagram *to, const uint8_t *bytes);
/* Sends what is queued. What the kernel refuses is lost, as the network might have lost it.
 * Returns: whether the socket could take it all (false: wait until it is writable, then flush
 * again). */
bool app_udp_socket_flush (AppUdpSocket *socket);

#endif
