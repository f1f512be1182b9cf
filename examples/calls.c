/* SPDX-License-Identifier: Apache-2.0 */
/* Remote calls both ways: the client connects and asks the server to add; the server asks the
 * client who it is.
 *
 *   calls PORT                   the server
 *   calls ADDRESS:PORT NAME      the client; ends when both were answered */
#include "udp.h"

#include "core/net/net.h"

typedef struct {
  Udp udp;
  RtmfpNet *net;
  bool is_server;
  const char *name; /* client: its answer to "whoAreYou" */
  RtmfpId session;  /* client */
  RtmfpId call;     /* the one that we made last */
  bool sum_came, was_asked;
} Calls;

static void
call (Calls *calls, RtmfpId session, const char *name, RtmfpBuffer *args) {
  must (rtmfp_net_call (calls->net, session, name, rtmfp_buffer_bytes (args), true, udp_now (),
                        &calls->call) == RTMFP_OK,
        "call");
  rtmfp_buffer_clear (args);
}

/* Answers one call of the far side. */
static void
serve (Calls *calls, const RtmfpNetEvent *event) {
  RtmfpBuffer result = {0};
  double sum = 0, number;
  bool known = false;
  if (calls->is_server && strcmp (event->name, "add") == 0) {
    known = true;
    for (size_t i = 0; i < event->value_count; i++) {
      known = known && rtmfp_amf_as_number (event->values[i].value, &number);
      sum += known ? number : 0;
    }
    rtmfp_amf_write_number (&result, sum);
  } else if (!calls->is_server && strcmp (event->name, "whoAreYou") == 0) {
    known = calls->was_asked = true;
    rtmfp_amf_write_text (&result, calls->name);
  }
  const RtmfpStatus status =
      known ? rtmfp_net_return (calls->net, event->session, event->call,
                                rtmfp_buffer_bytes (&result), udp_now ())
            : rtmfp_net_fail (calls->net, event->session, event->call, "NetConnection.Call.Failed",
                              "There is no such method, or not with such arguments.", udp_now ());
  must (status == RTMFP_OK, "answering");
  rtmfp_buffer_clear (&result);
}

static void
take_result (Calls *calls, const RtmfpNetEvent *event) {
  char text[100];
  double number;
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  if (rtmfp_amf_as_number (value, &number)) {
    printf ("2 + 3 = %g\n", number);
    calls->sum_came = true;
  } else if (rtmfp_amf_as_text (value, text, sizeof text)) {
    printf ("the client is %s\n", text);
  }
}

/* Returns: whether to go on. */
static bool
take_event (Calls *calls, const RtmfpNetEvent *event) {
  RtmfpBuffer args = {0};
  switch (event->type) {
  case RTMFP_NET_SESSION:
    if (event->endpoint.type == RTMFP_EVENT_SESSION_OPEN && !calls->is_server) {
      must (rtmfp_net_connect (calls->net, calls->session, "rtmfp://localhost/calls",
                               (RtmfpBytes){0}, (RtmfpBytes){0}, udp_now ()) == RTMFP_OK,
            "connect");
    }
    return calls->is_server || event->endpoint.type != RTMFP_EVENT_SESSION_CLOSED;
  case RTMFP_NET_CONNECT: /* server */
    must (rtmfp_net_accept_connection (calls->net, event->session, (RtmfpBytes){0}, udp_now ()) ==
              RTMFP_OK,
          "accept_connection");
    call (calls, event->session, "whoAreYou", &args);
    return true;
  case RTMFP_NET_CONNECTED: /* client */
    rtmfp_amf_write_number (&args, 2);
    rtmfp_amf_write_number (&args, 3);
    call (calls, event->session, "add", &args);
    return true;
  case RTMFP_NET_CALL:
    serve (calls, event);
    return true;
  case RTMFP_NET_RESULT:
    take_result (calls, event);
    return true;
  case RTMFP_NET_ERROR:
  case RTMFP_NET_REFUSED:
    printf ("refused: %s %s\n", event->code, event->text);
    return calls->is_server;
  case RTMFP_NET_DISCONNECTED:
    rtmfp_endpoint_close (calls->udp.endpoint, event->session, false, udp_now ());
    return true;
  default:
    return true;
  }
}

int
main (int argc, char **argv) {
  must (argc == 2 || argc == 3, "usage: calls PORT | calls ADDRESS:PORT NAME; starting");
  setvbuf (stdout, NULL, _IOLBF, 0);
  Calls calls = {.is_server = argc == 2, .name = argv[argc - 1]};
  udp_open (&calls.udp, calls.is_server ? atoi (argv[1]) : 0);
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  config.server = calls.is_server;
  calls.net = rtmfp_net_new (calls.udp.endpoint, &config);
  if (!calls.is_server) {
    calls.session = udp_connect (&calls.udp, argv[1], NULL);
  }
  for (bool goes_on = true, closing = false; goes_on;) {
    udp_step (&calls.udp, RTMFP_NEVER);
    RtmfpNetEvent event;
    while (goes_on && rtmfp_net_poll_event (calls.net, udp_now (), &event)) {
      goes_on = take_event (&calls, &event);
    }
    if (goes_on && calls.sum_came && calls.was_asked && !closing) {
      closing = true; /* orderly: our answer still goes over */
      rtmfp_net_close (calls.net, calls.session, udp_now ());
    }
  }
  rtmfp_net_free (calls.net);
  udp_free (&calls.udp);
  return 0;
}
