/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/vector-file.h"

#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

/* The hexadecimal bytes behind "NAME[size]=" if the line has it. */
static bool
take_bytes (const char *line, const char *name, RtmfpBuffer *buffer) {
  const char *at = strstr (line, name);
  if (at == NULL || at[strlen (name)] != '[') {
    return false;
  }
  size_t size = strtoul (at + strlen (name) + 1, NULL, 10);
  rtmfp_buffer_clear (buffer);
  test_hex_append (buffer, strchr (at, '=') + 1);
  g_assert_cmpuint (buffer->size, ==, size);
  return true;
}

static long
number_behind (const char *line, const char *name, int base, long otherwise) {
  const char *at = strstr (line, name);
  return at != NULL ? strtol (at + strlen (name), NULL, base) : otherwise;
}

static void
take_packet (const char *line, VectorSession *session) {
  VectorPacket packet = {
      .from_client = strstr (line, " C-> ") != NULL,
      .under_default_key = strstr (line, "default key") != NULL,
      .wire_bytes = (size_t)number_behind (line, "wire=", 10, 0),
      .plain_bytes = (size_t)number_behind (line, "plain=", 10, 0),
      .sequence = (uint64_t)number_behind (line, "(sseq ", 10, 0),
      .flags = (uint8_t)number_behind (line, "flags=", 16, 0),
      .timestamp = (int)number_behind (line, " ts=", 10, -1),
      .timestamp_echo = (int)number_behind (line, " tse=", 10, -1),
      .chunks = g_array_new (FALSE, TRUE, sizeof (VectorChunk)),
  };
  g_array_append_val (session->packets, packet);
}

static void
take_chunk (const char *line, VectorPacket *packet) {
  VectorChunk chunk = {.type = (uint8_t)number_behind (line, "chunk ", 16, 0),
                       .size = (size_t)number_behind (line, "len=", 10, 0)};
  test_hex_append (&chunk.payload, strstr (line, "]=") + 2);
  g_array_append_val (packet->chunks, chunk);
}

static void
take_line (const char *line, VectorSession *session) {
  const struct {
    const char *name;
    RtmfpBuffer *buffer;
  } values[] = {
      {"server cert", &session->server_certificate},
      {"server fingerprint", &session->server_fingerprint},
      {"client cert", &session->client_certificate},
      {"client fingerprint", &session->client_fingerprint},
      {"C  SKRC", &session->responder_component},
      {"C  SKIC", &session->initiator_component},
      {"C DH_SECRET", &session->secret},
      {"C near nonce", &session->initiator_nonce},
      {"C far nonce", &session->responder_nonce},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (values); i++) {
    if (take_bytes (line, values[i].name, values[i].buffer)) {
      return;
    }
  }
  if (strstr (line, "wire=") != NULL) {
    take_packet (line, session);
  } else if (session->packets->len > 0) {
    VectorPacket *last = &g_array_index (session->packets, VectorPacket, session->packets->len - 1);
    if (strstr (line, "  chunk ") != NULL) {
      take_chunk (line, last);
    } else {
      take_bytes (line, "ciphertext", &last->ciphertext);
    }
  }
}

VectorSession *
vector_session_load (const char *path) {
  char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  VectorSession *session = g_new0 (VectorSession, 1);
  session->packets = g_array_new (FALSE, TRUE, sizeof (VectorPacket));
  char **lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    take_line (*line, session);
  }
  g_strfreev (lines);
  g_free (text);
  return session;
}

void
vector_session_free (VectorSession *session) {
  for (guint i = 0; i < session->packets->len; i++) {
    VectorPacket *packet = &g_array_index (session->packets, VectorPacket, i);
    for (guint j = 0; j < packet->chunks->len; j++) {
      rtmfp_buffer_clear (&g_array_index (packet->chunks, VectorChunk, j).payload);
    }
    g_array_free (packet->chunks, TRUE);
    rtmfp_buffer_clear (&packet->ciphertext);
  }
  g_array_free (session->packets, TRUE);
  RtmfpBuffer *buffers[] = {&session->server_certificate,
                            &session->server_fingerprint,
                            &session->client_certificate,
                            &session->client_fingerprint,
                            &session->secret,
                            &session->responder_component,
                            &session->initiator_component,
                            &session->initiator_nonce,
                            &session->responder_nonce};
  for (size_t i = 0; i < G_N_ELEMENTS (buffers); i++) {
    rtmfp_buffer_clear (buffers[i]);
  }
  g_free (session);
}
