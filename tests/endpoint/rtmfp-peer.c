/* SPDX-License-Identifier: Apache-2.0 */
/* A bare endpoint on a UDP socket, to try the engine against other implementations
 * (docs/interop.md).
 *
 *   rtmfp-peer [options] listen PORT              echoes each message on a return flow
 *   rtmfp-peer [options] connect IP:PORT NAME     opens a session, sends messages, awaits their
 * echo
 *   rtmfp-peer [options] redirect PORT IP:PORT... sends who asks for a server there
 *
 * NAME is a URI ("rtmfp:") or 64 hexadecimal digits of a fingerprint. It prints a line for each
 * event, and ends 0 when all echoes came. */
#include "core/crypto/epd.h"
#include "core/endpoint/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd;
  RtmfpEndpoint *endpoint;
  bool listens;
  RtmfpAddress targets[8]; /* redirecting: */
  size_t target_count;
  unsigned count;
  size_t size;
  unsigned seconds;
  unsigned sent, echoed;
  RtmfpId session, flow;
  bool done, failed;
  int64_t echo_us; /* listening: return flows of up to 64 receiving flows */
  struct {
    RtmfpId in, out;
  } echoes[64];
} Peer;

static int64_t
now_us (void) {
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
fill (void *user, uint8_t *out, size_t size) {
  (void)user;
  while (size > 0) {
    ssize_t got = getrandom (out, size, 0);
    if (got < 0 && errno != EINTR) {
      abort ();
    }
    out += got > 0 ? got : 0;
    size -= got > 0 ? (size_t)got : 0;
  }
}

static void
print_hex (const char *label, const uint8_t *bytes, size_t size) {
  printf ("%s ", label);
  for (size_t i = 0; i < size; i++) {
    printf ("%02x", bytes[i]);
  }
  printf ("\n");
}

/* ---- What happens in sessions ---- */

static void
send_all (Peer *peer) {
  uint8_t *bytes = calloc (1, peer->size + 4);
  if (bytes == NULL) {
    abort ();
  }
  while (peer->sent < peer->count) {
    memcpy (bytes, &peer->sent, sizeof peer->sent);
    RtmfpStatus status = rtmfp_endpoint_send (
        peer->endpoint, peer->flow, rtmfp_bytes (bytes, peer->size), NULL, now_us (), NULL);
    if (status != RTMFP_OK) {
      break; /* FULL: FLOW_WRITABLE follows */
    }
    peer->sent++;
  }
  free (bytes);
}

static void
on_open (Peer *peer, const RtmfpEvent *event) {
  RtmfpSessionInfo info;
  if (rtmfp_endpoint_session_info (peer->endpoint, event->session, &info) != RTMFP_OK) {
    return;
  }
  printf ("session open, we are the %s\n", info.initiator ? "initiator" : "responder");
  print_hex ("far fingerprint", info.far_fingerprint.bytes, sizeof info.far_fingerprint.bytes);
  print_hex ("near nonce", info.near_nonce, sizeof info.near_nonce);
  print_hex ("far nonce", info.far_nonce, sizeof info.far_nonce);
  if (!peer->listens) {
    const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("ahoy", 4),
                                    .priority = RTMFP_PRIORITY_DATA};
    if (rtmfp_endpoint_open_flow (peer->endpoint, event->session, &config, &peer->flow) ==
        RTMFP_OK) {
      send_all (peer);
    }
  }
}

static void
on_flow (Peer *peer, const RtmfpEvent *event) {
  printf ("new flow, metadata \"%.*s\"%s\n", (int)event->bytes.size,
          (const char *)event->bytes.data, event->associated != 0 ? ", in return" : "");
  if (rtmfp_endpoint_accept_flow (peer->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 1 << 20,
                                  now_us ()) != RTMFP_OK) {
    return;
  }
  for (size_t i = 0; peer->listens && i < 64; i++) {
    if (peer->echoes[i].in == 0) {
      const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("echo", 4),
                                      .associated = event->flow,
                                      .priority = RTMFP_PRIORITY_DATA,
                                      .buffer_bytes = 16 << 20};
      peer->echoes[i].in = event->flow;
      if (rtmfp_endpoint_open_flow (peer->endpoint, event->session, &config,
                                    &peer->echoes[i].out) != RTMFP_OK) {
        printf ("no return flow\n");
      }
      return;
    }
  }
}

