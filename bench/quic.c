/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bulk by Debian's ngtcp2 with GnuTLS, for bench/bulk: one stream, its own congestion
 * control and pacing; with segments both ways (UDP_SEGMENT, UDP_GRO) as our socket has them, or
 * without. */
#include "bench/quic.h"

#include "bench/report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/udp.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_BYTES = 1 << 20, DATAGRAM_BYTES = 1472, BURST = 40, READS = 16, PIECE = 65536 };

typedef struct {
  int fd;
  bool is_server, segments;
  struct sockaddr_in near, far;
  ngtcp2_conn *conn;
  gnutls_session_t tls;
  ngtcp2_crypto_conn_ref ref;
  int64_t stream; /* -1 = not open */
  uint64_t total, sent, received;
  gint *done; /* (atomic) all of it arrived */
  /* the burst that is being made */
  uint8_t out[BURST * DATAGRAM_BYTES];
  size_t out_bytes, segment;
  uint8_t in[PIECE];
} Quic;

static const uint8_t payload[PIECE];
static gnutls_certificate_credentials_t credentials;

static ngtcp2_tstamp
now_ns (void) {
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (ngtcp2_tstamp)now.tv_sec * NGTCP2_SECONDS + (ngtcp2_tstamp)now.tv_nsec;
}

/* ---- What ngtcp2 asks for ---- */

static void
on_rand (uint8_t *out, size_t size, const ngtcp2_rand_ctx *context) {
  (void)context;
  BENCH_MUST (gnutls_rnd (GNUTLS_RND_NONCE, out, size) == 0);
}

static int
on_new_id (ngtcp2_conn *conn, ngtcp2_cid *id, uint8_t *token, size_t size, void *user) {
  (void)conn, (void)user;
  id->datalen = size;
  BENCH_MUST (gnutls_rnd (GNUTLS_RND_RANDOM, id->data, size) == 0);
  BENCH_MUST (gnutls_rnd (GNUTLS_RND_RANDOM, token, NGTCP2_STATELESS_RESET_TOKENLEN) == 0);
  return 0;
}

static int
on_stream_data (ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t offset,
                const uint8_t *data, size_t size, void *user, void *stream_user) {
  (void)flags, (void)offset, (void)data, (void)stream_user;
  Quic *quic = user;
  quic->received += size;
  ngtcp2_conn_extend_max_stream_offset (conn, stream, size);
  ngtcp2_conn_extend_max_offset (conn, size);
  if (quic->received == quic->total) {
    g_atomic_int_set (quic->done, 1);
  }
  return 0;
}

static ngtcp2_conn *
conn_of (ngtcp2_crypto_conn_ref *ref) {
  return ((Quic *)ref->user_data)->conn;
}

/* ---- Set up ---- */

