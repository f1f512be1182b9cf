/* SPDX-License-Identifier: Apache-2.0 */
/* NetConnection and NetStream over an endpoint's sessions: connecting, calls both ways, streams
 * that one plays and the other publishes. Source: RFC 7425 s5.
 *
 * Stands between an endpoint and its user: the user pulls events here and no longer from the
 * endpoint, opens and closes sessions on the endpoint, and leaves all flows to this. One RtmfpNet
 * an endpoint. */
#ifndef RTMFP_NET_NET_H
#define RTMFP_NET_NET_H

#include "core/amf/amf.h"
#include "core/endpoint/endpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RtmfpNet RtmfpNet;

/* How a net behaves; start from rtmfp_net_config_init(). */
typedef struct {
  /* true: NetConnections come in (RTMFP_NET_CONNECT), and a far side that is not connected can do
   * nothing else. false: "connect" of others is refused; they may call and play at once (direct
   * sessions). */
  bool server;
  /* server: clients may create streams (RTMFP_NET_STREAM_CREATED). false: "createStream" is a call
   * like others. */
  bool streams;
  /* true: in a new session nothing but greetings is sent or taken until rtmfp_net_open_gate(). */
  bool gated;
  /* Metadata of the greeting flows (copied); empty = there are none. */
  RtmfpBytes greeting_metadata;
  /* The order in which flows are taken whose sender hints "network arrival" (ours do for audio, RFC
   * 7425 s5.1.1). SEQUENCE: as it was sent, what its sender gave up is told as RTMFP_NET_MEDIA_GAP;
   * one lost packet holds the flow up for a round trip or its deadline. NETWORK: as it comes; order
   * by number and timestamp is the user's job and no gaps are told. All other flows are taken in
   * SEQUENCE. */
  RtmfpOrder audio_order;
  /* Set on each session as it opens, respectively when rtmfp_net_connect() makes it one to a
   * server. Keepalive periods follow what the server advises, RFC 7425 s5.3.4. */
  RtmfpSessionOptions peer_options;
  RtmfpSessionOptions server_options;
} RtmfpNetConfig;

/* A config with our defaults: no server, not gated, SEQUENCE order, keepalive 30 s, retransmit
 * limit 30 s; servers of ours may introduce, peers not. */
RTMFP_API void rtmfp_net_config_init (RtmfpNetConfig *config);

/* endpoint: (borrowed, must outlive the net); config (copied). Returns: (owned); never NULL. Free
 * it before its endpoint: its sessions stay open there. */
RTMFP_API RtmfpNet *rtmfp_net_new (RtmfpEndpoint *endpoint, const RtmfpNetConfig *config);
RTMFP_API void rtmfp_net_free (RtmfpNet *net);
/* How long sessions between peers may go unanswered before they end, from now on, also those that
 * stand: RtmfpSessionOptions.retransmit_limit_us of the config's peer_options. */
RTMFP_API void rtmfp_net_set_peer_limit (RtmfpNet *net, int64_t limit_us, int64_t now_us);

/* ---- Events ---- */

