/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One allocation at a TURN server (RFC 8656, client side, by libnice's STUN messages): a datagram
 * path to many peers by one address of the server. Sans-IO: the owner carries bytes between it and
 * the server, over UDP or over a stream. */
#ifndef APP_NAT_TURN_H
#define APP_NAT_TURN_H

#include "app/nat/params.h"
#include "core/base/address.h"
#include "core/base/deadlines.h"

typedef struct AppTurn AppTurn;

typedef enum {
  APP_TURN_ALLOCATING,
  APP_TURN_READY,
  APP_TURN_SILENT,  /* the server does not answer */
  APP_TURN_REFUSED, /* it does not take the credential */
  APP_TURN_GONE,    /* the allocation is over: expired, or the server was started anew */
  APP_TURN_FAILED,  /* anything else it said: code */
} AppTurnState;

/* (borrowed) */
typedef struct {
  const char *user, *password;
  const char *origin; /* told to the server, which may have another realm for it
                         (draft-ietf-tram-stun-origin-06); NULL = none */
} AppTurnCredential;

/* is_stream: over TCP, with TLS or not. An address of each family is asked for, or of the one that
 * the server has. */
AppTurn *app_turn_new (bool is_stream, const AppTurnCredential *credential, int64_t now_us);
void app_turn_free (AppTurn *turn);

AppTurnState app_turn_state (const AppTurn *turn);
/* The error code of RFC 8489 s14.8 behind REFUSED and FAILED; 0 = none. */
int app_turn_code (const AppTurn *turn);
/* Our address at the relay, while READY: that of IPv4 where there is one, since people who have
 * IPv6 alone reach it by their own address there. */
const RtmfpAddress *app_turn_relayed (const AppTurn *turn);

typedef struct {
  RtmfpAddress from;
  const uint8_t *bytes; /* (borrowed from what was received) */
  size_t size;
} AppTurnData;

/* One datagram of the server, or one frame of its stream. Returns: whether data was filled. */
bool app_turn_receive (AppTurn *turn, const uint8_t *bytes, size_t size, int64_t now_us,
                       AppTurnData *data);
/* The size of the frame that a stream's bytes begin with (RFC 8656 s3.1, s12.5): more than size =
 * incomplete; 0 = too few bytes to tell; SIZE_MAX = no frame. */
size_t app_turn_frame_size (const uint8_t *bytes, size_t size);

/* One datagram to a peer (copied). Waits for the peer's channel; private addresses are not asked
 * for where ours is a public one: the server would refuse them. */
void app_turn_send (AppTurn *turn, const RtmfpAddress *to, const uint8_t *bytes, size_t size,
                    int64_t now_us);
/* Asks at once whether the allocation stands: our own address may be another. */
void app_turn_check (AppTurn *turn, int64_t now_us);
/* Gives the allocation back; poll_transmit has the message. */
void app_turn_end (AppTurn *turn, int64_t now_us);

/* What goes to the server. buffer: APP_TURN_MESSAGE_BYTES_MAX. Returns: its size; 0 = nothing. */
size_t app_turn_poll_transmit (AppTurn *turn, uint8_t *buffer);
void app_turn_advance (AppTurn *turn, int64_t now_us);
int64_t app_turn_deadline (const AppTurn *turn);

#endif
