/* SPDX-License-Identifier: Apache-2.0 */
/* What all examples share: one endpoint behind one IPv4 UDP socket, and the loop's one step. */
#ifndef EXAMPLES_UDP_H
#define EXAMPLES_UDP_H

#define _DEFAULT_SOURCE /* getentropy(); before any system header */

#include "core/crypto/epd.h"
#include "core/endpoint/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd;
  int loss_percent; /* so many of our datagrams are thrown away */
  FILE *capture;    /* what happens is written there; NULL = nowhere */
  RtmfpEndpoint *endpoint;
  RtmfpId identity;
  RtmfpFingerprint fingerprint; /* of our identity: our peer id */
} Udp;

static inline void
must (bool fine, const char *what) {
  if (!fine) {
    fprintf (stderr, "%s failed\n", what);
    exit (1);
  }
}

static inline int64_t
udp_now (void) {
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline void
udp_random (void *user, uint8_t *out, size_t size) {
  (void)user;
  for (size_t at = 0; at < size; at += 256) {
    must (getentropy (out + at, size - at < 256 ? size - at : 256) == 0, "getentropy");
  }
}

/* An endpoint that anybody may open sessions with, on a port of all our addresses; 0 = any port. */
static inline void
udp_open (Udp *udp, int port) {
  const RtmfpEndpointConfig config = {.rng = {.fill = udp_random}};
  const RtmfpIdentityConfig identity = {.accept = RTMFP_ACCEPT_ANYONE,
                                        .accepts_ancillary_data = true, /* "rtmfp:" selects us */
                                        .offers_hmac = true,
                                        .offers_sequence = true,
                                        .requires_hmac = true,
                                        .requires_sequence = true};
  const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons ((uint16_t)port)};
  udp->fd = socket (AF_INET, SOCK_DGRAM, 0);
  must (udp->fd >= 0 && bind (udp->fd, (const struct sockaddr *)&at, sizeof at) == 0, "bind");
  udp->endpoint = rtmfp_endpoint_new (&config, udp_now ());
  udp->identity = rtmfp_endpoint_add_identity (udp->endpoint, &identity, &udp->fingerprint);
}

/* Writes what happens from now on into a file, as lines of JSON. keys: also what Wireshark needs to
 * read it all, so keep that file to yourself. */
static inline void
udp_capture (Udp *udp, const char *path, bool keys) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  const RtmfpCaptureConfig config = {.exports_keys = keys};
  udp->capture = fopen (path, "w");
  must (udp->capture != NULL, path);
  fwrite (line, 1, rtmfp_capture_write_header ("example", line, sizeof line), udp->capture);
  rtmfp_endpoint_start_capture (udp->endpoint, &config);
}

static inline void
udp_drain_capture (Udp *udp) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  RtmfpCaptureEvent event;
  while (udp->capture != NULL && rtmfp_endpoint_poll_capture (udp->endpoint, &event)) {
    fwrite (line, 1, rtmfp_capture_write_json (&event, line, sizeof line), udp->capture);
  }
  if (udp->capture != NULL) {
    fflush (udp->capture);
  }
}

/* Opens a session with whoever is at "1.2.3.4:5"; with a peer id, only with who has it. */
static inline RtmfpId
udp_connect (Udp *udp, const char *text, const RtmfpFingerprint *peer_id) {
  uint8_t bytes[64];
  RtmfpWriter epd = rtmfp_writer (bytes, sizeof bytes);
  RtmfpAddress address;
  must (rtmfp_address_parse (text, &address) == RTMFP_OK, "reading the address");
  must ((peer_id != NULL ? rtmfp_epd_write_fingerprint (&epd, peer_id, (RtmfpBytes){0})
                         : rtmfp_epd_write_uri (&epd, "rtmfp:")) == RTMFP_OK,
        "writing the discriminator");
  const RtmfpOpen open = {.identity = udp->identity,
                          .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&epd)),
                          .candidates = &address,
                          .candidate_count = 1,
                          .give_up_after_us = 10000000};
  RtmfpId session = 0;
  must (rtmfp_endpoint_open (udp->endpoint, &open, udp_now (), &session) == RTMFP_OK, "open");
  return session;
}

/* Public-key work. A program with many sessions runs it on other threads. */
static inline bool
udp_run_jobs (Udp *udp) {
  RtmfpJob *job;
  bool any = false;
  while ((job = rtmfp_endpoint_poll_job (udp->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (udp->endpoint, job, udp_now ());
    any = true;
  }
  return any;
}

static inline void
udp_transmit (Udp *udp) {
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram d;
  while (rtmfp_endpoint_poll_transmit (udp->endpoint, udp_now (), bytes, sizeof bytes, &d)) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons (d.to.port)};
    memcpy (&to.sin_addr, d.to.ip, 4);
    if (rand () % 100 >= udp->loss_percent) { /* what the socket refuses is lost, too */
      (void)!sendto (udp->fd, bytes, d.size, 0, (const struct sockaddr *)&to, sizeof to);
    }
  }
}

static inline void
udp_receive (Udp *udp) {
  uint8_t bytes[2048];
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  ssize_t size;
  while ((size = recvfrom (udp->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from,
                           &length)) >= 0) {
    const uint8_t *ip = (const uint8_t *)&from.sin_addr;
    const RtmfpAddress address =
        rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (from.sin_port));
    rtmfp_endpoint_receive (udp->endpoint, bytes, (size_t)size, 0, &address, 0, udp_now ());
    length = sizeof from;
  }
}

/* One step: sends what there is, sleeps until something comes or is due, or until until_us, and
 * takes it. Poll the events after it, act, and call it again. */
static inline void
udp_step (Udp *udp, int64_t until_us) {
  const bool worked = udp_run_jobs (udp);
  udp_transmit (udp);
  const int64_t due = rtmfp_endpoint_deadline (udp->endpoint);
  int64_t wait = (due < until_us ? due : until_us) - udp_now ();
  wait = wait < 0 || worked ? 0 : wait > 1000000 ? 1000000 : wait;
  struct timeval timeout = {.tv_sec = wait / 1000000, .tv_usec = wait % 1000000};
  fd_set readable;
  FD_ZERO (&readable);
  FD_SET (udp->fd, &readable);
  select (udp->fd + 1, &readable, NULL, NULL, &timeout);
  udp_receive (udp);
  rtmfp_endpoint_advance (udp->endpoint, udp_now ());
  udp_run_jobs (udp);
  udp_drain_capture (udp);
}

/* A session tells that it is closed before the far side knows: the farewell may need a moment. */
static inline void
udp_free (Udp *udp) {
  const int64_t until_us = udp_now () + 300000;
  while (rtmfp_endpoint_deadline (udp->endpoint) != RTMFP_NEVER && udp_now () < until_us) {
    udp_step (udp, until_us);
  }
  if (udp->capture != NULL) {
    fclose (udp->capture);
  }
  rtmfp_endpoint_free (udp->endpoint);
  close (udp->fd);
}

#endif
