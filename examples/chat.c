/* SPDX-License-Identifier: Apache-2.0 */
/* A chat between two: lines of standard input go over, lines of the other are printed.
 *
 *   chat PORT                      waits; prints its peer id
 *   chat ADDRESS:PORT PEER-ID      opens a session with the one who has that peer id, nobody else
 *
 * End of input closes the session once all was delivered. */
#include "udp.h"

typedef struct {
  Udp udp;
  RtmfpId session;
  RtmfpId flow; /* ours */
  bool input_ended;
} Chat;

static bool
read_peer_id (const char *text, RtmfpFingerprint *id) {
  for (size_t i = 0; i < sizeof id->bytes; i++) {
    unsigned byte;
    if (sscanf (text + 2 * i, "%2x", &byte) != 1) {
      return false;
    }
    id->bytes[i] = (uint8_t)byte;
  }
  return strlen (text) == 2 * sizeof id->bytes;
}

static void
print_peer_id (const char *who, const RtmfpFingerprint *id) {
  printf ("%s ", who);
  for (size_t i = 0; i < sizeof id->bytes; i++) {
    printf ("%02x", id->bytes[i]);
  }
  printf ("\n");
}

static void
begin (Chat *chat, RtmfpId session) {
  RtmfpSessionInfo info;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("chat", 4),
                                  .priority = RTMFP_PRIORITY_INTERACTIVE};
  must (rtmfp_endpoint_session_info (chat->udp.endpoint, session, &info) == RTMFP_OK, "info");
  must (rtmfp_endpoint_open_flow (chat->udp.endpoint, session, &config, &chat->flow) == RTMFP_OK,
        "open_flow");
  chat->session = session;
  print_peer_id ("with", &info.far_fingerprint);
}

/* What can be read now of standard input, line by line: a pipe may hold many. */
static void
read_input (Chat *chat) {
  for (;;) {
    fd_set readable;
    FD_ZERO (&readable);
    FD_SET (STDIN_FILENO, &readable);
    if (select (STDIN_FILENO + 1, &readable, NULL, NULL, &(struct timeval){0}) <= 0) {
      return;
    }
    char line[1000];
    size_t size = 0;
    while (size < sizeof line && read (STDIN_FILENO, line + size, 1) == 1 && line[size] != '\n') {
      size++;
    }
    if (size == 0) { /* an empty line ends it, too */
      chat->input_ended = true;
      rtmfp_endpoint_close_flow (chat->udp.endpoint, chat->flow, udp_now ());
      return;
    }
    if (rtmfp_endpoint_send (chat->udp.endpoint, chat->flow, rtmfp_bytes (line, size), NULL,
                             udp_now (), NULL) != RTMFP_OK) {
      printf ("(not sent: the other does not read)\n");
    }
  }
}

static bool
take_event (Chat *chat, const RtmfpEvent *event) {
  RtmfpEndpoint *endpoint = chat->udp.endpoint;
  if (event->type == RTMFP_EVENT_SESSION_OPEN && chat->flow == 0) {
    begin (chat, event->session);
  } else if (event->type == RTMFP_EVENT_SESSION_OPEN) { /* two are enough */
    rtmfp_endpoint_close (endpoint, event->session, true, udp_now ());
  } else if (event->type == RTMFP_EVENT_FLOW_NEW) {
    return rtmfp_endpoint_accept_flow (endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                       udp_now ()) == RTMFP_OK;
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    printf ("> %.*s\n", (int)event->bytes.size, (const char *)event->bytes.data);
  } else if (event->type == RTMFP_EVENT_FLOW_CLOSED) { /* ours: all was acknowledged */
    rtmfp_endpoint_close (endpoint, chat->session, false, udp_now ());
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED && event->session == chat->session) {
    return false;
  }
  return true;
}

int
main (int argc, char **argv) {
  Chat chat = {0};
  RtmfpFingerprint peer_id;
  must (argc == 2 || (argc == 3 && read_peer_id (argv[2], &peer_id)), "reading the arguments");
  setvbuf (stdout, NULL, _IOLBF, 0);
  udp_open (&chat.udp, argc == 2 ? atoi (argv[1]) : 0);
  print_peer_id ("I am", &chat.udp.fingerprint);
  if (argc == 3) {
    chat.session = udp_connect (&chat.udp, argv[1], &peer_id);
  }
  for (bool goes_on = true; goes_on;) {
    udp_step (&chat.udp, udp_now () + 50000); /* a look at the keyboard 20 times a second */
    RtmfpEvent event;
    while (goes_on && rtmfp_endpoint_poll_event (chat.udp.endpoint, &event)) {
      goes_on = take_event (&chat, &event);
    }
    if (goes_on && chat.flow != 0 && !chat.input_ended) {
      read_input (&chat);
    }
  }
  printf ("closed\n");
  udp_free (&chat.udp);
  return 0;
}
