/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reading half of a UDP socket: recvmmsg into memory that is set up once, and datagrams of one
 * sender that the kernel hands over in one piece (UDP_GRO). */
#ifndef APP_IO_UDP_INBOX_H
#define APP_IO_UDP_INBOX_H

#include "app/io/udp-socket.h"

#include <sys/socket.h>

typedef struct AppUdpInbox AppUdpInbox;

AppUdpInbox *app_udp_inbox_new (int fd);
void app_udp_inbox_free (AppUdpInbox *inbox);
/* As app_udp_socket_receive. */
size_t app_udp_inbox_receive (AppUdpInbox *inbox, AppUdpBatch *batch);

/* IPv4, or IPv6 with mapped IPv4. */
RtmfpAddress app_udp_from_sockaddr (const struct sockaddr_storage *storage);

#endif
