/* SPDX-License-Identifier: Apache-2.0 */
/* A capture of one's own sessions: what was sent, received, dropped, measured and decided, as
 * events and as qlog-like JSON lines (draft-ietf-quic-qlog-main-schema). A part of the public face,
 * see rtmfp_endpoint_start_capture() in core/endpoint/endpoint.h.
 *
 * Events wait in a buffer of a size that the host chooses; what finds it full is counted and lost.
 * They hold sizes and numbers, never what a message says; and no keys unless exports_keys is set.
 */
#ifndef RTMFP_SESSION_CAPTURE_H
#define RTMFP_SESSION_CAPTURE_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/base/slots.h"
#include "core/crypto/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ranges of one acknowledgement that are told; the others are only counted. */
#define RTMFP_CAPTURE_RANGES_MAX 4
/* Chunks of one packet that are told; the others are only counted. */
#define RTMFP_CAPTURE_CHUNKS_MAX 64
/* Room that one line of rtmfp_capture_write_json() may need, with its line end. */
#define RTMFP_CAPTURE_LINE_BYTES_MAX 32768

/* How a capture is made. */
typedef struct {
  /* Events that may wait to be polled, 16 to 1048576; 0 = 4096 (about 3 MiB). */
  size_t events_max;
  /* Also tell the keys of each session as it opens, RTMFP_CAPTURE_KEYS. Whoever has them and the
   * datagrams reads all that is said in that session: for one's own debugging only. */
  bool exports_keys;
} RtmfpCaptureConfig;

/* What an event tells. */
typedef enum {
  RTMFP_CAPTURE_PACKET_SENT,     /* packet, chunks */
  RTMFP_CAPTURE_PACKET_RECEIVED, /* packet, chunks: authentic, but for startup packets */
  RTMFP_CAPTURE_PACKET_DROPPED,  /* reason; packet.address, packet.datagram_bytes */
  RTMFP_CAPTURE_SESSION_STATE,   /* old_state, new_state */
  RTMFP_CAPTURE_SESSION_KEYED,   /* keying: what was negotiated, when a session opens */
  RTMFP_CAPTURE_SESSION_KEYS,    /* keying and its keys, with exports_keys only */
  RTMFP_CAPTURE_SESSION_ADDRESS, /* packet.address: the far side is there now */
  RTMFP_CAPTURE_METRICS,         /* metrics: window or round trip changed */
  RTMFP_CAPTURE_PACKETS_LOST,    /* metrics.lost_now: taken as lost by our sender */
} RtmfpCaptureType;

/* Why a datagram was dropped. */
typedef enum {
  RTMFP_CAPTURE_MALFORMED,       /* no packet of this protocol */
  RTMFP_CAPTURE_NOT_AUTHENTIC,   /* checksum, HMAC or tag */
  RTMFP_CAPTURE_REPEATED,        /* its sequence number was there already, or is too old */
  RTMFP_CAPTURE_UNKNOWN_SESSION, /* no such session, or it does not expect that now */
  RTMFP_CAPTURE_LIMIT,           /* a bound was reached */
  RTMFP_CAPTURE_RATE_LIMITED,    /* hellos from there were answered often enough */
  RTMFP_CAPTURE_REFUSED,         /* a hello for nobody here, or for who takes no session */
} RtmfpCaptureReason;

/* The states of a session as a capture tells them, RFC 7016 s3.5. */
typedef enum {
  RTMFP_CAPTURE_STATE_NONE,    /* before the first */
  RTMFP_CAPTURE_STATE_HELLO,   /* S_IHELLO_SENT */
  RTMFP_CAPTURE_STATE_KEYING,  /* S_KEYING_SENT, and while keys are computed */
  RTMFP_CAPTURE_STATE_OPEN,    /* S_OPEN */
  RTMFP_CAPTURE_STATE_CLOSING, /* S_NEARCLOSE, S_FARCLOSE_LINGER */
  RTMFP_CAPTURE_STATE_CLOSED,  /* S_CLOSED, S_OPEN_FAILED */
} RtmfpCaptureState;

/* Sequence numbers first to last. */
typedef struct {
  uint64_t first;
  uint64_t last;
} RtmfpCaptureRange;

