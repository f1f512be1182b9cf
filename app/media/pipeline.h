/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: what all its pipelines have in common: one clock, messages on a context,
 * files in a loop. */
#ifndef APP_MEDIA_PIPELINE_H
#define APP_MEDIA_PIPELINE_H

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

/* The base time that sound pipelines share, so that their running times can be compared (echo
 * cancelling). */
GstClockTime app_pipeline_get_epoch (void);

/* An empty pipeline on the system's monotonic clock (g_get_monotonic_time's). Returns: (owned). */
GstElement *app_pipeline_new (GstClockTime base_time);

/* Tells a pipeline's messages on context. Returns: (owned); destroy and unref it. */
GSource *app_pipeline_watch (GstElement *pipeline, GMainContext *context, GstBusFunc function,
                             void *data);

/* When a buffer was captured: monotonic microseconds. element: any of its pipeline. */
int64_t app_pipeline_time_us (GstElement *element, const GstSegment *segment,
                              const GstBuffer *buffer);

/* filesrc and decodebin for the first stream of these raw caps, linked to the sink pad "sink" of
 * tail once it is known. Both are added to pipeline. */
void app_pipeline_add_file (GstElement *pipeline, const char *path, const char *caps,
                            GstElement *tail);

/* A file's way from PAUSED to playing, in a loop when `again`: set the pipeline to PAUSED and hand
 * each message to this. Returns false when the file is at its end and cannot be sought (or is not
 * to be played again): close it, open it anew. */
bool app_pipeline_play_file (GstElement *pipeline, GstMessage *message, bool again);

#endif
