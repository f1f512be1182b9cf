/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop around one machine of core: it joins its pumps to a UDP socket, the clock, and a
 * pool of threads for public-key work. Everything but that work runs on the context's thread. It is
 * a GSource, so that any main loop can run it; app_loop_run() answers sooner. */
#ifndef APP_IO_LOOP_H
#define APP_IO_LOOP_H

#include "app/io/pump.h"
#include "app/io/udp-socket.h"

typedef struct AppLoop AppLoop;

/* pump (copied, its self borrowed until free), socket (owned from here), context (referenced; NULL
 * = the default). Threads of public-key work are started when first needed. */
AppLoop *app_loop_new (const AppPump *pump, AppUdpSocket *socket, GMainContext *context);
/* Stops and frees it. Public-key work that is under way is waited for and dropped. */
void app_loop_free (AppLoop *loop);

/* Runs the context on this thread until app_loop_quit(), and looks at the socket first: a datagram
 * is answered before GLib is asked what else there is to do. */
void app_loop_run (AppLoop *loop);
/* From any thread. What is queued to be sent still goes out with app_loop_free(). */
void app_loop_quit (AppLoop *loop);

/* To be called after commands were given to the machine outside its drain function (on the
 * context's thread): drains, transmits and sets the timer anew. Cheap; several calls in one turn
 * become one. */
void app_loop_touch (AppLoop *loop);

/* Octets and datagrams that the socket moved since it was opened. */
typedef struct {
  uint64_t bytes_in, bytes_out, datagrams_in, datagrams_out;
} AppLoopCounters;
AppLoopCounters app_loop_counters (const AppLoop *loop);

#endif
