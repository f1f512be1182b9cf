/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a call's pictures get through: how long each took from being handed over to its
 * acknowledgement, and how long the oldest has been waiting. */
#ifndef AHOY_AGENT_MEDIA_PATH_H
#define AHOY_AGENT_MEDIA_PATH_H

#include "core/agent/agent.h"

/* Pictures under way that are followed; of more, the newest are not. */
#define AHOY_AGENT_PICTURES_MAX 64
/* The quickest of so many counts: one that was lost on the way and sent again says nothing of a
 * queue, for a queue holds up all. */
#define AHOY_AGENT_PICTURE_DELAYS 3
#define AHOY_AGENT_QUEUE_PERIOD_US INT64_C (30000000)
#define AHOY_AGENT_QUEUE_STALE_US INT64_C (500000)

typedef struct {
  uint64_t number; /* of its message */
  int64_t since_us;
  size_t bytes;
} AhoyPictureOnWay;

/* How long the far side's sounds lie in queues on their way to us: over the quickest of the last
 * one to two periods. Embedded; zero is a good beginning. */
typedef struct {
  int64_t least_us[2]; /* clock difference and path of the quickest: this and the last period */
  int64_t period_us;   /* when this period ends */
  int64_t late_us[AHOY_AGENT_PICTURE_DELAYS]; /* of the last sounds, in turn */
  unsigned turn;
  int64_t heard_us; /* when the last one came; 0 = never */
} AhoyIncomingQueue;

void ahoy_incoming_queue_hear (AhoyIncomingQueue *queue, uint32_t timestamp_ms, int64_t now_us);
/* 0 as well when nothing is heard. */
int64_t ahoy_incoming_queue_us (const AhoyIncomingQueue *queue, int64_t now_us);

/* Embedded; zero is a good beginning. */
typedef struct {
  AhoyPictureOnWay pictures[AHOY_AGENT_PICTURES_MAX]; /* oldest first */
  size_t count;
  uint64_t delivered_bytes, delivered, given_up;
  uint64_t newest;                              /* number of the newest one delivered */
  int64_t delays_us[AHOY_AGENT_PICTURE_DELAYS]; /* of the last ones delivered, in turn */
} AhoyMediaTracker;

void ahoy_media_tracker_sent (AhoyMediaTracker *tracker, uint64_t number, size_t bytes,
                              int64_t now_us);
void ahoy_media_tracker_ended (AhoyMediaTracker *tracker, uint64_t number, bool delivered,
                               int64_t now_us);
/* A picture was not taken at all: the buffer is full. */
void ahoy_media_tracker_refused (AhoyMediaTracker *tracker);
/* Fills what the tracker knows of path. */
void ahoy_media_tracker_tell (const AhoyMediaTracker *tracker, int64_t now_us, AhoyMediaPath *path);

#endif
