/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/capture-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct AppCaptureFile {
  FILE *stream; /* (owned) */
  char *path;   /* (owned) */
  gboolean failed;
  char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
};

static void
put_line (AppCaptureFile *file, size_t size) {
  if (!file->failed && fwrite (file->line, 1, size, file->stream) != size) {
    file->failed = TRUE;
    g_warning ("The capture %s is not complete: %s", file->path, g_strerror (errno));
  }
}

AppCaptureFile *
app_capture_file_new (const char *path, const char *title, GError **error) {
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE *stream = fd >= 0 && fchmod (fd, 0600) == 0 ? fdopen (fd, "w") : NULL;
  if (stream == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "The capture cannot be written to %s: %s", path, g_strerror (errno));
    if (fd >= 0) {
      close (fd);
    }
    return NULL;
  }
  AppCaptureFile *file = g_new0 (AppCaptureFile, 1);
  file->stream = stream;
  file->path = g_strdup (path);
  put_line (file, rtmfp_capture_write_header (title, file->line, sizeof file->line));
  return file;
}

void
app_capture_file_free (AppCaptureFile *file) {
  if (file == NULL) {
    return;
  }
  if (fclose (file->stream) != 0 && !file->failed) {
    g_warning ("The capture %s is not complete: %s", file->path, g_strerror (errno));
  }
  g_free (file->path);
  g_free (file);
}

void
app_capture_file_drain (AppCaptureFile *file,
                        bool (*poll) (void *machine, RtmfpCaptureEvent *event), void *machine) {
  RtmfpCaptureEvent event;
  while (poll (machine, &event)) {
    put_line (file, rtmfp_capture_write_json (&event, file->line, sizeof file->line));
  }
  if (!file->failed && fflush (file->stream) != 0) {
    file->failed = TRUE;
    g_warning ("The capture %s is not complete: %s", file->path, g_strerror (errno));
  }
}
