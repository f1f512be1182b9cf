/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds and times of one signed-in person's program. */
#ifndef AHOY_AGENT_PARAMS_H
#define AHOY_AGENT_PARAMS_H

#include <stdint.h>

#define AHOY_AGENT_SECOND_US INT64_C (1000000)

/* People in one roster; the server has a bound of its own. */
#define AHOY_AGENT_CONTACTS_MAX 4096
/* Devices of other people that are remembered by number (the oldest unused is forgotten). */
#define AHOY_AGENT_DEVICES_MAX 256
/* Direct sessions at once. */
#define AHOY_AGENT_LINKS_MAX 64
/* Calls to the server that wait for their answer. */
#define AHOY_AGENT_REQUESTS_MAX 200
/* Addresses of this machine that are told to the server. */
#define AHOY_AGENT_LOCAL_ADDRESSES_MAX 16
/* Addresses of a server. */
#define AHOY_AGENT_SERVER_ADDRESSES_MAX 8

/* From the first hello to a verified server, us. */
#define AHOY_AGENT_SIGN_IN_US (20 * AHOY_AGENT_SECOND_US)
/* From session open to the far side's proof, us. */
#define AHOY_AGENT_GREETING_US (10 * AHOY_AGENT_SECOND_US)
/* First wait before the server is tried again (each time 0.5 to 1.5 of it, so that a restarted
 * server's clients come back spread out), us; doubles up to the largest. */
#define AHOY_AGENT_RETRY_FIRST_US (1 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_RETRY_MOST_US (30 * AHOY_AGENT_SECOND_US)
/* Silence on the server's session before we ping, and how long unanswered before it is lost, us. */
#define AHOY_AGENT_SERVER_KEEPALIVE_US (10 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_SERVER_LOST_US (20 * AHOY_AGENT_SECOND_US)
/* The same for direct sessions: an outage of so long ends no call where nobody chose another time
 * (between the two bounds). A call ends when nothing came for that and SLACK more, for who hears
 * the far side again. */
#define AHOY_AGENT_LINK_KEEPALIVE_US (5 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_PATIENCE_US (60 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_PATIENCE_LEAST_US (10 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_PATIENCE_MOST_US (600 * AHOY_AGENT_SECOND_US)
#define AHOY_AGENT_PATIENCE_SLACK_US (5 * AHOY_AGENT_SECOND_US)
/* In a call the far side is asked each so long while it is silent, us; after so long a silence the
 * server is asked too, so that it notices a move of ours, and again each PATH_ASK. */
#define AHOY_AGENT_LINK_PROBE_US (AHOY_AGENT_SECOND_US / 10)
#define AHOY_AGENT_PATH_SILENT_US (AHOY_AGENT_SECOND_US * 6 / 100)
#define AHOY_AGENT_PATH_ASK_US (AHOY_AGENT_SECOND_US / 2)
/* A line so thin that a picture fills it is silent too: only after so long a relay is tried, where
 * all that is sent takes the same line twice, us. */
#define AHOY_AGENT_PATH_RELAY_US (AHOY_AGENT_SECOND_US / 2)
/* The same where it may be now: each so long, us. */
#define AHOY_AGENT_PATH_LOOK_US (AHOY_AGENT_SECOND_US / 20)
/* Routers between the other addresses of the two are kept open: a packet each so long, us. */
#define AHOY_AGENT_KEEP_OPEN_US (10 * AHOY_AGENT_SECOND_US)
/* IPv6 addresses of the far side of a call that are kept; more are ignored. */
#define AHOY_AGENT_FAR_ADDRESSES_MAX 4
/* Silence of the far side in a call before "reconnecting" is shown, us. */
#define AHOY_AGENT_RECONNECTING_US (2 * AHOY_AGENT_SECOND_US)
/* A direct session nobody used for so long is closed, us. */
#define AHOY_AGENT_LINK_IDLE_US (600 * AHOY_AGENT_SECOND_US)
/* Direct sessions outlive their server so long where the server said nothing, us. */
#define AHOY_AGENT_GRACE_US (600 * AHOY_AGENT_SECOND_US)
/* A direct session for messages is tried again after a failure, us. */
#define AHOY_AGENT_CHAT_LINK_RETRY_US (60 * AHOY_AGENT_SECOND_US)
/* A direct session lives so long after its call, for the goodbyes, us. */
#define AHOY_AGENT_LINK_LINGER_US (2 * AHOY_AGENT_SECOND_US)
/* Who stops in a call lets its hang-up leave before the sessions close, us. */
#define AHOY_AGENT_GOODBYE_US (AHOY_AGENT_SECOND_US / 8)
/* How long to try to open a direct session, us. */
#define AHOY_AGENT_LINK_OPEN_US (25 * AHOY_AGENT_SECOND_US)

/* The interface that is the relay. */
#define AHOY_AGENT_RELAY_INTERFACE 1
/* Hellos go by the relay so much later than straight, and two round trips to the server, us. */
#define AHOY_AGENT_RELAY_DELAY_US (AHOY_AGENT_SECOND_US / 4)
/* Not on line for so long: the relay is tried, us. */
#define AHOY_AGENT_RELAY_AWAY_US (3 * AHOY_AGENT_SECOND_US / 2)
/* It is given up so long after it was needed last, us. */
#define AHOY_AGENT_RELAY_LINGER_US (15 * AHOY_AGENT_SECOND_US)
/* Access is asked for at most so often, us. */
#define AHOY_AGENT_RELAY_ASK_US (30 * AHOY_AGENT_SECOND_US)
/* The server is silent for so long: it is asked by the relay, us. */
#define AHOY_AGENT_SERVER_SILENT_US (12 * AHOY_AGENT_SECOND_US)
/* A call on a relay is tried straight so often, so many times; then so often, us. */
#define AHOY_AGENT_LEAVE_FIRST_US (AHOY_AGENT_SECOND_US / 4)
#define AHOY_AGENT_LEAVE_TRIES 20
#define AHOY_AGENT_LEAVE_LATER_US (5 * AHOY_AGENT_SECOND_US)

/* An audio frame is given up when it was not sent after so long, or not acknowledged, us. */
#define AHOY_AGENT_AUDIO_START_US 200000
#define AHOY_AGENT_AUDIO_FINISH_US 400000
/* Between two requests to our own encoder for a key frame, us. */
#define AHOY_AGENT_ASK_KEY_US 300000
/* From so long a round trip on each audio frame is sent once only, us. */
#define AHOY_AGENT_AUDIO_ONCE_US 250000
/* The same for a picture. */
#define AHOY_AGENT_VIDEO_START_US 300000
#define AHOY_AGENT_VIDEO_FINISH_US 1000000

#endif