/* What an event tells, and which of its members count. */
typedef enum {
  RTMFP_NET_SESSION,  /* endpoint = SESSION_OPEN, SESSION_CLOSED, SESSION_ADDRESS or HELLO,
                       * unchanged. What was open in a closed session was told as ended before. */
  RTMFP_NET_GREETING, /* session, bytes: one greeting message, in order */
  RTMFP_NET_CONNECT,  /* server: session, name = app, text = tcUrl, object = command object, values,
                       * bytes = further arguments. Answer with accept_connection or
                       * reject_connection */
  RTMFP_NET_CONNECTED, /* client: session, object = properties, values = information object first;
                        * setPeerInfo was sent */
  RTMFP_NET_REFUSED, /* client: session, code, text = description, values: information object first
                      */
  RTMFP_NET_DISCONNECTED, /* session: the NetConnection ended (both ways), clean or not; the session
                           * is still open: close it on the endpoint */
  RTMFP_NET_PEER_INFO,    /* server: session, addresses, address_count, behind_nat */
  RTMFP_NET_KEEPALIVE,    /* client: session, server_us, peer_us as set now */
  RTMFP_NET_CALL,   /* session, call (0 = no answer wanted), name, object, values, bytes = arguments
                     */
  RTMFP_NET_RESULT, /* session, call (ours), object, values, bytes */
  RTMFP_NET_ERROR,  /* session, call (ours), code, text, values: information object first. Also for
                     * each open call when its session ends: code "NetConnection.Connect.Closed" */
  RTMFP_NET_CALL_WRITABLE, /* session: calls go again after FULL */
  RTMFP_NET_PLAY,          /* publisher: session, publication, player, name, values, bytes = further
                            * arguments. Answer with accept_play or refuse_play */
  RTMFP_NET_PLAYER_ENDED,  /* publisher: session, publication, player: it stopped, or the session
                              ended; the id is dead */
  RTMFP_NET_PLAY_STARTED,  /* player: session, stream */
  RTMFP_NET_PLAY_REFUSED,  /* player: session, stream, code, text; the id is dead */
  RTMFP_NET_PLAY_ENDED,    /* player: session, stream, code, clean (all of it was delivered before);
                              the id is dead */
  RTMFP_NET_MEDIA,     /* player: session, stream, kind, timestamp_ms, number (grows within a kind),
                        * bytes (borrowed until the next call on net or endpoint) */
  RTMFP_NET_MEDIA_GAP, /* player: session, stream, kind, count = messages given up by the publisher
                        */
  RTMFP_NET_MEDIA_WRITABLE, /* publisher: session, player, kind: room again after FULL */
  RTMFP_NET_MEDIA_END,      /* publisher: session, player, kind, number, delivered or given up */
  RTMFP_NET_MEDIA_REFUSED,  /* publisher: session, player, kind: the player rejected that flow; no
                               more of this kind */
  RTMFP_NET_STREAM_COMMAND, /* session, and stream (we play it) or player (it plays ours), name,
                             * object, values, bytes */
  RTMFP_NET_STREAM_CREATED, /* session, stream: of a NetConnection. client: that we asked for;
                               server: that the client asked for */
  RTMFP_NET_STREAM_CLOSED,  /* session, stream; client: code, text if the server refused it. The id
                               is dead */
  RTMFP_NET_STREAM_STATUS, /* client: session, stream, name = level, code, text, values: information
                              object first */
  RTMFP_NET_STREAM_CONTROL, /* session, stream (of a NetConnection), control, count = its value */
} RtmfpNetEventType;

/* User control events about a stream: RTMP 1.0 s7.1.7. */
typedef enum {
  RTMFP_STREAM_BEGIN = 0,
  RTMFP_STREAM_EOF = 1,
  RTMFP_STREAM_DRY = 2,
  RTMFP_STREAM_BUFFER = 3,   /* client: how much it wants to hold, milliseconds */
  RTMFP_STREAM_RECORDED = 4, /* what is played is recorded */
} RtmfpStreamControl;

/* What a media message carries. */
typedef enum {
  RTMFP_MEDIA_AUDIO,
  RTMFP_MEDIA_VIDEO,
  RTMFP_MEDIA_DATA, /* AMF0 data messages (type 18): bytes = values */
  RTMFP_MEDIA_COUNT,
} RtmfpMediaKind;

/* All that is borrowed here is so until the next rtmfp_net_poll_event() (MEDIA bytes and everything
 * of SESSION: until the next call on net or endpoint). */
typedef struct {
  RtmfpNetEventType type;
  RtmfpEvent endpoint; /* RTMFP_NET_SESSION only */
  RtmfpId session;
  RtmfpId call;
  RtmfpId publication;
  RtmfpId player;
  RtmfpId stream;
  RtmfpMediaKind kind;
  RtmfpStreamControl control;
  uint32_t timestamp_ms;
  uint64_t number;
  uint64_t count;
  bool delivered;
  bool clean;
  bool behind_nat;
  int64_t server_us;
  int64_t peer_us;
  const RtmfpAddress *addresses;
  size_t address_count;
  const char *name; /* never NULL; valid UTF-8 without zero bytes, at most RTMFP_NET_NAME_BYTES_MAX;
                       so are: */
  const char *code;
  const char *text;
  const RtmfpAmfValue *object; /* command object; NULL when none came */
  const RtmfpAmfEntry *values; /* the arguments behind it */
  size_t value_count;
  RtmfpBytes bytes; /* the same arguments as they came, or a greeting, or a media body */
} RtmfpNetEvent;

