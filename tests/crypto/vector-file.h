/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a recorded session of tests/vectors. */
#ifndef TEST_CRYPTO_VECTOR_FILE_H
#define TEST_CRYPTO_VECTOR_FILE_H

#include "core/base/buffer.h"

#include <glib.h>

typedef struct {
  uint8_t type;
  size_t size;
  RtmfpBuffer payload; /* the first 400 bytes at most */
} VectorChunk;

typedef struct {
  bool from_client;
  bool under_default_key;
  size_t wire_bytes;
  size_t plain_bytes;
  uint64_t sequence; /* when the session uses them */
  uint8_t flags;
  int timestamp;      /* -1 = none */
  int timestamp_echo; /* -1 = none */
  GArray *chunks;     /* VectorChunk */
  RtmfpBuffer ciphertext;
} VectorPacket;

typedef struct {
  RtmfpBuffer server_certificate, server_fingerprint, client_certificate, client_fingerprint;
  RtmfpBuffer responder_component, initiator_component, secret;
  RtmfpBuffer initiator_nonce, responder_nonce;
  GArray *packets; /* VectorPacket */
} VectorSession;

VectorSession *vector_session_load (const char *path);
void vector_session_free (VectorSession *session);

#endif
