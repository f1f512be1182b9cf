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

/* So much lost is some, much; less than 3/4 of it again is less. */
#define AHOY_AGENT_LOSS_SOME_PERMILLE 20
#define AHOY_AGENT_LOSS_MUCH_PERMILLE 80
/* A queue of so long is a crowd, and counts for so long; in two such times what was lost before is
 * forgotten. */
#define AHOY_AGENT_CROWD_US INT64_C (40000)
#define AHOY_AGENT_CROWDED_US INT64_C (5000000)

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

/* What is lost by chance on the way to the far side, as it tells each second, and how many copies
 * are sent against it. Where a queue stands the loss is not by chance: copies would make it longer.
 * Embedded; zero is a good beginning. */
typedef struct {
  bool is_told;
  uint32_t lost_permille; /* smoothed */
  unsigned level;         /* 0 little, 1 some, 2 much */
  int64_t crowded_us;     /* until then a queue is said to stand; 0 = never did */
} AhoyLossGauge;

/* The far side told what was lost in the last second; counts as nothing while a queue stands. */
void ahoy_loss_gauge_hear (AhoyLossGauge *gauge, uint32_t lost_permille, int64_t now_us);
/* How long the queue on the way there is now. */
void ahoy_loss_gauge_see_queue (AhoyLossGauge *gauge, int64_t queue_us, int64_t now_us);
/* Copies of each sound, and of what was lost and is sent again. */
unsigned ahoy_loss_gauge_copies (const AhoyLossGauge *gauge, int64_t now_us);
unsigned ahoy_loss_gauge_resend_copies (const AhoyLossGauge *gauge, int64_t now_us);

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
