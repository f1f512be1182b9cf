/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds and times of chats, for one contact each. */
#ifndef AHOY_CHAT_PARAMS_H
#define AHOY_CHAT_PARAMS_H

#include <stdint.h>

/* Own messages that are not delivered yet. The rest waits in the store. */
#define AHOY_CHAT_QUEUE_MAX 256
/* Messages on their way that nobody confirmed yet. */
#define AHOY_CHAT_IN_FLIGHT_MAX 32
/* Received messages that wait for the store to say "saved". */
#define AHOY_CHAT_SAVING_MAX 64
/* Ids of received messages kept to know doubles without asking the store. */
#define AHOY_CHAT_SEEN_MAX 512
/* Straight and no receipt for so long: the server gets it too, us. */
#define AHOY_CHAT_DIRECT_TIMEOUT_US INT64_C (5000000)
/* A direct way that was too slow is tried again after so long, us. */
#define AHOY_CHAT_DIRECT_AGAIN_US INT64_C (30000000)
/* The server says nothing for so long: it is asked again, us. */
#define AHOY_CHAT_SERVER_TIMEOUT_US INT64_C (15000000)
/* While a person types, "typing" is told this often at most, us. */
#define AHOY_CHAT_TYPING_EVERY_US INT64_C (3000000)
/* Heard nothing more for so long: they stopped, us. */
#define AHOY_CHAT_TYPING_FOR_US INT64_C (6000000)

/* Actions that wait to be polled: two for each message of the lists above fit, and receipts
 * besides. */
#define AHOY_CHAT_ACTIONS_MAX 1024

#endif
