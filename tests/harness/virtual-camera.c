/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtual-camera NAME NUMBER [FPS]: a camera on PipeWire, 640 x 480 or 1280 x 720, whose pictures
 * are stamped (stamp.h) with NUMBER and CLOCK_MONOTONIC in milliseconds at the moment they are
 * drawn. It survives consumers that come and go; SIGTERM unplugs it. It drives its own graph with a
 * timer, for a `pipewiresink mode=provide` hangs once its consumer has left. */
#include "tests/harness/stamp.h"

#include <pipewire/pipewire.h>
#include <signal.h>
#include <spa/param/video/format-utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define POD_BYTES 1024

typedef struct {
  struct pw_main_loop *loop;
  struct pw_stream *stream;
  struct spa_source *timer;
  int number, fps;
  int width, height; /* agreed on; 0 = not yet */
  uint64_t sequence;
} Camera;

static int64_t
now_ns (void) {
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static void
run_timer (Camera *camera, bool on) {
  struct timespec first = {0, on ? 1 : 0};
  struct timespec period = {0, on ? 1000000000 / camera->fps : 0};
  pw_loop_update_timer (pw_main_loop_get_loop (camera->loop), camera->timer, &first, &period,
                        false);
}

static void
on_timer (void *data, uint64_t expirations) {
  (void)expirations;
  pw_stream_trigger_process (((Camera *)data)->stream);
}

static void
stamp_header (Camera *camera, struct spa_buffer *buffer, int64_t time_ns) {
  struct spa_meta_header *header =
      spa_buffer_find_meta_data (buffer, SPA_META_Header, sizeof *header);
  if (header != NULL) {
    *header = (struct spa_meta_header){.pts = time_ns, .seq = camera->sequence};
  }
}

static void
on_process (void *data) {
  Camera *camera = data;
  struct pw_buffer *buffer = pw_stream_dequeue_buffer (camera->stream);
  if (buffer == NULL) {
    return;
  }
  struct spa_data *plane = &buffer->buffer->datas[0];
  const int64_t time_ns = now_ns ();
  if (plane->data != NULL && camera->width > 0) {
    stamp_draw_i420 (plane->data, camera->width, camera->height, (uint8_t)camera->number,
                     (uint32_t)(time_ns / 1000000));
    plane->chunk->offset = 0;
    plane->chunk->stride = camera->width;
    plane->chunk->size = (uint32_t)(camera->width * camera->height * 3 / 2);
    stamp_header (camera, buffer->buffer, time_ns);
    camera->sequence++;
  }
  pw_stream_queue_buffer (camera->stream, buffer);
}

static void
on_state_changed (void *data, enum pw_stream_state old, enum pw_stream_state state,
                  const char *error) {
  Camera *camera = data;
  run_timer (camera, state == PW_STREAM_STATE_STREAMING);
  if (state == PW_STREAM_STATE_ERROR ||
      (state == PW_STREAM_STATE_UNCONNECTED && old != PW_STREAM_STATE_UNCONNECTED)) {
    fprintf (stderr, "virtual-camera: %s\n", error != NULL ? error : "PipeWire has gone");
    pw_main_loop_quit (camera->loop);
  }
}

static void
on_param_changed (void *data, uint32_t id, const struct spa_pod *param) {
  Camera *camera = data;
  struct spa_video_info_raw info = {0};
  if (param == NULL || id != SPA_PARAM_Format || spa_format_video_raw_parse (param, &info) < 0) {
    return;
  }
  camera->width = (int)info.size.width;
  camera->height = (int)info.size.height;
  const int size = camera->width * camera->height * 3 / 2;
  uint8_t bytes[POD_BYTES];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (bytes, sizeof bytes);
  const struct spa_pod *params[2];
  params[0] = spa_pod_builder_add_object (
      &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
      SPA_POD_CHOICE_RANGE_Int (4, 2, 8), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
      SPA_PARAM_BUFFERS_size, SPA_POD_Int (size), SPA_PARAM_BUFFERS_stride,
      SPA_POD_Int (camera->width));
  params[1] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
                                          SPA_PARAM_META_type, SPA_POD_Id (SPA_META_Header),
                                          SPA_PARAM_META_size,
                                          SPA_POD_Int (sizeof (struct spa_meta_header)));
  pw_stream_update_params (camera->stream, params, 2);
}

static const struct pw_stream_events events = {
    PW_VERSION_STREAM_EVENTS,
    .state_changed = on_state_changed,
    .param_changed = on_param_changed,
    .process = on_process,
};

static void
on_signal (void *data, int number) {
  (void)number;
  pw_main_loop_quit (((Camera *)data)->loop);
}

static int
connect_stream (Camera *camera) {
  uint8_t bytes[POD_BYTES];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (bytes, sizeof bytes);
  struct spa_rectangle vga = SPA_RECTANGLE (640, 480), hd = SPA_RECTANGLE (1280, 720);
  struct spa_fraction rate = SPA_FRACTION ((uint32_t)camera->fps, 1);
  const struct spa_pod *format = spa_pod_builder_add_object (
      &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType,
      SPA_POD_Id (SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype,
      SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
      SPA_POD_Id (SPA_VIDEO_FORMAT_I420), SPA_FORMAT_VIDEO_size,
      SPA_POD_CHOICE_ENUM_Rectangle (3, &vga, &vga, &hd), SPA_FORMAT_VIDEO_framerate,
      SPA_POD_Fraction (&rate));
  return pw_stream_connect (camera->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                            PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS, &format, 1);
}

int
main (int argc, char **argv) {
  if (argc < 3) {
    fprintf (stderr, "usage: virtual-camera NAME NUMBER [FPS]\n");
    return 2;
  }
  pw_init (&argc, &argv);
  Camera camera = {.number = atoi (argv[2]), .fps = argc > 3 ? atoi (argv[3]) : 30};
  camera.loop = pw_main_loop_new (NULL);
  struct pw_loop *loop = pw_main_loop_get_loop (camera.loop);
  pw_loop_add_signal (loop, SIGINT, on_signal, &camera);
  pw_loop_add_signal (loop, SIGTERM, on_signal, &camera);
  camera.timer = pw_loop_add_timer (loop, on_timer, &camera);
  camera.stream = pw_stream_new_simple (
      loop, argv[1],
      pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera",
                         PW_KEY_NODE_NAME, argv[1], PW_KEY_NODE_DESCRIPTION, argv[1], NULL),
      &events, &camera);
  if (camera.stream == NULL || connect_stream (&camera) < 0) {
    fprintf (stderr, "virtual-camera: cannot reach PipeWire\n");
    return 1;
  }
  pw_main_loop_run (camera.loop);
  pw_stream_destroy (camera.stream);
  pw_main_loop_destroy (camera.loop);
  return 0;
}
