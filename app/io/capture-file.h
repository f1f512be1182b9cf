/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture of one's own sessions in a file: one JSON object a line, as core/session/capture.h
 * writes them. */
#ifndef APP_IO_CAPTURE_FILE_H
#define APP_IO_CAPTURE_FILE_H

#include "core/session/capture.h"

#include <gio/gio.h>

typedef struct AppCaptureFile AppCaptureFile;

/* Begins the file anew, for its owner's eyes only (mode 0600), with its first line. title: who
 * writes it. Returns: (owned), or NULL with error: one sentence. */
AppCaptureFile *app_capture_file_new (const char *path, const char *title, GError **error);
/* What was written is in the file after this. NULL is fine. */
void app_capture_file_free (AppCaptureFile *file);

/* Writes all that poll(machine, event) hands out. What the disk does not take is lost: that is told
 * once, and no more is written. */
void app_capture_file_drain (AppCaptureFile *file,
                             bool (*poll) (void *machine, RtmfpCaptureEvent *event), void *machine);

#endif