/* Pulls the endpoint's events and tells ours. Call until it says false; endpoint pumps stay with
 * the user. */
RTMFP_API bool rtmfp_net_poll_event (RtmfpNet *net, int64_t now_us, RtmfpNetEvent *event);

/* ---- Gate and greeting ---- */

/* From now on the session takes and sends everything; flows that waited come first. No-op when
 * open. */
RTMFP_API void rtmfp_net_open_gate (RtmfpNet *net, RtmfpId session, int64_t now_us);
/* Sends one message on our greeting flow, in order; gate or no gate.
 * Returns: OK; FULL; STATE (no such session, or no greeting metadata); LIMIT (too large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_send_greeting (RtmfpNet *net, RtmfpId session,
                                                              RtmfpBytes bytes, int64_t now_us);

/* ---- NetConnection: client ---- */

/* Sends "connect". tc_url: "rtmfp://host/app..."; the app of the command object is its path without
 * the first slash. members: further members of the command object, AMF0 key-value bytes as
 * rtmfp_amf_member_* writes them (copied; may be empty). args: AMF0 values behind it (copied; may
 * be empty). A client's certificate serves one server connection (RFC 7425 s5.3): another one is
 * made in a session of another identity. Returns: OK; STATE (no such session, gate closed,
 * connected before, or its identity was); MALFORMED (tc_url); LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_connect (RtmfpNet *net, RtmfpId session,
                                                        const char *tc_url, RtmfpBytes members,
                                                        RtmfpBytes args, int64_t now_us);
/* Our own candidate addresses (copied): sent as setPeerInfo to each server, now and at each later
 * connect. At most RTMFP_NET_PEER_ADDRESSES_MAX count. */
RTMFP_API void rtmfp_net_set_peer_info (RtmfpNet *net, const RtmfpAddress *addresses, size_t count,
                                        int64_t now_us);

/* ---- NetConnection: server ---- */

/* members: further members of the information object (code and description are ours), as above.
 * Returns: OK; STATE (no connect is waiting). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_accept_connection (RtmfpNet *net, RtmfpId session,
                                                                  RtmfpBytes members,
                                                                  int64_t now_us);
/* code: e.g. "NetConnection.Connect.Rejected". The NetConnection ends once that arrived. Returns:
 * OK; STATE (no connect is waiting). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_reject_connection (RtmfpNet *net, RtmfpId session,
                                                                  const char *code,
                                                                  const char *description,
                                                                  int64_t now_us);
/* Set Keepalive Timers: advises a client how often to ask a silent server, and silent peers. Told
 * in whole milliseconds, up to 2^32 - 1 of them. Returns: OK; STATE (no such session, not
 * connected). Source: RFC 7425 s5.3.4. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_send_keepalive (RtmfpNet *net, RtmfpId session,
                                                               int64_t server_us, int64_t peer_us,
                                                               int64_t now_us);

/* ---- Calls, both ways: on connected server sessions and on direct sessions ---- */

