/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/frame.h"

AppFrame
app_frame_copy (const AppFrame *frame) {
  AppFrame copy = *frame;
  copy.bytes = g_bytes_ref (frame->bytes);
  return copy;
}

void
app_frame_clear (AppFrame *frame) {
  g_clear_pointer (&frame->bytes, g_bytes_unref);
}
