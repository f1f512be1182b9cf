/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/net: its tables, and what its sources ask of one another.
 *
 * net.c has the life, the events and the pump; session.c the sessions and the gate; flow.c flows
 * and what waits to be sent; receive.c takes messages apart; connection.c, call.c, publish.c and
 * play.c each do what their names say. */
#ifndef RTMFP_NET_STATE_H
#define RTMFP_NET_STATE_H

#include "core/net/net.h"
#include "core/net/params.h"
#include "core/rtmp/command.h"
#include "core/rtmp/constants.h"
#include "core/rtmp/flow-sync.h"
#include "core/rtmp/message.h"
#include "core/rtmp/user-control.h"

#include <sys/queue.h>
#include "core/base/table.h"

typedef struct NetSession NetSession;
typedef struct NetItem NetItem;

/* A message of ours that the endpoint had no room for. */
typedef struct NetWaiting {
  STAILQ_ENTRY (NetWaiting) next;
  size_t size;
  uint8_t bytes[];
} NetWaiting;

/* A sending flow, opened on first use, with what could not be put off. */
typedef struct {
  RtmfpId flow; /* 0 = not open (yet, or any more) */
  STAILQ_HEAD (, NetWaiting) waiting;
  size_t waiting_bytes;
  bool wants_writable; /* the user was told FULL */
  bool closes;         /* when nothing waits any more */
  bool is_over;        /* it was open once, or may not be opened */
} NetOutput;

typedef enum {
  NET_FLOW_SENDING,  /* output says which */
  NET_FLOW_GREETING, /* receiving from here on */
  NET_FLOW_CONTROL,  /* stream id 0 */
  NET_FLOW_PLAYER,   /* a subscriber's control flow; item = player */
  NET_FLOW_MEDIA,    /* a return flow of a stream that we play; item = stream */
  NET_FLOW_STREAM,   /* a flow of a stream of a NetConnection; item = stream */
} NetFlowKind;

typedef enum {
  NET_OUTPUT_GREETING,
  NET_OUTPUT_CONTROL, /* stream id 0 */
  NET_OUTPUT_STREAM, /* our control flow as a subscriber, or the return flow for status and commands
                      */
  NET_OUTPUT_MEDIA,  /* media says which */
} NetOutputKind;

typedef struct NetFlow {
  UT_hash_handle hh;
  LIST_ENTRY (NetFlow) link;
  RtmfpId id;
  NetFlowKind kind;
  NetSession *session;
  NetItem *item; /* NULL for NetConnection's flows */
  NetOutput *output;
  NetOutputKind output_kind;
  RtmfpMediaKind media; /* sending: which; receiving: what came last on it */
} NetFlow;

/* A player of ours, a stream that we play, or a stream of a NetConnection. */
typedef enum {
  NET_ITEM_NEW,     /* player: its flow is here, "play" is not. stream: asked, or asked for */
  NET_ITEM_ASKED,   /* player: the user was told */
  NET_ITEM_ACTIVE,  /* accepted, started */
  NET_ITEM_ENDING,  /* player: the end is being sent */
  NET_ITEM_REFUSED, /* player: refused; dead for the user */
} NetItemState;

struct NetItem {
  LIST_ENTRY (NetItem) link;
  RtmfpId id;
  NetSession *session;
  bool is_player;
  bool is_of_connection; /* a stream of a NetConnection, at either end */
  NetItemState state;
  uint64_t transaction; /* client: of the "createStream" that waits for its answer; 0 = none */
  uint32_t stream_id;
  RtmfpId publication; /* player */
  RtmfpId control_in;  /* player: its control flow */
  NetOutput control;
  NetOutput media[RTMFP_MEDIA_COUNT];
  RtmfpPriority priority[RTMFP_MEDIA_COUNT];
  unsigned media_flows;                        /* stream: receiving flows that are open */
  bool has_ended;                              /* stream: the end was announced */
  char end_code[RTMFP_NET_NAME_BYTES_MAX + 1]; /* stream: why, if that was said */
};

