/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside core/media-server: its tables. media-server.c has the life, the events and the pumps;
 * guests.c the clients and their introductions; streams.c what a client says about its streams;
 * relay.c how media goes from one to many; calls.c calls between clients. */
#ifndef AHOY_MEDIA_SERVER_INTERNAL_H
#define AHOY_MEDIA_SERVER_INTERNAL_H

#include "core/media-server/media-server.h"

#include "core/base/bucket.h"
#include "core/base/hash.h"
#include "core/base/table.h"
#include "core/net/params.h"
#include "core/rtmp/media-class.h"

#include <sys/queue.h>

#define AHOY_GUEST_ID_SIZE (2 * RTMFP_FINGERPRINT_SIZE + 1)

typedef struct AhoyApp AhoyApp;
typedef struct AhoyChannel AhoyChannel;
typedef struct AhoyGuest AhoyGuest;
typedef struct AhoySeat AhoySeat;
typedef struct AhoyWatch AhoyWatch;

/* One client: a session. */
struct AhoyGuest {
  RtmfpId session;
  RtmfpFingerprint fingerprint;
  RtmfpAddress address; /* far address now; no origin */
  bool is_named;  /* in the table of fingerprints; a newer session of the same takes its place */
  bool is_placed; /* in the table of addresses */
  bool closing;
  AhoyApp *app; /* NULL until it is connected */
  RtmfpAddress told[RTMFP_NET_PEER_ADDRESSES_MAX];
  size_t told_count;
  RtmfpDeadline deadline; /* to connect by */
  RtmfpBucket commands, relays, broadcasts, hellos;
  LIST_HEAD (, AhoySeat) seats;
  unsigned seat_count;
  LIST_HEAD (, AhoyWatch) watches;  /* whom it watches */
  LIST_HEAD (, AhoyWatch) watchers; /* who watches it */
  unsigned watch_count;
  LIST_ENTRY (AhoyGuest) of_app;
  UT_hash_handle hh;
  UT_hash_handle hh_name;
  UT_hash_handle hh_place;
};

struct AhoyWatch {
  AhoyGuest *watcher, *watched;
  LIST_ENTRY (AhoyWatch) of_watcher;
  LIST_ENTRY (AhoyWatch) of_watched;
};

/* Those who said the same "app/instance". Lives as long as one of them does. */
struct AhoyApp {
  char name[AHOY_APP_BYTES_MAX + 1];
  LIST_HEAD (, AhoyGuest) guests;
  AhoyChannel *channels;
  UT_hash_handle hh;
};

/* A message that is kept. */
typedef struct {
  uint32_t timestamp_ms;
  RtmfpBuffer bytes;
} AhoyKept;

typedef struct {
  char name[AHOY_DATA_NAME_BYTES_MAX + 1];
  AhoyKept kept;
} AhoyDataFrame;

/* A name under which somebody publishes, or waits to play. */
struct AhoyChannel {
  AhoyApp *app;
  char name[RTMFP_NET_NAME_BYTES_MAX + 1];
  AhoySeat *publisher; /* NULL = nobody yet */
  LIST_HEAD (, AhoySeat) players;
  /* for who joins late */
  AhoyKept audio_header, video_header;
  AhoyDataFrame data[AHOY_DATA_FRAMES_MAX];
  size_t data_count;
  AhoyKept *group; /* (owned) since the last key frame */
  size_t group_count, group_capacity, group_bytes;
  bool group_is_whole;
  UT_hash_handle hh;
};

typedef enum { AHOY_SEAT_IDLE, AHOY_SEAT_PUBLISHES, AHOY_SEAT_PLAYS } AhoySeatRole;

/* A stream of a client's connection. */
struct AhoySeat {
  RtmfpId stream;
  AhoyGuest *guest;
  AhoySeatRole role;
  AhoyChannel *channel; /* NULL while idle */
  bool wants[RTMFP_MEDIA_COUNT];
  bool needs_header[RTMFP_MEDIA_COUNT]; /* its codec header could not be sent */
  bool needs_key;                       /* a picture is missing: wait for the next key frame */
  uint64_t last_video;                  /* number of the picture sent last */
  RtmfpBucket media;                    /* messages that it publishes */
  LIST_ENTRY (AhoySeat) of_guest;
  LIST_ENTRY (AhoySeat) of_channel; /* players */
  UT_hash_handle hh;
};

struct AhoyMediaServer {
  RtmfpRng rng;
  RtmfpLog log;
  RtmfpHashKey key;
  char apps[AHOY_APPS_MAX][AHOY_APP_BYTES_MAX + 1];
  size_t app_count;
  uint32_t keepalive_ms, peer_keepalive_ms;
  RtmfpEndpoint *endpoint; /* (owned) */
  RtmfpNet *net;           /* (owned) */
  RtmfpId identity;
  bool stopping;
  AhoyGuest *guests;   /* (owned) by session */
  AhoyGuest *by_name;  /* by fingerprint */
  AhoyGuest *by_place; /* by address */
  AhoyApp *live_apps;  /* (owned) by name */
  AhoySeat *seats;     /* (owned) by stream */
  size_t published;
  RtmfpDeadlines deadlines;
  int64_t now_us;
  RtmfpBuffer out;   /* the arguments being written */
  RtmfpBuffer media; /* the message being relayed */
  RtmfpAmfDocument document;
  AhoyMediaServerCounters counters;
};

/* ---- guests.c ---- */

AhoyGuest *ahoy_guest_find (const AhoyMediaServer *server, RtmfpId session);
AhoyGuest *ahoy_guest_find_named (const AhoyMediaServer *server, const RtmfpFingerprint *name);
void ahoy_guest_enter (AhoyMediaServer *server, RtmfpId session);
void ahoy_guest_moved (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpAddress *address);
void ahoy_guest_connect (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event);
/* Leaves its application; its session is closed in order. */
void ahoy_guest_close (AhoyMediaServer *server, AhoyGuest *guest);
void ahoy_guest_free (AhoyMediaServer *server, AhoyGuest *guest);
/* 64 hexadecimal digits. */
void ahoy_guest_id (const AhoyGuest *guest, char id[AHOY_GUEST_ID_SIZE]);
bool ahoy_guest_read_id (const RtmfpAmfValue *value, RtmfpFingerprint *name);
void ahoy_guest_take_hello (AhoyMediaServer *server, const RtmfpEvent *event);

/* ---- streams.c ---- */

AhoySeat *ahoy_seat_find (const AhoyMediaServer *server, RtmfpId stream);
void ahoy_seat_add (AhoyMediaServer *server, AhoyGuest *guest, RtmfpId stream);
/* Its stream is gone. */
void ahoy_seat_free (AhoyMediaServer *server, AhoySeat *seat);
void ahoy_seat_command (AhoyMediaServer *server, AhoySeat *seat, const RtmfpNetEvent *event);
void ahoy_seat_status (AhoyMediaServer *server, AhoySeat *seat, const char *level, const char *code,
                       const char *description);

/* ---- relay.c ---- */

void ahoy_channel_clear (AhoyChannel *channel);
/* A message of its publisher. */
void ahoy_channel_relay (AhoyMediaServer *server, AhoyChannel *channel, const RtmfpNetEvent *event);
/* What the player needs to begin: data, headers, the pictures since the last key frame. */
void ahoy_channel_begin (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player);
void ahoy_channel_begin_kind (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player,
                              RtmfpMediaKind kind);

/* ---- calls.c ---- */

void ahoy_call_take (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event);
/* Tells who watches it, and forgets all watches of and on it. */
void ahoy_call_forget (AhoyMediaServer *server, AhoyGuest *guest);

#endif
