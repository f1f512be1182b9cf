/* SPDX-License-Identifier: Apache-2.0 */
/* A file beside voice in one session: two flows, two priorities. Voice goes first and dies young,
 * the file takes what is left and loses nothing.
 *
 *   file-beside-voice PORT OUTPUT-FILE         receives both, writes the file, tells how voice came
 *   file-beside-voice ADDRESS:PORT FILE        sends the file, and "voice" as long as that takes
 *
 * Delay is told as between two programs on one machine, by one clock. */
#include "udp.h"

enum { FRAME_US = 20000, FRAME_BYTES = 160, FRAME_LIFE_US = 200000, PIECE_BYTES = 16384 };

typedef struct {
  Udp udp;
  FILE *file;
  RtmfpId session, voice, bulk;
  bool read; /* the whole file was queued */
  int64_t next_us;
  int frames;
  size_t file_bytes;
  int64_t slowest_us;
} Both;

static RtmfpId
open_flow (Both *both, const char *name, RtmfpPriority priority) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (name, strlen (name)),
                                  .priority = priority};
  RtmfpId flow = 0;
  must (rtmfp_endpoint_open_flow (both->udp.endpoint, both->session, &config, &flow) == RTMFP_OK,
        "open_flow");
  return flow;
}

static void
send_frame (Both *both) {
  uint8_t frame[FRAME_BYTES] = {0};
  const int64_t now_us = udp_now ();
  const RtmfpMessageOptions options = {.finish_by_us = now_us + FRAME_LIFE_US};
  memcpy (frame, &now_us, sizeof now_us);
  /* FULL: a frame that cannot even be queued is late. */
  if (rtmfp_endpoint_send (both->udp.endpoint, both->voice, rtmfp_bytes (frame, sizeof frame),
                           &options, now_us, NULL) == RTMFP_OK) {
    both->frames++;
  }
  both->next_us += FRAME_US;
}

/* Fills the file's flow until it says FULL; RTMFP_EVENT_FLOW_WRITABLE calls again. */
static void
send_file (Both *both) {
  uint8_t piece[PIECE_BYTES];
  size_t size;
  while (!both->read && (size = fread (piece, 1, sizeof piece, both->file)) > 0) {
    const RtmfpStatus status = rtmfp_endpoint_send (
        both->udp.endpoint, both->bulk, rtmfp_bytes (piece, size), NULL, udp_now (), NULL);
    if (status == RTMFP_FULL) {
      fseek (both->file, -(long)size, SEEK_CUR);
      return;
    }
    must (status == RTMFP_OK, "send");
    both->file_bytes += size;
  }
  if (!both->read) {
    both->read = true;
    rtmfp_endpoint_close_flow (both->udp.endpoint, both->bulk, udp_now ());
  }
}

static bool
take_sender_event (Both *both, const RtmfpEvent *event) {
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    both->voice = open_flow (both, "voice", RTMFP_PRIORITY_IMMEDIATE);
    both->bulk = open_flow (both, "file", RTMFP_PRIORITY_BULK);
    both->next_us = udp_now ();
    send_file (both);
  } else if (event->type == RTMFP_EVENT_FLOW_WRITABLE && event->flow == both->bulk) {
    send_file (both);
  } else if (event->type == RTMFP_EVENT_FLOW_CLOSED && event->flow == both->bulk) {
    printf ("sent: file %zu bytes, voice %d frames\n", both->file_bytes, both->frames);
    rtmfp_endpoint_close (both->udp.endpoint, both->session, false, udp_now ());
  }
  return event->type != RTMFP_EVENT_SESSION_CLOSED;
}

static bool
take_receiver_event (Both *both, const RtmfpEvent *event) {
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    const bool is_voice = event->bytes.size == 5 && memcmp (event->bytes.data, "voice", 5) == 0;
    both->voice = is_voice ? event->flow : both->voice;
    return rtmfp_endpoint_accept_flow (both->udp.endpoint, event->flow,
                                       is_voice ? RTMFP_ORDER_NETWORK : RTMFP_ORDER_SEQUENCE, 0,
                                       udp_now ()) == RTMFP_OK;
  }
  if (event->type == RTMFP_EVENT_FLOW_MESSAGE && event->flow != both->voice) {
    must (fwrite (event->bytes.data, 1, event->bytes.size, both->file) == event->bytes.size,
          "writing");
    both->file_bytes += event->bytes.size;
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE && event->bytes.size == FRAME_BYTES) {
    int64_t sent_us;
    memcpy (&sent_us, event->bytes.data, sizeof sent_us);
    const int64_t delay_us = udp_now () - sent_us;
    both->slowest_us = delay_us > both->slowest_us ? delay_us : both->slowest_us;
    both->frames++;
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED) {
    printf ("came: file %zu bytes, voice %d frames, the slowest in %.1f ms\n", both->file_bytes,
            both->frames, (double)both->slowest_us / 1000);
    return false;
  }
  return true;
}

int
main (int argc, char **argv) {
  must (argc == 3, "usage: file-beside-voice PORT OUTPUT | ADDRESS:PORT FILE; starting");
  const bool sends = strchr (argv[1], ':') != NULL;
  Both both = {.file = fopen (argv[2], sends ? "rb" : "wb")};
  must (both.file != NULL, "opening the file");
  udp_open (&both.udp, sends ? 0 : atoi (argv[1]));
  if (sends) {
    both.session = udp_connect (&both.udp, argv[1], NULL);
  }
  for (bool goes_on = true; goes_on;) {
    udp_step (&both.udp, sends && both.voice != 0 ? both.next_us : RTMFP_NEVER);
    RtmfpEvent event;
    while (goes_on && rtmfp_endpoint_poll_event (both.udp.endpoint, &event)) {
      goes_on = sends ? take_sender_event (&both, &event) : take_receiver_event (&both, &event);
    }
    while (goes_on && sends && both.voice != 0 && udp_now () >= both.next_us) {
      send_frame (&both);
    }
  }
  fclose (both.file);
  udp_free (&both.udp);
  return 0;
}
