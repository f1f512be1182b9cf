/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes encoded frames into a WebM file (Opus and VP8) as they come, time-stamps kept. What has
 * been written can be played even if the program is killed: live WebM (sizes unknown), one cluster
 * a second, each frame flushed. Source: RFC 8794 (EBML), RFC 9559 (Matroska), WebM container
 * guidelines. */
#ifndef APP_MEDIA_RECORDER_H
#define APP_MEDIA_RECORDER_H

#include "app/media/frame.h"

typedef struct AppRecorder AppRecorder;

/* Width and height of the video track as announced; frames of other sizes are written all the same.
 * 0 = no video track. */
AppRecorder *app_recorder_new (const char *path, int width, int height, GError **error);
/* Closes the file. Returns false with error set when something could not be written (disk full). */
bool app_recorder_free (AppRecorder *recorder, GError **error);

/* Any thread. time_us counts from the first frame written; video before its first key frame is
 * skipped. Returns false after a write has failed (nothing more is written; the file stays
 * playable). */
bool app_recorder_write (AppRecorder *recorder, const AppFrame *frame);

#endif