/* name: 1..RTMFP_NET_NAME_BYTES_MAX bytes, none of "connect", "setPeerInfo", "_result", "_error",
 * "close" (asserted). args: AMF0 values (copied). call out: id that RESULT or ERROR will name; may
 * be NULL when wants_result is false. Calls of one session arrive in order, before or after answers
 * as they were sent. Returns: OK; FULL (CALL_WRITABLE follows); STATE (no such session, gate
 * closed, not connected); LIMIT (too many open calls, too large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_call (RtmfpNet *net, RtmfpId session,
                                                     const char *name, RtmfpBytes args,
                                                     bool wants_result, int64_t now_us,
                                                     RtmfpId *call);
/* Answers RTMFP_NET_CALL with "_result". args: AMF0 values (copied); empty = one null. Never FULL.
 * Returns: OK; STATE (no such call, or answered before; call 0 is OK and says nothing); LIMIT (too
 * large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_return (RtmfpNet *net, RtmfpId session, RtmfpId call,
                                                       RtmfpBytes args, int64_t now_us);
/* Answers with "_error": {level: "error", code, description}. Returns: as rtmfp_net_return(). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_fail (RtmfpNet *net, RtmfpId session, RtmfpId call,
                                                     const char *code, const char *description,
                                                     int64_t now_us);
/* Priority of our control flow; RTMFP_PRIORITY_ROUTINE until set. */
RTMFP_API void rtmfp_net_set_call_priority (RtmfpNet *net, RtmfpId session, RtmfpPriority priority);

/* Orderly close, RFC 7425 s5.3.6: our flows end when all of them is delivered, then DISCONNECTED
 * follows. */
RTMFP_API void rtmfp_net_close (RtmfpNet *net, RtmfpId session, int64_t now_us);

/* ---- Streams of a NetConnection, at both its ends (RFC 7425 s5.3.5, RTMP 1.0 s7.2.2) ----
 *
 * A stream carries media and commands both ways. What either end says of it comes as STREAM_COMMAND
 * (server: "publish", "play", "closeStream" ...), STREAM_STATUS, STREAM_CONTROL, MEDIA and
 * MEDIA_GAP with its id in stream; so do MEDIA_WRITABLE, MEDIA_END and MEDIA_REFUSED. Media goes
 * out by rtmfp_net_send_media(), further commands by rtmfp_net_stream_command(). */

/* Client: asks for a stream; STREAM_CREATED or STREAM_CLOSED follows. Returns: OK; FULL; STATE (not
 * connected); LIMIT (RTMFP_NET_PLAYERS_MAX). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_create_stream (RtmfpNet *net, RtmfpId session,
                                                              int64_t now_us, RtmfpId *stream);
/* Client: "deleteStream", behind all that was sent on it. Server: its flows end. The id is dead at
 * once. */
RTMFP_API void rtmfp_net_delete_stream (RtmfpNet *net, RtmfpId stream, int64_t now_us);
/* Client: sends under that name. type: "live", or what the server knows besides. The server's
 * answer is a STREAM_STATUS. name: 1..RTMFP_NET_NAME_BYTES_MAX bytes (asserted). Returns: OK; FULL;
 * STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_publish (RtmfpNet *net, RtmfpId stream,
                                                               const char *name, const char *type,
                                                               int64_t now_us);
/* Client: receives what has that name. args: AMF0 values behind it (start, duration, reset; copied,
 * may be empty). name, and returns: as above; LIMIT (args too large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_play (RtmfpNet *net, RtmfpId stream,
                                                            const char *name, RtmfpBytes args,
                                                            int64_t now_us);
/* Client: neither publishes nor plays any more ("closeStream", behind all that was sent). Returns:
 * OK; FULL; STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_close (RtmfpNet *net, RtmfpId stream,
                                                             int64_t now_us);
/* Client: whether audio, or video, is to come ("receiveAudio", "receiveVideo"; kind DATA asserted
 * against). Returns: OK; FULL; STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_receive (RtmfpNet *net, RtmfpId stream,
                                                               RtmfpMediaKind kind, bool wanted,
                                                               int64_t now_us);
/* Server: "onStatus" with {level, code, description, members}. members: AMF0 keys and values, may
 * be empty. Never FULL. Returns: OK; STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_status (RtmfpNet *net, RtmfpId stream,
                                                              const char *level, const char *code,
                                                              const char *description,
                                                              RtmfpBytes members, int64_t now_us);
/* A user control event about the stream; EOF comes behind all media that was sent (RFC 7425 s5.2).
 * value: of BUFFER. Never FULL. Returns: OK; STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_control (RtmfpNet *net, RtmfpId stream,
                                                               RtmfpStreamControl control,
                                                               uint32_t value, int64_t now_us);

/* ---- Direct NetStreams: publisher (RFC 7425 s5.4) ---- */