static void
on_message (Peer *peer, const RtmfpEvent *event) {
  for (size_t i = 0; peer->listens && i < 64; i++) {
    if (peer->echoes[i].in == event->flow) {
      peer->echoed++;
      if (rtmfp_endpoint_send (peer->endpoint, peer->echoes[i].out, event->bytes, NULL, now_us (),
                               NULL) != RTMFP_OK) {
        printf ("echo refused\n");
      }
      return;
    }
  }
  unsigned number = 0;
  memcpy (&number, event->bytes.data,
          event->bytes.size < sizeof number ? event->bytes.size : sizeof number);
  if (event->bytes.size != peer->size || (peer->size >= sizeof number && number != peer->echoed)) {
    printf ("wrong echo: number %u, %zu bytes, expected number %u\n", number, event->bytes.size,
            peer->echoed);
    peer->failed = true;
  }
  if (++peer->echoed == peer->count) {
    printf ("all %u echoes came\n", peer->count);
    rtmfp_endpoint_close (peer->endpoint, event->session, false, now_us ());
  }
}

static void
on_end (Peer *peer, const RtmfpEvent *event) {
  for (size_t i = 0; i < 64; i++) {
    if (peer->echoes[i].in == event->flow) {
      rtmfp_endpoint_close_flow (peer->endpoint, peer->echoes[i].out, now_us ());
      peer->echoes[i].in = 0;
    }
  }
  printf ("flow finished after %u messages\n", peer->echoed);
}

/* RFC 7016 s3.5.1.4 */
static void
on_hello (Peer *peer, const RtmfpEvent *event) {
  uint8_t tag[64];
  const RtmfpAddress asker = event->address;
  const size_t size = event->tag.size < sizeof tag ? event->tag.size : sizeof tag;
  memcpy (tag, event->tag.data, size); /* the event's bytes are the engine's until it is called */
  rtmfp_endpoint_redirect (peer->endpoint, &asker, event->interface_id, rtmfp_bytes (tag, size),
                           peer->targets, peer->target_count);
}

static void
on_event (Peer *peer, const RtmfpEvent *event) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    on_open (peer, event);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    printf ("session closed, reason %d\n", (int)event->reason);
    memset (peer->echoes, 0, sizeof peer->echoes);
    peer->done = !peer->listens;
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    rtmfp_address_format (&event->address, text);
    printf ("far side moved to %s\n", text);
    break;
  case RTMFP_EVENT_HELLO:
    rtmfp_address_format (&event->address, text);
    printf ("hello from %s\n", text);
    on_hello (peer, event);
    break;
  case RTMFP_EVENT_FLOW_NEW:
    on_flow (peer, event);
    break;
  case RTMFP_EVENT_FLOW_MESSAGE:
    on_message (peer, event);
    break;
  case RTMFP_EVENT_FLOW_FINISHED:
    on_end (peer, event);
    break;
  case RTMFP_EVENT_FLOW_WRITABLE:
    send_all (peer);
    break;
  case RTMFP_EVENT_FLOW_EXCEPTION:
    printf ("flow rejected with code %llu\n", (unsigned long long)event->code);
    break;
  default:
    break;
  }
  fflush (stdout);
}

/* ---- The socket ---- */

static struct sockaddr_in
to_socket (const RtmfpAddress *address) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons (address->port)};
  memcpy (&to.sin_addr, address->ip, 4);
  return to;
}

