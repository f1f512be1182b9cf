/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An endpoint on a real socket, driven by app/io's event loop on a thread of its own. */
#ifndef BENCH_SOCKET_END_H
#define BENCH_SOCKET_END_H

#include "app/io/loop.h"

typedef struct SocketEnd SocketEnd;

typedef struct {
  /* Each runs on the end's thread. NULL = ignored. */
  void (*event) (SocketEnd *end, const RtmfpEvent *event, void *user);
  void *user;
  bool aead; /* both ends have it */
} SocketEndHooks;

struct SocketEnd {
  RtmfpEndpoint *endpoint;
  RtmfpId identity;
  SocketEndHooks hooks;
  AppLoop *loop;
  GMainContext *context;
  GThread *thread;
  uint16_t port;
  AppLoopCounters counters; /* after socket_end_join */
};

/* Starts it on a port of its own on 127.0.0.1, with HMAC and sequence numbers both ways
 * or the AEAD. connect_to
 * 0 = only answers; else the port to which it opens a session. */
void socket_end_start (SocketEnd *end, const SocketEndHooks *hooks, uint16_t connect_to);
/* From any thread: it stops after this turn. */
void socket_end_quit (SocketEnd *end);
void socket_end_join (SocketEnd *end);

#endif