typedef struct NetPublication {
  LIST_ENTRY (NetPublication) link;
  RtmfpId id;
  RtmfpId session; /* 0 = for all */
  char name[RTMFP_NET_NAME_BYTES_MAX + 1];
} NetPublication;

typedef struct NetHeld {
  STAILQ_ENTRY (NetHeld) next;
  RtmfpId flow;
  RtmfpId associated;
  size_t size;
  uint8_t metadata[];
} NetHeld;

/* A call that waits for its answer: ours (key = transaction id) or theirs. */
typedef struct {
  UT_hash_handle hh;
  uint64_t id;
  double transaction; /* theirs */
} NetCall;

typedef enum {
  NET_UNCONNECTED,
  NET_CONNECTING, /* client: "connect" was sent */
  NET_WAITING,    /* server: "connect" came, the user has not answered */
  NET_CONNECTED,
  NET_CLOSING, /* our control flow is ending */
  NET_DOWN,
} NetConnectionState;

struct NetSession {
  UT_hash_handle hh;
  RtmfpId id;
  bool gate_open;
  bool is_client;
  bool is_closed; /* the endpoint has ended it */
  bool is_faulty; /* the endpoint is closing it because of what came */
  bool was_connected;
  NetConnectionState state;
  double connect_transaction;
  RtmfpPriority call_priority;
  NetOutput control;
  NetOutput greeting;
  RtmfpId control_in; /* canonical: the first; 0 = none (yet, or any more) */
  bool control_in_ended;
  unsigned control_flows;
  RtmfpId greeting_in;
  unsigned held_count;
  STAILQ_HEAD (, NetHeld) held;
  LIST_HEAD (, NetFlow) flows;
  LIST_HEAD (, NetItem) items;
  unsigned players;
  unsigned streams;
  unsigned stream_flows; /* receiving ones of all streams of the NetConnection */
  uint32_t next_stream_id;
  uint32_t next_sync_id;
  NetCall *calls_out;
  NetCall *calls_in;
  RtmfpFlowSync sync;
  unsigned faults;
};

struct RtmfpNet {
  RtmfpEndpoint *endpoint; /* (borrowed) */
  RtmfpNetConfig config;   /* greeting_metadata owned */
  int64_t now_us;          /* of the call that is under way */
  NetSession *sessions;
  NetFlow *flows;
  RtmfpSlots items;
  RtmfpSlots publications;
  LIST_HEAD (, NetPublication) publication_list;
  uint64_t next_call;
  RtmfpNetEvent *events; /* (owned) a ring of what waits to be told */
  size_t event_first, event_count, event_capacity;
  RtmfpAddress own_addresses[RTMFP_NET_PEER_ADDRESSES_MAX];
  size_t own_address_count;
  RtmfpId connected_identity; /* that last served a connection to a server; 0 = none */
  /* what the newest event borrows from */
  RtmfpBuffer in;
  RtmfpCommand command;
  char name[RTMFP_NET_NAME_BYTES_MAX + 1];
  char code[RTMFP_NET_NAME_BYTES_MAX + 1];
  char text[RTMFP_NET_TEXT_BYTES_MAX + 1];
  RtmfpAddress addresses[RTMFP_NET_PEER_ADDRESSES_MAX];
  RtmfpBuffer out; /* one message being written */
  RtmfpNetCounters counters;
};

/* ---- net.c ---- */

/* An event to be told: zeroed but for type, session and empty texts; fill it before the next call
 * here. */
RtmfpNetEvent *net_tell (RtmfpNet *net, RtmfpNetEventType type, RtmfpId session);

/* ---- session.c ---- */