static void
pump (Peer *peer) {
  uint8_t buffer[2048];
  RtmfpDatagram datagram;
  RtmfpEvent event;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (peer->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (peer->endpoint, job, now_us ());
  }
  while (rtmfp_endpoint_poll_event (peer->endpoint, &event)) {
    on_event (peer, &event);
  }
  while (
      rtmfp_endpoint_poll_transmit (peer->endpoint, now_us (), buffer, sizeof buffer, &datagram)) {
    struct sockaddr_in to = to_socket (&datagram.to);
    const int tos = datagram.ecn;
    setsockopt (peer->fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    if (sendto (peer->fd, buffer, datagram.size, 0, (const struct sockaddr *)&to, sizeof to) < 0) {
      perror ("sendto");
    }
  }
}

/* One datagram, and the ECN bits of its IP header. */
static ssize_t
receive_one (Peer *peer, uint8_t *buffer, size_t capacity, struct sockaddr_in *from, uint8_t *ecn) {
  _Alignas(struct cmsghdr) uint8_t control[64];
  struct iovec iov = {.iov_base = buffer, .iov_len = capacity};
  struct msghdr message = {.msg_name = from,
                           .msg_namelen = sizeof *from,
                           .msg_iov = &iov,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  const ssize_t size = recvmsg (peer->fd, &message, MSG_DONTWAIT);
  const struct cmsghdr *c = size >= 0 ? CMSG_FIRSTHDR (&message) : NULL;
  *ecn = 0;
  if (c != NULL && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
    *ecn = *CMSG_DATA (c) & 3;
  }
  return size;
}

static void
receive (Peer *peer) {
  uint8_t buffer[2048], ecn;
  struct sockaddr_in from;
  ssize_t size;
  while ((size = receive_one (peer, buffer, sizeof buffer, &from, &ecn)) >= 0) {
    uint8_t ip[4];
    memcpy (ip, &from.sin_addr, 4);
    const RtmfpAddress address =
        rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (from.sin_port));
    RtmfpStatus status =
        rtmfp_endpoint_receive (peer->endpoint, buffer, (size_t)size, 0, &address, ecn, now_us ());
    if (status != RTMFP_OK) {
      printf ("dropped %zd bytes, status %d\n", size, (int)status);
    }
    pump (peer);
  }
}

static void
run (Peer *peer) {
  int64_t end_us = now_us () + (int64_t)peer->seconds * 1000000;
  while (!peer->done && now_us () < end_us) {
    rtmfp_endpoint_advance (peer->endpoint, now_us ());
    pump (peer);
    int64_t wait_us = rtmfp_endpoint_deadline (peer->endpoint) - now_us ();
    wait_us = wait_us < 0 ? 0 : wait_us > 100000 ? 100000 : wait_us;
    struct pollfd poll_fd = {.fd = peer->fd, .events = POLLIN};
    poll (&poll_fd, 1, (int)((wait_us + 999) / 1000));
    receive (peer);
  }
  pump (peer);
}

static bool
parse_epd (const char *name, RtmfpWriter *writer) {
  RtmfpFingerprint fingerprint;
  if (strlen (name) == 64 && strspn (name, "0123456789abcdef") == 64) {
    for (size_t i = 0; i < 32; i++) {
      const char digits[3] = {name[2 * i], name[2 * i + 1], 0};
      fingerprint.bytes[i] = (uint8_t)strtoul (digits, NULL, 16);
    }
    return rtmfp_epd_write_fingerprint (writer, &fingerprint, rtmfp_bytes (NULL, 0)) == RTMFP_OK;
  }
  return rtmfp_epd_write_uri (writer, name) == RTMFP_OK;
}

static bool
start (Peer *peer, RtmfpId identity, const char *address, const char *name) {
  uint8_t epd[1024];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  RtmfpAddress candidate;
  if (rtmfp_address_parse (address, &candidate) != RTMFP_OK || !parse_epd (name, &writer)) {
    return false;
  }
  const RtmfpOpen open = {.identity = identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &candidate,
                          .candidate_count = 1};
  return rtmfp_endpoint_open (peer->endpoint, &open, now_us (), &peer->session) == RTMFP_OK;
}

static bool
bind_port (Peer *peer, uint16_t port) {
  struct sockaddr_in near = {.sin_family = AF_INET, .sin_port = htons (port)};
  peer->fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt (peer->fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
  return peer->fd >= 0 && bind (peer->fd, (const struct sockaddr *)&near, sizeof near) == 0;
}

static int
usage (void) {
  fprintf (stderr, "usage: rtmfp-peer [-g GROUPS] [-s] [-p] [-c COUNT] [-z BYTES] [-t SECONDS]\n"
                   "                  (listen PORT | connect IP:PORT NAME | redirect PORT "
                   "IP:PORT...)\n"
                   "  -g  bits of groups: 1 = 2, 2 = 5, 4 = 14, 8 = 16, 16 = X25519; 0 = all\n"
                   "  -s  static keys   -p  without HMAC and sequence numbers\n");
  return 2;
}

int
main (int argc, char **argv) {
  Peer peer = {.count = 100, .size = 3000, .seconds = 20};
  RtmfpIdentityConfig config = {.accepts_ancillary_data = true,
                                .accept = RTMFP_ACCEPT_ANYONE,
                                .requires_hmac = true,
                                .requires_sequence = true,
                                .offers_hmac = true,
                                .offers_sequence = true};
  int option;
  while ((option = getopt (argc, argv, "g:spc:z:t:")) != -1) {
    switch (option) {
    case 'g':
      config.groups = (uint32_t)atoi (optarg);
      break;
    case 's':
      config.static_keys = true;
      break;
    case 'p':
      config.requires_hmac = config.requires_sequence = false;
      config.offers_hmac = config.offers_sequence = false;
      break;
    case 'c':
      peer.count = (unsigned)atoi (optarg);
      break;
    case 'z':
      peer.size = (size_t)atoi (optarg);
      break;
    case 't':
      peer.seconds = (unsigned)atoi (optarg);
      break;
    default:
      return usage ();
    }
  }
  if (argc - optind < 2) {
    return usage ();
  }
  const bool redirects = strcmp (argv[optind], "redirect") == 0;
  peer.listens = redirects || strcmp (argv[optind], "listen") == 0;
  if (!bind_port (&peer, peer.listens ? (uint16_t)atoi (argv[optind + 1]) : 0)) {
    perror ("bind");
    return 1;
  }
  for (int i = optind + 2; redirects && i < argc && peer.target_count < 8; i++) {
    if (rtmfp_address_parse (argv[i], &peer.targets[peer.target_count++]) != RTMFP_OK) {
      return usage ();
    }
  }
  const RtmfpEndpointConfig endpoint = {.rng = {.fill = fill}, .reports_hellos = redirects};
  peer.endpoint = rtmfp_endpoint_new (&endpoint, now_us ());
  RtmfpFingerprint fingerprint;
  config.accept = redirects ? RTMFP_ACCEPT_NOBODY : config.accept;
  config.accepts_ancillary_data = !redirects; /* then hellos come out as events */
  RtmfpId identity = rtmfp_endpoint_add_identity (peer.endpoint, &config, &fingerprint);
  print_hex ("our fingerprint", fingerprint.bytes, sizeof fingerprint.bytes);
  fflush (stdout);
  if (!peer.listens &&
      (argc - optind < 3 || !start (&peer, identity, argv[optind + 1], argv[optind + 2]))) {
    return usage ();
  }
  run (&peer);
  RtmfpCounters counters;
  rtmfp_endpoint_counters (peer.endpoint, &counters);
  printf ("%llu datagrams in, %llu out; dropped: %llu malformed, %llu not authentic, %llu unknown, "
          "%llu replayed\n",
          (unsigned long long)counters.datagrams_in, (unsigned long long)counters.datagrams_out,
          (unsigned long long)counters.dropped_malformed, (unsigned long long)counters.dropped_auth,
          (unsigned long long)counters.dropped_unknown_session,
          (unsigned long long)counters.dropped_replay);
  printf ("congestion heard by %llu reports, marking stopped %llu times, %llu probes of longer "
          "packets, %llu answered\n",
          (unsigned long long)counters.rule_ecn_ce, (unsigned long long)counters.rule_ecn_off,
          (unsigned long long)counters.rule_mtu_probe, (unsigned long long)counters.rule_mtu_raise);
  rtmfp_endpoint_free (peer.endpoint);
  close (peer.fd);
  return peer.listens || (peer.echoed == peer.count && !peer.failed) ? 0 : 1;
}