/* A key and a certificate that nobody checks. */
static void
make_credentials (void) {
  gnutls_x509_privkey_t key = NULL;
  gnutls_x509_crt_t certificate = NULL;
  BENCH_MUST (gnutls_certificate_allocate_credentials (&credentials) == 0);
  BENCH_MUST (gnutls_x509_privkey_init (&key) == 0 && gnutls_x509_crt_init (&certificate) == 0);
  BENCH_MUST (gnutls_x509_privkey_generate (
                  key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
  BENCH_MUST (gnutls_x509_crt_set_version (certificate, 3) == 0 &&
              gnutls_x509_crt_set_serial (certificate, "\x01", 1) == 0 &&
              gnutls_x509_crt_set_activation_time (certificate, time (NULL) - 60) == 0 &&
              gnutls_x509_crt_set_expiration_time (certificate, time (NULL) + 3600) == 0 &&
              gnutls_x509_crt_set_key (certificate, key) == 0 &&
              gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0) == 0);
  BENCH_MUST (gnutls_certificate_set_x509_key (credentials, &certificate, 1, key) == 0);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
}

static void
make_tls (Quic *quic) {
  const gnutls_datum_t protocol = {.data = (unsigned char *)"bench", .size = 5};
  BENCH_MUST (gnutls_init (&quic->tls, (quic->is_server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
                                           GNUTLS_NO_AUTO_SEND_TICKET) == 0);
  BENCH_MUST (gnutls_priority_set_direct (quic->tls,
                                          "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:"
                                          "-GROUP-ALL:+GROUP-X25519:%DISABLE_TLS13_COMPAT_MODE",
                                          NULL) == 0);
  BENCH_MUST ((quic->is_server ? ngtcp2_crypto_gnutls_configure_server_session (quic->tls)
                               : ngtcp2_crypto_gnutls_configure_client_session (quic->tls)) == 0);
  quic->ref = (ngtcp2_crypto_conn_ref){.get_conn = conn_of, .user_data = quic};
  gnutls_session_set_ptr (quic->tls, &quic->ref);
  BENCH_MUST (gnutls_credentials_set (quic->tls, GNUTLS_CRD_CERTIFICATE, credentials) == 0 &&
              gnutls_alpn_set_protocols (quic->tls, &protocol, 1, 0) == 0);
}

static ngtcp2_path
path_of (Quic *quic) {
  return (ngtcp2_path){.local = {(ngtcp2_sockaddr *)&quic->near, sizeof quic->near},
                       .remote = {(ngtcp2_sockaddr *)&quic->far, sizeof quic->far}};
}

/* first: the header of the client's first packet; NULL = it is the client. */
static void
make_conn (Quic *quic, const ngtcp2_pkt_hd *first) {
  ngtcp2_callbacks callbacks = {
      .client_initial = first == NULL ? ngtcp2_crypto_client_initial_cb : NULL,
      .recv_client_initial = first != NULL ? ngtcp2_crypto_recv_client_initial_cb : NULL,
      .recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
      .encrypt = ngtcp2_crypto_encrypt_cb,
      .decrypt = ngtcp2_crypto_decrypt_cb,
      .hp_mask = ngtcp2_crypto_hp_mask_cb,
      .recv_retry = ngtcp2_crypto_recv_retry_cb,
      .recv_stream_data = on_stream_data,
      .rand = on_rand,
      .get_new_connection_id = on_new_id,
      .update_key = ngtcp2_crypto_update_key_cb,
      .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
      .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
      .get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
      .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
  };
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  ngtcp2_settings_default (&settings);
  ngtcp2_transport_params_default (&params);
  settings.initial_ts = now_ns ();
  settings.max_tx_udp_payload_size = DATAGRAM_BYTES;
  params.initial_max_streams_uni = 1;
  params.initial_max_stream_data_uni = WINDOW_BYTES;
  params.initial_max_data = WINDOW_BYTES;
  const ngtcp2_path path = path_of (quic);
  ngtcp2_cid near = {.datalen = 8}, far = {.datalen = 18};
  on_rand (near.data, near.datalen, NULL);
  on_rand (far.data, far.datalen, NULL);
  make_tls (quic);
  if (first == NULL) {
    BENCH_MUST (ngtcp2_conn_client_new (&quic->conn, &far, &near, &path, NGTCP2_PROTO_VER_V1,
                                        &callbacks, &settings, &params, NULL, quic) == 0);
  } else {
    params.original_dcid = first->dcid;
    BENCH_MUST (ngtcp2_conn_server_new (&quic->conn, &first->scid, &near, &path, first->version,
                                        &callbacks, &settings, &params, NULL, quic) == 0);
  }
  ngtcp2_conn_set_tls_native_handle (quic->conn, quic->tls);
}

/* ---- In and out ---- */

static void
flush (Quic *quic) {
  _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE (sizeof (uint16_t))] = {0};
  struct iovec iov = {.iov_base = quic->out, .iov_len = quic->out_bytes};
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR (&message);
  const uint16_t segment = (uint16_t)quic->segment;
  c->cmsg_level = IPPROTO_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN (sizeof segment);
  memcpy (CMSG_DATA (c), &segment, sizeof segment);
  if (quic->out_bytes > 0) {
    (void)!sendmsg (quic->fd, &message, 0); /* what the kernel refuses is lost */
  }
  quic->out_bytes = quic->segment = 0;
}

/* The next packet behind those of the burst. Returns: its size; 0 = none. */
static size_t
make_packet (Quic *quic, ngtcp2_tstamp now) {
  ngtcp2_path_storage storage;
  ngtcp2_pkt_info info;
  ngtcp2_path_storage_zero (&storage);
  bool blocked = false;
  for (;;) {
    const uint64_t left = quic->total - quic->sent;
    const bool has_data = quic->stream >= 0 && left > 0 && !blocked;
    const ngtcp2_vec data = {.base = (uint8_t *)payload, .len = left < PIECE ? left : PIECE};
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize size = ngtcp2_conn_writev_stream (
        quic->conn, &storage.path, &info, quic->out + quic->out_bytes, DATAGRAM_BYTES, &taken,
        has_data && left <= PIECE ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0, has_data ? quic->stream : -1,
        has_data ? &data : NULL, has_data ? 1 : 0, now);
    quic->sent += taken > 0 ? (uint64_t)taken : 0;
    if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED && !blocked) {
      blocked = true;
      continue;
    }
    BENCH_MUST (size >= 0);
    return (size_t)size;
  }
}

static void
write_packets (Quic *quic) {
  const ngtcp2_tstamp now = now_ns ();
  const size_t quantum = ngtcp2_conn_get_send_quantum (quic->conn);
  size_t size, written = 0;
  while (written < quantum && (size = make_packet (quic, now)) > 0) {
    written += size;
    if (quic->segment != 0 && size > quic->segment) { /* it begins a burst of its own */
      uint8_t longer[DATAGRAM_BYTES];
      memcpy (longer, quic->out + quic->out_bytes, size);
      flush (quic);
      memcpy (quic->out, longer, size);
    }
    quic->segment = quic->segment == 0 ? size : quic->segment;
    quic->out_bytes += size;
    if (!quic->segments || size < quic->segment ||
        quic->out_bytes + DATAGRAM_BYTES > sizeof quic->out ||
        quic->out_bytes + DATAGRAM_BYTES > 65000) {
      flush (quic);
    }
  }
  flush (quic);
  ngtcp2_conn_update_pkt_tx_time (quic->conn, now);
}

