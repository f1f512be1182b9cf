/* SPDX-License-Identifier: Apache-2.0 */
/* Echo: the server sends each message back on a return flow of the flow on which it came.
 *
 *   echo PORT                     the server
 *   echo ADDRESS:PORT TEXT...     sends each text, prints what comes back, ends
 *
 * With --capture FILE before these, what happens is written there; with --capture-keys FILE the
 * keys, too, so that Wireshark shows all (docs/library.md). */
#include "udp.h"

enum { FLOWS = 64 };

static RtmfpId pairs[FLOWS][2]; /* a flow that we receive, and the one on which we answer */

static RtmfpId *
pair_of (RtmfpId flow) {
  for (int i = 0; i < FLOWS; i++) {
    if (pairs[i][0] == flow) {
      return pairs[i];
    }
  }
  return NULL;
}

static void
answer (Udp *udp, const RtmfpEvent *event) {
  RtmfpId *pair = pair_of (event->type == RTMFP_EVENT_FLOW_NEW ? 0 : event->flow);
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    const RtmfpFlowConfig back = {
        .metadata = event->bytes, .associated = event->flow, .priority = RTMFP_PRIORITY_ROUTINE};
    RtmfpId flow = 0;
    if (pair == NULL ||
        rtmfp_endpoint_open_flow (udp->endpoint, event->session, &back, &flow) != RTMFP_OK ||
        rtmfp_endpoint_accept_flow (udp->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                    udp_now ()) != RTMFP_OK) {
      rtmfp_endpoint_reject_flow (udp->endpoint, event->flow, 0, udp_now ());
      return;
    }
    pair[0] = event->flow;
    pair[1] = flow;
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE && pair != NULL) {
    printf ("message of %zu bytes\n", event->bytes.size);
    /* FULL would mean that the far side does not read: an echo may drop then. */
    if (rtmfp_endpoint_send (udp->endpoint, pair[1], event->bytes, NULL, udp_now (), NULL) !=
        RTMFP_OK) {
      printf ("dropped\n");
    }
  } else if (event->type == RTMFP_EVENT_FLOW_FINISHED && pair != NULL) {
    rtmfp_endpoint_close_flow (udp->endpoint, pair[1], udp_now ());
    pair[0] = pair[1] = 0;
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED) {
    memset (pairs, 0, sizeof pairs); /* an echo for one client at a time */
  }
}

/* Leaves the flow open: a return flow can only be opened while its flow is. */
static RtmfpId
ask (Udp *udp, RtmfpId session, char **texts, int count) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("echo", 4),
                                  .priority = RTMFP_PRIORITY_ROUTINE};
  RtmfpId flow = 0;
  must (rtmfp_endpoint_open_flow (udp->endpoint, session, &config, &flow) == RTMFP_OK, "open_flow");
  for (int i = 0; i < count; i++) {
    must (rtmfp_endpoint_send (udp->endpoint, flow, rtmfp_bytes (texts[i], strlen (texts[i])), NULL,
                               udp_now (), NULL) == RTMFP_OK,
          "send");
  }
  return flow;
}

int
main (int argc, char **argv) {
  const char *capture = NULL;
  bool keys = false;
  if (argc > 3 && strncmp (argv[1], "--capture", 9) == 0) {
    keys = strcmp (argv[1], "--capture-keys") == 0;
    capture = argv[2];
    argc -= 2;
    argv += 2;
  }
  must (argc >= 2, "usage: echo PORT | echo ADDRESS:PORT TEXT...; starting");
  setvbuf (stdout, NULL, _IOLBF, 0);
  const bool client = argc > 2;
  Udp udp = {0};
  udp_open (&udp, client ? 0 : atoi (argv[1]));
  if (capture != NULL) {
    udp_capture (&udp, capture, keys);
  }
  int awaited = argc - 2;
  RtmfpId flow = 0;
  const RtmfpId session = client ? udp_connect (&udp, argv[1], NULL) : 0;
  for (;;) {
    RtmfpEvent event;
    udp_step (&udp, RTMFP_NEVER);
    while (rtmfp_endpoint_poll_event (udp.endpoint, &event)) {
      if (!client) {
        answer (&udp, &event);
      } else if (event.type == RTMFP_EVENT_SESSION_OPEN) {
        flow = ask (&udp, session, argv + 2, argc - 2);
      } else if (event.type == RTMFP_EVENT_FLOW_NEW) {
        must (rtmfp_endpoint_accept_flow (udp.endpoint, event.flow, RTMFP_ORDER_SEQUENCE, 0,
                                          udp_now ()) == RTMFP_OK,
              "accept_flow");
      } else if (event.type == RTMFP_EVENT_FLOW_MESSAGE) {
        printf ("echo: %.*s\n", (int)event.bytes.size, (const char *)event.bytes.data);
        if (--awaited == 0) {
          rtmfp_endpoint_close_flow (udp.endpoint, flow, udp_now ());
        }
      } else if (event.type == RTMFP_EVENT_FLOW_FINISHED) {
        rtmfp_endpoint_close (udp.endpoint, session, false, udp_now ());
      } else if (event.type == RTMFP_EVENT_SESSION_CLOSED) {
        udp_free (&udp);
        return event.reason == RTMFP_CLOSE_LOCAL ? 0 : 1;
      }
    }
  }
}
