/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds and times of the server for plain RTMFP clients, chosen by us. */
#ifndef AHOY_MEDIA_SERVER_PARAMS_H
#define AHOY_MEDIA_SERVER_PARAMS_H

#include <stdint.h>

/* Applications of a configuration, and the length of a name: "live", and of a client's
 * "live/instance". */
#define AHOY_APPS_MAX 32
#define AHOY_APP_BYTES_MAX 127
/* Clients at once, in all and from one IP address (IPv6: one network of 64 bits). */
#define AHOY_GUESTS_MAX 2000
#define AHOY_GUESTS_PER_IP_MAX 64
/* Streams that one client may use at once, as publisher or as player. */
#define AHOY_SEATS_PER_GUEST_MAX 8
/* Streams that are published at once, in all; each may hold a cache. */
#define AHOY_PUBLISHED_MAX 256
/* What is kept of a published stream for who joins late: all since its last key frame, if it is no
 * more than this (else a player's picture begins with the next key frame), */
#define AHOY_GROUP_BYTES_MAX (512 * 1024)
#define AHOY_GROUP_FRAMES_MAX 600
/* each codec header, and data messages that it set to be kept. */
#define AHOY_HEADER_BYTES_MAX (16 * 1024)
#define AHOY_DATA_FRAMES_MAX 8
#define AHOY_DATA_FRAME_BYTES_MAX (16 * 1024)
#define AHOY_DATA_NAME_BYTES_MAX 63
/* Relayed calls. */
#define AHOY_RELAY_BYTES_MAX (16 * 1024)
/* Others whose going a client wants to know. */
#define AHOY_WATCHES_MAX 64

/* A client that has not connected by then is closed. */
#define AHOY_CONNECT_TIMEOUT_US (30 * INT64_C (1000000))
/* Relayed media is given up when it has not begun to leave, and when it has not arrived, so long
 * after it came. */
#define AHOY_RELAY_START_US (2 * INT64_C (1000000))
#define AHOY_RELAY_FINISH_US (3 * INT64_C (1000000))
/* An unanswered packet ends a session after. */
#define AHOY_GUEST_RETRANSMIT_LIMIT_US (30 * INT64_C (1000000))

/* How often a client may do what: at once, and one more each. Commands and calls of any kind (who
 * exceeds it is closed); what goes to others (then dropped); introductions (then not answered). */
#define AHOY_GUEST_COMMAND_BURST 200
#define AHOY_GUEST_COMMAND_EVERY_US 10000
#define AHOY_MEDIA_BURST 2000 /* messages of one stream */
#define AHOY_MEDIA_EVERY_US 1000
#define AHOY_RELAY_BURST 50
#define AHOY_RELAY_EVERY_US 20000
#define AHOY_BROADCAST_BURST 10
#define AHOY_BROADCAST_EVERY_US 500000
#define AHOY_GUEST_HELLO_BURST 40
#define AHOY_GUEST_HELLO_EVERY_US 250000

#endif