/* One chunk of a packet. */
typedef struct {
  uint8_t type;           /* the number of RFC 7016 s2.3 */
  uint16_t payload_bytes; /* of the chunk, without its header */
  bool is_readable;       /* what follows was read; else the chunk is unknown or broken */
  bool has_flow;          /* flow_id counts */
  uint64_t flow_id;       /* the number on the wire */
  /* user data: of the fragment; acknowledgements: all through it was received */
  uint64_t sequence_number;
  uint64_t forward_sequence_number; /* user data */
  uint16_t data_bytes;              /* user data: of the message */
  uint8_t fragment;                 /* user data: 0 whole, 1 begin, 2 end, 3 middle */
  bool abandon;                     /* user data: this number was given up */
  bool final;                       /* user data: the last number of the flow */
  bool opens_flow;                  /* user data: with metadata */
  uint64_t buffer_bytes;            /* acknowledgements: what the receiver takes */
  uint64_t code;                    /* flow exceptions */
  uint32_t session_id;              /* keying: what the sender wants to be addressed with */
  uint32_t range_count;             /* acknowledgements: ranges above sequence_number */
  RtmfpCaptureRange ranges[RTMFP_CAPTURE_RANGES_MAX];
} RtmfpCaptureChunk;

/* One packet. */
typedef struct {
  RtmfpAddress address;    /* far */
  uint32_t interface_id;   /* as in rtmfp_endpoint_receive() */
  uint32_t datagram_bytes; /* 0 = put together from fragments that were told before */
  uint32_t plain_bytes;    /* of the packet inside, with its padding */
  uint8_t mode;            /* 1 initiator, 2 responder, 3 startup; 0 = a copy of a packet that was
                              told, to one more address */
  bool time_critical;
  bool time_critical_reverse;
  bool has_timestamp;
  bool has_timestamp_echo;
  uint16_t timestamp; /* ticks of 4 ms, as are both */
  uint16_t timestamp_echo;
} RtmfpCapturePacket;

/* What was negotiated. Key lengths 0 = none. */
typedef struct {
  bool is_initiator;
  uint32_t near_id; /* what the far side addresses us with */
  uint32_t far_id;  /* what we address it with */
  RtmfpFingerprint far_fingerprint;
  uint64_t peer_features;                      /* see RtmfpSessionInfo */
  uint8_t hmac_send_bytes, hmac_receive_bytes; /* 0 = the simple checksum */
  bool sends_sequence, receives_sequence;
  const char *suite; /* (static) name of the packet protection */
  /* with RTMFP_CAPTURE_SESSION_KEYS only */
  uint8_t key_bytes;
  uint8_t encrypt_key[32], decrypt_key[32];
  uint8_t iv_bytes; /* 0 = no AEAD */
  uint8_t encrypt_iv[RTMFP_AEAD_NONCE_SIZE], decrypt_iv[RTMFP_AEAD_NONCE_SIZE];
} RtmfpCaptureKeying;

/* Figures of an open session's sender. */
typedef struct {
  int64_t srtt_us; /* 0 = not measured yet */
  uint64_t cwnd_bytes, outstanding_bytes;
  uint64_t lost;     /* fragments since the session opened */
  uint64_t lost_now; /* since the last event that told it */
} RtmfpCaptureMetrics;

/* One event. Which members count is said by its type. */
typedef struct {
  RtmfpCaptureType type;
  int64_t at_us;   /* on the host's clock */
  RtmfpId session; /* 0 = of none, or not known */
  RtmfpCaptureReason reason;
  RtmfpCaptureState old_state, new_state;
  RtmfpCapturePacket packet;
  RtmfpCaptureKeying keying;
  RtmfpCaptureMetrics metrics;
  uint64_t lost_before;            /* events that found the buffer full before this one */
  size_t chunk_total;              /* chunks of the packet */
  size_t chunk_count;              /* those that follow, at most RTMFP_CAPTURE_CHUNKS_MAX */
  const RtmfpCaptureChunk *chunks; /* (borrowed until the next call on the endpoint) */
} RtmfpCaptureEvent;

/* Writes the first line of a file of events: what a qlog file says of itself. title: (borrowed)
 * printable text, "" for none; quotes and backslashes are escaped. out: capacity bytes, at least
 * RTMFP_CAPTURE_LINE_BYTES_MAX. Returns: bytes written, line end included, no NUL; 0 when title is
 * too long. Source: draft-ietf-quic-qlog-main-schema, "QlogFileSeq". */
RTMFP_API size_t rtmfp_capture_write_header (const char *title, char *out, size_t capacity);

/* Writes one event as one line of JSON. out: capacity bytes, at least RTMFP_CAPTURE_LINE_BYTES_MAX.
 * Returns: bytes written, line end included, no NUL; 0 when capacity is less than that.
 * Source: draft-ietf-quic-qlog-main-schema, "Event". */
RTMFP_API size_t rtmfp_capture_write_json (const RtmfpCaptureEvent *event, char *out,
                                           size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
