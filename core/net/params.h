/* SPDX-License-Identifier: Apache-2.0 */
/* What one far side may make core/net hold: bounds and times, chosen by us unless a source is
 * named. */
#ifndef RTMFP_NET_PARAMS_H
#define RTMFP_NET_PARAMS_H

#include <stdint.h>

/* New flows that wait in one session until its gate opens. */
#define RTMFP_NET_HELD_FLOWS_MAX 16
/* Receiving flows for stream id 0 in one session. */
#define RTMFP_NET_CONTROL_FLOWS_MAX 8
/* Return flows of one stream that we play. */
#define RTMFP_NET_MEDIA_FLOWS_MAX 16
/* Calls that wait for our answer, or for theirs, in one session (each). */
#define RTMFP_NET_CALLS_MAX 256
/* Players of one session at our publications; also streams of one session that we play, and streams
 * of one NetConnection. */
#define RTMFP_NET_PLAYERS_MAX 32
/* Receiving flows of all streams of one NetConnection, and the window of each, bytes: a message
 * must fit. */
#define RTMFP_NET_STREAM_FLOWS_MAX 32
#define RTMFP_NET_STREAM_WINDOW_BYTES (1024 * 1024)
/* Messages in one aggregate message. */
#define RTMFP_NET_AGGREGATE_MAX 1024
/* Publications of one endpoint. */
#define RTMFP_NET_PUBLICATIONS_MAX 1024
/* Length of a stream's or command's name, bytes. */
#define RTMFP_NET_NAME_BYTES_MAX 255
/* Length of a description or URL that is told, bytes; a longer one is told as "". */
#define RTMFP_NET_TEXT_BYTES_MAX 1023
/* One greeting message. */
#define RTMFP_NET_GREETING_BYTES_MAX 16384
/* One command, both ways. */
#define RTMFP_NET_COMMAND_BYTES_MAX (1024 * 1024)
/* Candidate addresses of one setPeerInfo. */
#define RTMFP_NET_PEER_ADDRESSES_MAX 16
/* Answers and status messages of ours that wait in net because the control flow is full; more ends
 * the session. */
#define RTMFP_NET_BACKLOG_BYTES_MAX (4 * 1024 * 1024)
/* Messages that fail their grammar in one session before it is closed. */
#define RTMFP_NET_FAULTS_MAX 16

/* Buffers of sending flows, bytes. */
#define RTMFP_NET_CONTROL_BUFFER_BYTES (2 * 1024 * 1024)
#define RTMFP_NET_AUDIO_BUFFER_BYTES (64 * 1024)
#define RTMFP_NET_VIDEO_BUFFER_BYTES (2 * 1024 * 1024)
#define RTMFP_NET_DATA_BUFFER_BYTES (1024 * 1024)
/* Windows of receiving flows, bytes: at least one message of the largest size on control flows. */
#define RTMFP_NET_CONTROL_WINDOW_BYTES (2 * 1024 * 1024)
#define RTMFP_NET_GREETING_WINDOW_BYTES (64 * 1024)

/* Keepalive periods that a server may advise, RFC 7425 s5.3.4: at least five seconds. */
#define RTMFP_NET_KEEPALIVE_US_MIN (5 * INT64_C (1000000))
#define RTMFP_NET_KEEPALIVE_US_MAX (600 * INT64_C (1000000))

#endif
