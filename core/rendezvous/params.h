/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people and strangers may make a rendezvous hold, and its times: chosen by us. */
#ifndef AHOY_RENDEZVOUS_PARAMS_H
#define AHOY_RENDEZVOUS_PARAMS_H

#include <stdint.h>

#define AHOY_DEVICE_ID_SIZE 16
/* Texts that people give, bytes of UTF-8 without the end. */
#define AHOY_DISPLAY_NAME_BYTES_MAX 128
#define AHOY_DEVICE_LABEL_BYTES_MAX 64
#define AHOY_REQUEST_TEXT_BYTES_MAX 256
/* Names under which one server is known: its own and others. */
#define AHOY_SERVER_HOSTS_MAX 16

/* ---- Sessions ---- */
#define AHOY_SERVER_KEY_PAIRS_AHEAD 16 /* made while no handshake waits */

/* Sessions at once. */
#define AHOY_VISITORS_MAX 20000
/* From one IP address (of IPv6, one network of 64 bits) at once. */
#define AHOY_VISITORS_PER_IP_MAX 256
/* The far side's proof must have come by then, and a connect with it. */
#define AHOY_GREETING_TIMEOUT_US (10 * INT64_C (1000000))
/* A session that proved a key must enter an account by then. */
#define AHOY_ENTER_TIMEOUT_US (300 * INT64_C (1000000))
/* Silence after which we ping, and unanswered data after which the session is dead. */
#define AHOY_SERVER_KEEPALIVE_US (30 * INT64_C (1000000))
#define AHOY_SERVER_RETRANSMIT_LIMIT_US (20 * INT64_C (1000000))
/* What clients are advised (RFC 7425 s5.3.4), milliseconds. */
#define AHOY_ADVISED_SERVER_KEEPALIVE_US INT64_C (20000000)
#define AHOY_ADVISED_PEER_KEEPALIVE_US INT64_C (10000000)
/* IPv6 addresses that an asker told, to which the target answers too. */
#define AHOY_FORWARDS_TOLD_MAX 4
/* Direct sessions may outlive the session with the server for so long, seconds, where nothing else
 * is configured; told at enter. */
#define AHOY_GRACE_S 600

/* ---- What one person may have ---- */

/* Devices that are known; one more forgets the one that was away longest. */
#define AHOY_DEVICES_MAX 16
/* Roster entries of any relation. */
#define AHOY_CONTACTS_MAX 1000
/* Requests of others that wait for an answer. */
#define AHOY_ASKED_MAX 100
/* Invites that are neither used nor expired. */
#define AHOY_INVITES_MAX 50
#define AHOY_INVITE_LIFE_MS (7 * INT64_C (86400000))
/* Messages and receipts that wait for one device, and their bytes. */
#define AHOY_QUEUE_ITEMS_MAX 5000
#define AHOY_QUEUE_BYTES_MAX (32 * INT64_C (1048576))
/* Ids of delivered messages are known as doubles for so long. */
#define AHOY_MESSAGE_MEMORY_MS (30 * INT64_C (86400000))

/* ---- Work under way ---- */

/* Requests to the store of one session, messages of one session (as many calls as core/net lets
 * wait for an answer), and all. */
#define AHOY_STORE_JOBS_PER_VISITOR_MAX 64
#define AHOY_MESSAGE_JOBS_PER_VISITOR_MAX 256
#define AHOY_STORE_JOBS_MAX 8192
/* While a message was refused for now, those behind it wait for it so long. */
#define AHOY_MESSAGE_HELD_US (30 * INT64_C (1000000))
/* Stored messages on their way to one device, and how many are read at once. */
#define AHOY_DELIVER_WINDOW 32
#define AHOY_DELIVER_BYTES_MAX (256 * 1024)
/* A device that could not keep a message gets it again after so long. */
#define AHOY_DELIVER_RETRY_US (30 * INT64_C (1000000))

/* ---- Calls and introductions ---- */

/* Calls that one device has begun, and that ring on one device. */
#define AHOY_CALLS_PER_DEVICE_MAX 8
#define AHOY_CALLS_MAX 10000
#define AHOY_CALL_RING_LIMIT_US (60 * INT64_C (1000000))
/* The body of a signal, bytes of AMF0. */
#define AHOY_SIGNAL_BODY_BYTES_MAX 4096
/* Handles alive of one asker, and how long each is. */
#define AHOY_HANDLES_PER_VISITOR_MAX 16
#define AHOY_HANDLE_SIZE 16
#define AHOY_HANDLE_LIFE_US (30 * INT64_C (1000000))
/* The target answers "expect" by then. */
#define AHOY_EXPECT_TIMEOUT_US (10 * INT64_C (1000000))
/* Introductions that wait for their target's answer, of one asker. */
#define AHOY_INTRODUCTIONS_PER_VISITOR_MAX 8

/* ---- Relays ---- */

#define AHOY_RELAY_SECRET_BYTES_MAX 256
/* One access to the relays is good for so long, seconds; clients ask again at half of it. Long
 * enough that who comes back after a weekend to a network without UDP gets in. */
#define AHOY_RELAY_SECONDS (72 * INT64_C (3600))

/* ---- Rates: a bucket of so many, and the time in which one comes back. ---- */

/* Sign-ins for one name from one IP address; for one name from anywhere; from one address. */
#define AHOY_SIGN_IN_BURST 6
#define AHOY_SIGN_IN_EVERY_US (15 * INT64_C (1000000))
#define AHOY_SIGN_IN_NAME_BURST 60
#define AHOY_SIGN_IN_NAME_EVERY_US (5 * INT64_C (1000000))
#define AHOY_SIGN_IN_IP_BURST 60
#define AHOY_SIGN_IN_IP_EVERY_US (2 * INT64_C (1000000))
/* Accounts made from one IP address. */
#define AHOY_CREATE_BURST 20
#define AHOY_CREATE_EVERY_US (60 * INT64_C (1000000))
/* Calls of one session, of any other kind. */
#define AHOY_COMMAND_BURST 300
#define AHOY_COMMAND_EVERY_US INT64_C (20000)
/* Messages of one session. Far above what a person writes, since one that is refused comes after
 * those behind it. */
#define AHOY_MESSAGE_BURST 2000
#define AHOY_MESSAGE_EVERY_US INT64_C (10000)
/* Contact requests of one person. */
#define AHOY_REQUEST_BURST 30
#define AHOY_REQUEST_EVERY_US (30 * INT64_C (1000000))
/* Invites tried by one person. */
#define AHOY_REDEEM_BURST 10
#define AHOY_REDEEM_EVERY_US (10 * INT64_C (1000000))
/* Offers of one person. */
#define AHOY_OFFER_BURST 10
#define AHOY_OFFER_EVERY_US (3 * INT64_C (1000000))
/* Buckets kept; beyond it the one that was used longest ago goes. */
#define AHOY_BUCKETS_MAX 16384

#endif
