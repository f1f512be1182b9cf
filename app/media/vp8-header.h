/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The uncompressed header of a VP8 frame (RFC 6386 s9.1). */
#ifndef APP_MEDIA_VP8_HEADER_H
#define APP_MEDIA_VP8_HEADER_H

#include <glib.h>
#include <stdbool.h>

/* Returns false when these bytes are no key frame of VP8; else its size in pixels. */
bool app_vp8_header_read (GBytes *frame, int *width, int *height);

#endif