NetSession *net_find_session (const RtmfpNet *net, RtmfpId id);
/* Open and not condemned, its gate too; else NULL. */
NetSession *net_find_usable (const RtmfpNet *net, RtmfpId id);
void net_on_session_open (RtmfpNet *net, const RtmfpEvent *event);
void net_on_session_closed (RtmfpNet *net, const RtmfpEvent *event);
void net_free_session (RtmfpNet *net, NetSession *session);
void net_apply_options (RtmfpNet *net, NetSession *session);
/* Something broke its grammar: counted, and the session ends when that goes on. */
void net_fault (RtmfpNet *net, NetSession *session);
/* Ends the session at once (orderly on the wire). */
void net_condemn (RtmfpNet *net, NetSession *session);

/* ---- flow.c ---- */

NetFlow *net_find_flow (const RtmfpNet *net, RtmfpId id);
NetFlow *net_add_flow (RtmfpNet *net, NetSession *session, RtmfpId id, NetFlowKind kind,
                       NetItem *item);
/* Forgets it: the endpoint has ended it, or will. */
void net_remove_flow (RtmfpNet *net, NetFlow *flow);
void net_reject_flow (RtmfpNet *net, RtmfpId flow);
/* A receiving flow of the session waits to be taken. */
void net_on_flow_new (RtmfpNet *net, NetSession *session, RtmfpId id, RtmfpBytes metadata,
                      RtmfpId associated);
void net_take_held (RtmfpNet *net, NetSession *session);

void net_output_init (NetOutput *output);
void net_output_clear (NetOutput *output);
/* Opens it if need be. Returns: OK; STATE; LIMIT. */
RTMFP_MUST_USE RtmfpStatus net_output_open (RtmfpNet *net, NetSession *session, NetItem *item,
                                            NetOutputKind kind, RtmfpMediaKind media);
/* Returns: as rtmfp_endpoint_send(); FULL also while something waits. */
RTMFP_MUST_USE RtmfpStatus net_output_send (RtmfpNet *net, NetOutput *output, RtmfpBytes bytes,
                                            const RtmfpMessageOptions *options, uint64_t *number);
/* Sends now or as soon as there is room; too much waiting ends the session. */
void net_output_must_send (RtmfpNet *net, NetSession *session, NetOutput *output, RtmfpBytes bytes);
/* Ends the flow when all is sent; it opens no more. */
void net_output_close (RtmfpNet *net, NetOutput *output);
void net_output_flush (RtmfpNet *net, NetOutput *output);

/* Which receiving flow a sending one of this item is associated to. */
RtmfpId net_root_of (const NetSession *session, const NetItem *item);

/* The metadata's flow kinds want windows and orders of their own; accepts or (on failure) forgets.
 */
void net_accept_flow (RtmfpNet *net, NetFlow *flow, RtmfpOrder order, size_t window_bytes);

/* ---- receive.c ---- */

void net_on_message (RtmfpNet *net, NetFlow *flow, const RtmfpEvent *event);
void net_on_gap (RtmfpNet *net, NetFlow *flow, uint64_t count);
/* Makes C text of a value: "" when it is none or does not fit. */
void net_copy_text (const RtmfpAmfValue *value, char *text, size_t capacity);
/* A receiving flow of a stream of a NetConnection is given up: what waits with it goes on. */
void net_leave_barrier (RtmfpNet *net, const NetFlow *flow);
/* Puts the newest command's values into an event. */
void net_fill_command (const RtmfpNet *net, RtmfpNetEvent *event);
/* code and description of the information object at the head of the newest command's values. */
void net_read_information (RtmfpNet *net);

/* ---- connection.c ---- */

/* An empty net->out with header, name and transaction id in it. */
RtmfpBuffer *net_begin_command (RtmfpNet *net, const char *name, double transaction);
void net_on_connect (RtmfpNet *net, NetSession *session);
void net_on_peer_info (RtmfpNet *net, NetSession *session);
void net_on_keepalive (RtmfpNet *net, NetSession *session, const RtmfpUserControl *control);
/* The answer to our "connect". */
void net_on_connect_result (RtmfpNet *net, NetSession *session, bool accepted);
/* The far side ended its canonical control flow, or ours. */
void net_on_control_ended (RtmfpNet *net, NetSession *session, bool clean);
void net_check_down (RtmfpNet *net, NetSession *session);