static void
take_datagram (Quic *quic, const uint8_t *bytes, size_t size) {
  if (quic->conn == NULL) {
    ngtcp2_pkt_hd first;
    if (ngtcp2_accept (&first, bytes, size) != 0) {
      return;
    }
    make_conn (quic, &first);
  }
  const ngtcp2_path path = path_of (quic);
  const ngtcp2_pkt_info info = {0};
  const int status = ngtcp2_conn_read_pkt (quic->conn, &path, &info, bytes, size, now_ns ());
  BENCH_MUST (status == 0);
}

/* Returns: whether there was anything. */
static bool
read_piece (Quic *quic) {
  _Alignas(struct cmsghdr) uint8_t control[64];
  struct iovec iov = {.iov_base = quic->in, .iov_len = sizeof quic->in};
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  const ssize_t got = recvmsg (quic->fd, &message, MSG_DONTWAIT);
  if (got <= 0) {
    return false;
  }
  size_t segment = (size_t)got;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c != NULL; c = CMSG_NXTHDR (&message, c)) {
    if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      int value;
      memcpy (&value, CMSG_DATA (c), sizeof value);
      segment = (size_t)value;
    }
  }
  for (size_t at = 0; at < (size_t)got; at += segment) {
    const size_t left = (size_t)got - at;
    take_datagram (quic, quic->in + at, left < segment ? left : segment);
  }
  return true;
}

static void
turn (Quic *quic) {
  const ngtcp2_tstamp now = now_ns ();
  const ngtcp2_tstamp due =
      quic->conn != NULL ? ngtcp2_conn_get_expiry (quic->conn) : now + NGTCP2_SECONDS;
  const ngtcp2_tstamp most = now + 100 * NGTCP2_MILLISECONDS;
  const ngtcp2_tstamp until = due < now ? now : due < most ? due : most;
  const struct timespec wait = {.tv_nsec = (long)(until - now)};
  struct pollfd readable = {.fd = quic->fd, .events = POLLIN};
  ppoll (&readable, 1, &wait, NULL);
  for (int i = 0; i < READS && read_piece (quic); i++) {
  }
  if (quic->conn == NULL) {
    return;
  }
  if (ngtcp2_conn_get_expiry (quic->conn) <= now_ns ()) {
    BENCH_MUST (ngtcp2_conn_handle_expiry (quic->conn, now_ns ()) == 0);
  }
  if (!quic->is_server && quic->stream < 0 && ngtcp2_conn_get_handshake_completed (quic->conn)) {
    int64_t stream;
    quic->stream = ngtcp2_conn_open_uni_stream (quic->conn, &stream, NULL) == 0 ? stream : -1;
  }
  write_packets (quic);
}

static gpointer
run (gpointer user) {
  Quic *quic = user;
  if (!quic->is_server) {
    make_conn (quic, NULL);
    write_packets (quic);
  }
  while (!g_atomic_int_get (quic->done)) {
    turn (quic);
  }
  return NULL;
}

static void
open_socket (Quic *quic) {
  const int bytes = WINDOW_BYTES, on = 1;
  socklen_t size = sizeof quic->near;
  quic->fd = socket (AF_INET, SOCK_DGRAM, 0);
  quic->near = (struct sockaddr_in){.sin_family = AF_INET};
  quic->near.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (quic->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt (quic->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  if (quic->segments) {
    setsockopt (quic->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  }
  BENCH_MUST (bind (quic->fd, (const struct sockaddr *)&quic->near, size) == 0);
  BENCH_MUST (getsockname (quic->fd, (struct sockaddr *)&quic->near, &size) == 0);
}

double
bench_quic_bulk (uint64_t bytes, bool segments) {
  static Quic ends[2];
  gint done = 0;
  make_credentials ();
  for (int i = 0; i < 2; i++) {
    ends[i] = (Quic){
        .is_server = i == 0, .segments = segments, .stream = -1, .total = bytes, .done = &done};
    open_socket (&ends[i]);
  }
  for (int i = 0; i < 2; i++) {
    ends[i].far = ends[1 - i].near;
    BENCH_MUST (connect (ends[i].fd, (const struct sockaddr *)&ends[i].far, sizeof ends[i].far) ==
                0);
  }
  const double started = bench_cpu_seconds ();
  GThread *server = g_thread_new ("quic", run, &ends[0]);
  run (&ends[1]);
  g_thread_join (server);
  const double taken = bench_cpu_seconds () - started;
  for (int i = 0; i < 2; i++) {
    ngtcp2_conn_del (ends[i].conn);
    gnutls_deinit (ends[i].tls);
    close (ends[i].fd);
  }
  gnutls_certificate_free_credentials (credentials);
  return taken;
}
