/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/frame.h"

typedef struct {
  AppFrame frame; /* owned */
} Entry;

struct AppFrameQueue {
  GMutex mutex;
  GQueue frames; /* of Entry */
  size_t bytes;
  size_t most_frames;
  size_t most_bytes;
  uint64_t dropped;
  bool lost_video;
  bool wants_key; /* video before the next key frame is of no use */
  void (*wake) (void *data);
  void *data;
};

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

AppFrameQueue *
app_frame_queue_new (size_t most_frames, size_t most_bytes, void (*wake) (void *data), void *data) {
  AppFrameQueue *queue = g_new0 (AppFrameQueue, 1);
  g_mutex_init (&queue->mutex);
  g_queue_init (&queue->frames);
  queue->most_frames = most_frames;
  queue->most_bytes = most_bytes;
  queue->wake = wake;
  queue->data = data;
  return queue;
}

static void
free_entry (Entry *entry) {
  app_frame_clear (&entry->frame);
  g_free (entry);
}

void
app_frame_queue_free (AppFrameQueue *queue) {
  if (queue == NULL) {
    return;
  }
  Entry *entry;
  while ((entry = g_queue_pop_head (&queue->frames)) != NULL) {
    free_entry (entry);
  }
  g_mutex_clear (&queue->mutex);
  g_free (queue);
}

static void
drop_link (AppFrameQueue *queue, GList *link) {
  Entry *entry = link->data;
  queue->bytes -= g_bytes_get_size (entry->frame.bytes);
  queue->dropped++;
  free_entry (entry);
  g_queue_delete_link (&queue->frames, link);
}

/* Returns false when there was no video to drop. */
static bool
drop_video (AppFrameQueue *queue) {
  bool any = false;
  for (GList *link = queue->frames.head, *next; link != NULL; link = next) {
    next = link->next;
    if (((Entry *)link->data)->frame.kind == APP_FRAME_VIDEO) {
      drop_link (queue, link);
      any = true;
    }
  }
  if (any) {
    queue->lost_video = queue->wants_key = true;
  }
  return any;
}

static bool
is_full (const AppFrameQueue *queue, size_t more) {
  return queue->frames.length >= queue->most_frames || queue->bytes + more > queue->most_bytes;
}

/* Returns false when the frame itself has to go. */
static bool
make_room (AppFrameQueue *queue, const AppFrame *frame) {
  if (frame->kind == APP_FRAME_VIDEO && queue->wants_key && !frame->is_key) {
    return false;
  }
  const size_t size = g_bytes_get_size (frame->bytes);
  while (is_full (queue, size)) {
    if (drop_video (queue)) {
      continue;
    }
    if (frame->kind == APP_FRAME_VIDEO || queue->frames.head == NULL) {
      queue->lost_video |= frame->kind == APP_FRAME_VIDEO;
      queue->wants_key |= frame->kind == APP_FRAME_VIDEO;
      return false;
    }
    drop_link (queue, queue->frames.head);
  }
  return !(frame->kind == APP_FRAME_VIDEO && queue->wants_key && !frame->is_key);
}

static void
put (void *data, const AppFrame *frame) {
  AppFrameQueue *queue = data;
  g_mutex_lock (&queue->mutex);
  bool wakes = false;
  if (make_room (queue, frame)) {
    if (frame->kind == APP_FRAME_VIDEO) {
      queue->wants_key = false;
    }
    Entry *entry = g_new (Entry, 1);
    entry->frame = app_frame_copy (frame);
    wakes = queue->frames.length == 0;
    g_queue_push_tail (&queue->frames, entry);
    queue->bytes += g_bytes_get_size (frame->bytes);
  } else {
    queue->dropped++;
  }
  g_mutex_unlock (&queue->mutex);
  if (wakes && queue->wake != NULL) {
    queue->wake (queue->data);
  }
}

AppFrameSink
app_frame_queue_sink (AppFrameQueue *queue) {
  return (AppFrameSink){.take = put, .data = queue};
}

bool
app_frame_queue_take (AppFrameQueue *queue, AppFrame *frame) {
  g_mutex_lock (&queue->mutex);
  Entry *entry = g_queue_pop_head (&queue->frames);
  if (entry != NULL) {
    queue->bytes -= g_bytes_get_size (entry->frame.bytes);
    *frame = entry->frame;
    g_free (entry);
  }
  g_mutex_unlock (&queue->mutex);
  return entry != NULL;
}

uint64_t
app_frame_queue_dropped (AppFrameQueue *queue, bool *lost_video) {
  g_mutex_lock (&queue->mutex);
  const uint64_t dropped = queue->dropped;
  *lost_video = queue->lost_video;
  queue->lost_video = false;
  g_mutex_unlock (&queue->mutex);
  return dropped;
}