/* ---- call.c ---- */

bool net_may_call (const RtmfpNet *net, const NetSession *session);
void net_on_call (RtmfpNet *net, NetSession *session);
void net_on_answer (RtmfpNet *net, NetSession *session, bool is_result);
/* Sends "_error" for a transaction of theirs; nothing when it wants no answer. */
void net_send_error (RtmfpNet *net, NetSession *session, double transaction, const char *code,
                     const char *description);
void net_fail_calls (RtmfpNet *net, NetSession *session);

/* ---- publish.c ---- */

NetItem *net_new_item (RtmfpNet *net, NetSession *session, bool is_player, uint32_t stream_id);
/* Closes and rejects what flows it has, and forgets it. */
void net_free_item (RtmfpNet *net, NetItem *item);
NetItem *net_find_item (const RtmfpNet *net, RtmfpId id, bool is_player);
/* Flow synchronisation across what an item sends, and one output more (may be NULL). */
void net_send_barrier (RtmfpNet *net, NetItem *item, NetOutput *more);
/* Sends a user control message, if not now then later. */
void net_send_control (RtmfpNet *net, NetItem *item, NetOutput *output,
                       const RtmfpUserControl *control);
/* onStatus on an item's control output. */
void net_send_status (RtmfpNet *net, NetItem *item, const char *level, const char *code,
                      const char *description);
void net_on_player_command (RtmfpNet *net, NetItem *player);
/* Its control flow is finished. */
void net_player_ended (RtmfpNet *net, NetItem *player);
void net_end_player (RtmfpNet *net, NetItem *player, const char *code);
/* A command that is the user's to understand. */
void net_tell_stream_command (RtmfpNet *net, NetItem *item);

/* ---- stream.c: streams of a NetConnection ---- */

/* A flow for that stream id: is it taken? */
bool net_take_stream_flow (RtmfpNet *net, NetSession *session, RtmfpId id,
                           const RtmfpTcMetadata *metadata, RtmfpId associated);
/* "createStream" and "deleteStream" at a server. Returns: whether it was one of them. */
bool net_on_create_or_delete (RtmfpNet *net, NetSession *session);
/* The answer to a "createStream" of ours? */
bool net_on_create_answer (RtmfpNet *net, NetSession *session, bool is_result);
/* A command on a flow of the stream. */
void net_on_connection_stream_command (RtmfpNet *net, NetItem *stream);
/* A user control event on one of its flows, or on stream id 0 (stream NULL: as it names). */
void net_on_connection_stream_control (RtmfpNet *net, NetSession *session, NetItem *stream,
                                       const RtmfpUserControl *control);
void net_on_stream_flow_finished (NetItem *stream);
/* Tells its end, with the newest information object when the server refused it. */
void net_connection_stream_ended (RtmfpNet *net, NetItem *stream, const char *code,
                                  const char *text);

/* ---- play.c ---- */

/* A stream id of ours that no other stream of the session has. */
uint32_t net_next_stream_id (NetSession *session);

void net_on_stream_command (RtmfpNet *net, NetItem *stream);
void net_on_stream_control (RtmfpNet *net, NetItem *stream, const RtmfpUserControl *control);
void net_on_media (RtmfpNet *net, NetFlow *flow, const RtmfpRtmpMessage *message, uint64_t number);
/* Several media messages in one. */
void net_on_aggregate (RtmfpNet *net, NetFlow *flow, const RtmfpRtmpMessage *message,
                       uint64_t number);
/* One of its return flows is finished. */
void net_on_media_flow_finished (RtmfpNet *net, NetItem *stream);
/* Its control flow was rejected, or its session ended. */
void net_stream_ended (RtmfpNet *net, NetItem *stream, bool clean, const char *code);

#endif