/* Offers a stream: plays of that name become RTMFP_NET_PLAY, others are refused with
 * "NetStream.Play.StreamNotFound". session 0 = to all. Returns: OK; STATE (no such session, or that
 * name is offered there already); LIMIT. name: 1..RTMFP_NET_NAME_BYTES_MAX bytes (asserted). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_publish (RtmfpNet *net, RtmfpId session,
                                                        const char *name, RtmfpId *publication);
/* Ends it for all players, each after what was sent before (PLAYER_ENDED follows). */
RTMFP_API void rtmfp_net_unpublish (RtmfpNet *net, RtmfpId publication, int64_t now_us);

/* Stream Begin and "NetStream.Play.Start"; media may follow at once. Returns: OK; STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_accept_play (RtmfpNet *net, RtmfpId player,
                                                            int64_t now_us);
/* The player is told code and description, then its id is dead (no PLAYER_ENDED). Returns: OK;
 * STATE. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_refuse_play (RtmfpNet *net, RtmfpId player,
                                                            const char *code,
                                                            const char *description,
                                                            int64_t now_us);
/* Ends one player's stream after what was sent before: flow synchronisation, Stream EOF, close. */
RTMFP_API void rtmfp_net_end_player (RtmfpNet *net, RtmfpId player, int64_t now_us);

/* One message on that kind's own flow (opened on first use). player: or a stream of a
 * NetConnection. body (copied): as core/rtmp/media-tag.h writes it; for DATA AMF0 values. options
 * NULL = reliable. number out (may be NULL): 1, 2 ... within the kind; RTMFP_NET_MEDIA_END names
 * it when options->reports_end. Returns: OK; FULL (MEDIA_WRITABLE follows); STATE (not accepted,
 * ended, refused); LIMIT (too large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_send_media (RtmfpNet *net, RtmfpId player,
                                                           RtmfpMediaKind kind,
                                                           uint32_t timestamp_ms, RtmfpBytes body,
                                                           const RtmfpMessageOptions *options,
                                                           int64_t now_us, uint64_t *number);
/* Until set: AUDIO IMMEDIATE (time critical), VIDEO INTERACTIVE, DATA DATA. */
RTMFP_API void rtmfp_net_set_media_priority (RtmfpNet *net, RtmfpId player, RtmfpMediaKind kind,
                                             RtmfpPriority priority);

/* ---- Direct NetStreams: player ---- */

/* Asks for a stream; PLAY_STARTED or PLAY_REFUSED follows. args: AMF0 values behind the name
 * (copied; may be empty). Returns: OK; STATE; LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_play (RtmfpNet *net, RtmfpId session,
                                                     const char *name, RtmfpBytes args,
                                                     int64_t now_us, RtmfpId *stream);
/* Stops playing; the id is dead at once (no PLAY_ENDED). */
RTMFP_API void rtmfp_net_stop (RtmfpNet *net, RtmfpId stream, int64_t now_us);

/* A command on the player's control flow (id = stream, towards the publisher), on the publisher's
 * return flow (id = player), or on a stream of a NetConnection. Reliable, in order. args: AMF0
 * values (copied). Returns: OK; FULL (try again at the next report); STATE; LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_net_stream_command (RtmfpNet *net, RtmfpId id,
                                                               const char *name, RtmfpBytes args,
                                                               int64_t now_us);

/* Counters of the whole net, all since it was made. */
typedef struct {
  uint64_t messages_in;
  uint64_t dropped_malformed;  /* messages that broke their grammar */
  uint64_t dropped_unexpected; /* well-formed, but not in this state; unknown types too */
  uint64_t flows_rejected;
  uint64_t sessions_closed; /* by us, for faults or a full backlog */
  uint64_t barriers;        /* flow synchronisations completed */
} RtmfpNetCounters;

/* All counters as they are now. counters out. */
RTMFP_API void rtmfp_net_counters (const RtmfpNet *net, RtmfpNetCounters *counters);

#ifdef __cplusplus
}
#endif

#endif
