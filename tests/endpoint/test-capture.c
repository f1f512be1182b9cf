/* SPDX-License-Identifier: Apache-2.0 */
/* A capture tells what truly went over the wire, as JSON; nothing secret; and no more than its
 * buffer holds. */
#include "tests/endpoint/world.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define SECRET "an unmistakable sentence"

/* ---- What was captured, as parsed lines ---- */

typedef struct {
  GPtrArray *lines; /* JsonNode */
  GString *text;
} Captured;

static JsonNode *
parse_line (const char *bytes, gsize size) {
  GError *error = NULL;
  g_assert_cmpuint (size, >, 1);
  g_assert_cmpint (bytes[size - 1], ==, '\n');
  g_assert_null (memchr (bytes, '\n', size - 1));
  JsonParser *parser = json_parser_new ();
  json_parser_load_from_data (parser, bytes, (gssize)size, &error);
  g_assert_no_error (error);
  JsonNode *node = json_parser_steal_root (parser);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  g_object_unref (parser);
  return node;
}

static Captured
drain (Node *node) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  Captured captured = {.lines = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref),
                       .text = g_string_new (NULL)};
  RtmfpCaptureEvent event;
  while (rtmfp_endpoint_poll_capture (node->endpoint, &event)) {
    gsize size = rtmfp_capture_write_json (&event, line, sizeof line);
    g_ptr_array_add (captured.lines, parse_line (line, size));
    g_string_append_len (captured.text, line, (gssize)size);
  }
  return captured;
}

static void
captured_clear (Captured *captured) {
  g_ptr_array_unref (captured->lines);
  g_string_free (captured->text, TRUE);
}

static JsonObject *
line_at (const Captured *captured, guint i) {
  return json_node_get_object (captured->lines->pdata[i]);
}

static bool
is_named (JsonObject *line, const char *name) {
  return g_str_equal (json_object_get_string_member (line, "name"), name);
}

static JsonObject *
data_of (JsonObject *line) {
  return json_object_get_object_member (line, "data");
}

static guint
count_named (const Captured *captured, const char *name) {
  guint count = 0;
  for (guint i = 0; i < captured->lines->len; i++) {
    count += is_named (line_at (captured, i), name);
  }
  return count;
}

static JsonObject *
find_named (const Captured *captured, const char *name) {
  for (guint i = 0; i < captured->lines->len; i++) {
    if (is_named (line_at (captured, i), name)) {
      return data_of (line_at (captured, i));
    }
  }
  g_test_message ("no %s in:\n%s", name, captured->text->str);
  g_assert_not_reached ();
}

static guint64
sum_lengths (const Captured *captured, const char *name) {
  guint64 sum = 0;
  for (guint i = 0; i < captured->lines->len; i++) {
    if (is_named (line_at (captured, i), name)) {
      JsonObject *raw = json_object_get_object_member (data_of (line_at (captured, i)), "raw");
      sum += (guint64)json_object_get_int_member (raw, "length");
    }
  }
  return sum;
}

/* Calls visit with each chunk of this type in packets of that name. Returns: how many. */
static guint
each_chunk (const Captured *captured, const char *name, const char *type,
            void (*visit) (JsonObject *chunk, gpointer user), gpointer user) {
  guint count = 0;
  for (guint i = 0; i < captured->lines->len; i++) {
    if (!is_named (line_at (captured, i), name)) {
      continue;
    }
    JsonArray *chunks = json_object_get_array_member (data_of (line_at (captured, i)), "chunks");
    for (guint k = 0; k < json_array_get_length (chunks); k++) {
      JsonObject *chunk = json_array_get_object_element (chunks, k);
      if (g_str_equal (json_object_get_string_member (chunk, "chunk_type"), type)) {
        count++;
        if (visit != NULL) {
          visit (chunk, user);
        }
      }
    }
  }
  return count;
}

/* Two nodes with captures on before their session opens, one flow, one message. */
typedef struct {
  World *world;
  Node *a, *b;
  RtmfpId session, flow;
} Talk;

static void
talk_init (Talk *talk, const RtmfpCaptureConfig *config) {
  const RtmfpIdentityConfig identity = plain_identity ();
  RtmfpFingerprint fingerprint;
  talk->world = world_new ();
  talk->a = world_add (talk->world, 1);
  talk->b = world_add (talk->world, 2);
  rtmfp_endpoint_start_capture (talk->a->endpoint, config);
  rtmfp_endpoint_start_capture (talk->b->endpoint, config);
  RtmfpId near = rtmfp_endpoint_add_identity (talk->a->endpoint, &identity, NULL);
  rtmfp_endpoint_add_identity (talk->b->endpoint, &identity, &fingerprint);
  talk->session = open_to (talk->a, near, &fingerprint, talk->b);
  told_free (node_expect (talk->a, RTMFP_EVENT_SESSION_OPEN));
  const RtmfpFlowConfig flow = {.metadata = rtmfp_bytes ("m", 1), .priority = RTMFP_PRIORITY_DATA};
  g_assert_cmpint (rtmfp_endpoint_open_flow (talk->a->endpoint, talk->session, &flow, &talk->flow),
                   ==, RTMFP_OK);
  send_text (talk->a, talk->flow, SECRET);
  Told *told = node_expect (talk->b, RTMFP_EVENT_FLOW_NEW);
  g_assert_cmpint (rtmfp_endpoint_accept_flow (talk->b->endpoint, told->event.flow,
                                               RTMFP_ORDER_SEQUENCE, 0, talk->world->now_us),
                   ==, RTMFP_OK);
  expect_text (talk->b, told->event.flow, SECRET);
  told_free (told);
  world_run (talk->world, G_USEC_PER_SEC);
}

/* ---- Tests ---- */

static void
expect_states (const Captured *captured, const char *const *states) {
  const char *old = "none";
  for (guint i = 0; i < captured->lines->len; i++) {
    JsonObject *line = line_at (captured, i);
    if (is_named (line, "rtmfp:session_state_updated")) {
      g_assert_nonnull (*states);
      g_assert_cmpstr (json_object_get_string_member (data_of (line), "old"), ==, old);
      g_assert_cmpstr (json_object_get_string_member (data_of (line), "new"), ==, *states);
      old = *states++;
    }
  }
  g_assert_null (*states);
}

static void
check_data_chunk (JsonObject *chunk, gpointer seen) {
  g_assert_cmpint (json_object_get_int_member (chunk, "sequence_number"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (chunk, "data_length"), ==, strlen (SECRET));
  g_assert_cmpstr (json_object_get_string_member (chunk, "fragment"), ==, "whole");
  g_assert_true (json_object_get_boolean_member (chunk, "opens_flow"));
  (*(guint *)seen)++;
}

static void
check_ack_chunk (JsonObject *chunk, gpointer highest) {
  gint64 ack = json_object_get_int_member (chunk, "cumulative_ack");
  *(gint64 *)highest = MAX (*(gint64 *)highest, ack);
  g_assert_cmpint (json_object_get_int_member (chunk, "buffer_available"), >, 0);
}

/* Each datagram of the counters stands in it, with its size; and what was in it. */
static void
test_conversation (void) {
  Talk talk;
  talk_init (&talk, NULL);
  rtmfp_endpoint_close (talk.a->endpoint, talk.session, false, talk.world->now_us);
  world_run (talk.world, 30 * G_USEC_PER_SEC);
  Captured a = drain (talk.a), b = drain (talk.b);
  const RtmfpCounters ca = counters_of (talk.a), cb = counters_of (talk.b);
  g_assert_cmpuint (count_named (&a, "rtmfp:packet_sent"), ==, ca.datagrams_out);
  g_assert_cmpuint (sum_lengths (&a, "rtmfp:packet_sent"), ==, ca.bytes_out);
  g_assert_cmpuint (count_named (&b, "rtmfp:packet_received"), ==, cb.datagrams_in);
  g_assert_cmpuint (sum_lengths (&b, "rtmfp:packet_received"), ==, cb.bytes_in);
  g_assert_cmpuint (count_named (&a, "rtmfp:packet_received"), ==, ca.datagrams_in);
  expect_states (&a,
                 (const char *const[]){"hello_sent", "keying", "open", "closing", "closed", NULL});
  expect_states (&b, (const char *const[]){"keying", "open", "closing", "closed", NULL});
  const char *sent = "rtmfp:packet_sent", *received = "rtmfp:packet_received";
  g_assert_cmpuint (each_chunk (&a, sent, "initiator_hello", NULL, NULL), ==, 1);
  g_assert_cmpuint (each_chunk (&b, sent, "responder_hello", NULL, NULL), ==, 1);
  g_assert_cmpuint (each_chunk (&b, received, "initiator_initial_keying", NULL, NULL), ==, 1);
  g_assert_cmpuint (each_chunk (&a, received, "responder_initial_keying", NULL, NULL), ==, 1);
  guint seen = 0;
  gint64 acked = 0;
  each_chunk (&a, sent, "user_data", check_data_chunk, &seen);
  each_chunk (&b, received, "user_data", check_data_chunk, &seen);
  g_assert_cmpuint (seen, ==, 2);
  each_chunk (&a, received, "data_ack_ranges", check_ack_chunk, &acked);
  g_assert_cmpint (acked, ==, 1);
  g_assert_cmpuint (each_chunk (&a, sent, "session_close_request", NULL, NULL), >, 0);
  captured_clear (&a);
  captured_clear (&b);
  world_free (talk.world);
}

/* Not what was said, and no key, unless it was asked for. */
static void
test_secrets (void) {
  Talk talk;
  const RtmfpCaptureConfig with_keys = {.exports_keys = true};
  talk_init (&talk, NULL);
  Captured plain = drain (talk.a);
  g_assert_null (strstr (plain.text->str, SECRET));
  g_assert_null (strstr (plain.text->str, "_key\""));
  g_assert_cmpuint (count_named (&plain, "rtmfp:session_keys"), ==, 0);
  JsonObject *keyed = find_named (&plain, "rtmfp:session_keyed");
  g_assert_true (json_object_get_boolean_member (keyed, "initiator"));
  g_assert_cmpstr (json_object_get_string_member (keyed, "suite"), ==, "AES-128-GCM");
  captured_clear (&plain);
  world_free (talk.world);

  talk_init (&talk, &with_keys);
  Captured a = drain (talk.a), b = drain (talk.b);
  JsonObject *of_a = find_named (&a, "rtmfp:session_keys");
  JsonObject *of_b = find_named (&b, "rtmfp:session_keys");
  const char *key = json_object_get_string_member (of_a, "encrypt_key");
  g_assert_cmpuint (strlen (key), >=, 32);
  g_assert_cmpstr (key, ==, json_object_get_string_member (of_b, "decrypt_key"));
  g_assert_cmpstr (key, !=, json_object_get_string_member (of_a, "decrypt_key"));
  const char *iv = json_object_get_string_member (of_a, "encrypt_iv");
  g_assert_cmpuint (strlen (iv), ==, 2 * RTMFP_AEAD_NONCE_SIZE);
  g_assert_cmpstr (iv, ==, json_object_get_string_member (of_b, "decrypt_iv"));
  g_assert_cmpstr (json_object_get_string_member (of_a, "near_session_id"), ==,
                   json_object_get_string_member (of_b, "far_session_id"));
  g_assert_null (strstr (a.text->str, SECRET));
  captured_clear (&a);
  captured_clear (&b);
  world_free (talk.world);
}

/* Nobody drains it: the oldest stay, the rest is counted, and the count is told. */
static void
test_bound (void) {
  Talk talk;
  const RtmfpCaptureConfig small = {.events_max = 16};
  talk_init (&talk, &small);
  for (int i = 0; i < 200; i++) {
    send_text (talk.a, talk.flow, SECRET);
    world_run (talk.world, 100000);
  }
  Captured first = drain (talk.a);
  g_assert_cmpuint (first.lines->len, ==, 16);
  captured_clear (&first);
  send_text (talk.a, talk.flow, SECRET);
  world_run (talk.world, 100000);
  Captured later = drain (talk.a);
  g_assert_cmpuint (later.lines->len, >, 0);
  g_assert_cmpint (json_object_get_int_member (line_at (&later, 0), "events_lost"), >, 200);
  for (guint i = 1; i < later.lines->len; i++) {
    g_assert_false (json_object_has_member (line_at (&later, i), "events_lost"));
  }
  captured_clear (&later);
  world_free (talk.world);
}

static bool
lose_some (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  return datagram->size < 600 || ++*(guint *)user % 7 != 0;
}

static void
note_ranges (JsonObject *chunk, gpointer most) {
  JsonArray *ranges = json_object_get_array_member (chunk, "ranges");
  gint64 count = json_object_get_int_member (chunk, "range_count");
  g_assert_cmpuint (json_array_get_length (ranges), ==, MIN (count, RTMFP_CAPTURE_RANGES_MAX));
  for (guint i = 0; i < json_array_get_length (ranges); i++) {
    JsonArray *range = json_array_get_array_element (ranges, i);
    g_assert_cmpint (json_array_get_int_element (range, 0), >,
                     json_object_get_int_member (chunk, "cumulative_ack") + 1);
    g_assert_cmpint (json_array_get_int_element (range, 1), >=,
                     json_array_get_int_element (range, 0));
  }
  *(gint64 *)most = MAX (*(gint64 *)most, count);
}

/* Losses and figures are those of rtmfp_endpoint_session_info(). */
static void
test_figures (void) {
  Talk talk;
  const RtmfpCaptureConfig roomy = {.events_max = 16384};
  guint count = 0;
  talk_init (&talk, &roomy);
  talk.world->tap = lose_some;
  talk.world->tap_user = &count;
  static guint8 message[100000];
  g_assert_cmpint (rtmfp_endpoint_send (talk.a->endpoint, talk.flow,
                                        rtmfp_bytes (message, sizeof message), NULL,
                                        talk.world->now_us, NULL),
                   ==, RTMFP_OK);
  world_run (talk.world, 20 * G_USEC_PER_SEC);
  Captured a = drain (talk.a);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (talk.a->endpoint, talk.session, &info), ==,
                   RTMFP_OK);
  gint64 lost = 0, total = 0, cwnd = 0, most_ranges = 0;
  double srtt_ms = 0;
  for (guint i = 0; i < a.lines->len; i++) {
    JsonObject *data = data_of (line_at (&a, i));
    if (is_named (line_at (&a, i), "rtmfp:packets_lost")) {
      lost += json_object_get_int_member (data, "count");
      total = json_object_get_int_member (data, "total");
    } else if (is_named (line_at (&a, i), "rtmfp:metrics_updated")) {
      cwnd = json_object_get_int_member (data, "congestion_window");
      srtt_ms = json_object_get_double_member (data, "smoothed_rtt");
    }
  }
  g_assert_cmpint (lost, >, 0);
  g_assert_cmpint (lost, ==, (gint64)info.packets_lost);
  g_assert_cmpint (total, ==, lost);
  g_assert_cmpint (cwnd, ==, (gint64)info.cwnd_bytes);
  g_assert_cmpfloat_with_epsilon (srtt_ms, (double)info.srtt_us / 1000, 0.002);
  each_chunk (&a, "rtmfp:packet_received", "data_ack_ranges", note_ranges, &most_ranges);
  each_chunk (&a, "rtmfp:packet_received", "data_ack_bitmap", note_ranges, &most_ranges);
  g_assert_cmpint (most_ranges, >, 0);
  captured_clear (&a);
  world_free (talk.world);
}

static void
expect_drop (Node *node, const char *trigger) {
  Captured captured = drain (node);
  JsonObject *drop = find_named (&captured, "rtmfp:packet_dropped");
  g_assert_cmpstr (json_object_get_string_member (drop, "trigger"), ==, trigger);
  g_assert_cmpstr (json_object_get_string_member (drop, "remote"), ==, "10.0.0.9:7");
  captured_clear (&captured);
}

static bool
keep_last (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  *(Datagram *)user = *datagram;
  return true;
}

static void
test_drops (void) {
  Talk talk;
  const RtmfpAddress stranger = rtmfp_address_ipv4 (10, 0, 0, 9, 7);
  talk_init (&talk, NULL);
  static Datagram last;
  talk.world->tap = keep_last;
  talk.world->tap_user = &last;
  send_text (talk.a, talk.flow, SECRET);
  world_settle (talk.world);
  talk.world->tap = NULL;
  world_run (talk.world, G_USEC_PER_SEC);
  Captured before = drain (talk.b);
  g_assert_cmpuint (count_named (&before, "rtmfp:packet_dropped"), ==, 0);
  captured_clear (&before);

  world_inject (talk.world, &stranger, &talk.b->address, last.bytes, last.size);
  world_run (talk.world, G_USEC_PER_SEC);
  expect_drop (talk.b, "repeated");
  last.bytes[last.size - 1] ^= 1;
  world_inject (talk.world, &stranger, &talk.b->address, last.bytes, last.size);
  world_run (talk.world, G_USEC_PER_SEC);
  expect_drop (talk.b, "not_authentic");
  last.bytes[0] ^= 1;
  world_inject (talk.world, &stranger, &talk.b->address, last.bytes, last.size);
  world_run (talk.world, G_USEC_PER_SEC);
  expect_drop (talk.b, "unknown_session");
  world_inject (talk.world, &stranger, &talk.b->address, "abc", 3);
  world_run (talk.world, G_USEC_PER_SEC);
  expect_drop (talk.b, "malformed");
  world_free (talk.world);
}

/* The far side moves, and a capture that begins late knows what is open. */
static void
test_late_and_moved (void) {
  Pair pair;
  RtmfpCaptureEvent event;
  pair_init (&pair);
  g_assert_false (rtmfp_endpoint_poll_capture (pair.b->endpoint, &event));
  rtmfp_endpoint_start_capture (pair.b->endpoint, NULL);
  Captured early = drain (pair.b);
  expect_states (&early, (const char *const[]){"open", NULL});
  g_assert_cmpuint (count_named (&early, "rtmfp:session_keyed"), ==, 1);
  captured_clear (&early);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  pair.a->address.port = 4321;
  rtmfp_endpoint_addresses_changed (pair.a->endpoint, pair.world->now_us);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  Captured captured = drain (pair.b);
  JsonObject *moved = find_named (&captured, "rtmfp:address_updated");
  g_assert_cmpstr (json_object_get_string_member (moved, "remote"), ==, "10.0.0.1:4321");
  captured_clear (&captured);
  rtmfp_endpoint_stop_capture (pair.b->endpoint);
  g_assert_false (rtmfp_endpoint_poll_capture (pair.b->endpoint, &event));
  pair_clear (&pair);
}

/* Time critical packets go to where the far side may be, too: these copies are told as well. */
static void
test_copies (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_REALTIME, &sending, &receiving);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  const RtmfpCounters before = counters_of (pair.a);
  rtmfp_endpoint_start_capture (pair.a->endpoint, NULL);
  /* no more goes there than came from there: so something comes */
  static const guint8 much[600];
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("m", 1)};
  RtmfpId back;
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.b->endpoint, pair.b_session, &config, &back), ==,
                   RTMFP_OK);
  pair.b->address.port = 4321;
  g_assert_cmpint (rtmfp_endpoint_send (pair.b->endpoint, back, rtmfp_bytes (much, sizeof much),
                                        NULL, pair.world->now_us, NULL),
                   ==, RTMFP_OK);
  for (int i = 0; i < 60; i++) {
    send_text (pair.a, sending, SECRET);
    world_run (pair.world, 5000);
  }
  Captured a = drain (pair.a);
  const RtmfpCounters after = counters_of (pair.a);
  g_assert_cmpuint (count_named (&a, "rtmfp:packet_sent"), ==,
                    after.datagrams_out - before.datagrams_out);
  g_assert_cmpuint (sum_lengths (&a, "rtmfp:packet_sent"), ==, after.bytes_out - before.bytes_out);
  g_assert_nonnull (strstr (a.text->str, "\"packet_type\":\"copy\""));
  captured_clear (&a);
  pair_clear (&pair);
}

static void
test_header (void) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  gsize size = rtmfp_capture_write_header ("a \"title\"\\\n", line, sizeof line);
  JsonNode *node = parse_line (line, size);
  JsonObject *header = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (header, "file_schema"), ==,
                   "urn:ietf:params:qlog:file:sequential");
  g_assert_cmpstr (json_object_get_string_member (header, "title"), ==, "a \"title\"\\\n");
  json_node_unref (node);
  g_assert_cmpuint (rtmfp_capture_write_header ("", line, 100), ==, 0);
}

/* The longest line there can be has room. */
static void
test_longest_line (void) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  static RtmfpCaptureChunk chunks[RTMFP_CAPTURE_CHUNKS_MAX];
  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++) {
    chunks[i] = (RtmfpCaptureChunk){.type = i % 2 == 0 ? 0x51 : 0x10,
                                    .payload_bytes = UINT16_MAX,
                                    .is_readable = true,
                                    .has_flow = true,
                                    .flow_id = UINT64_MAX,
                                    .sequence_number = UINT64_MAX,
                                    .forward_sequence_number = UINT64_MAX,
                                    .data_bytes = UINT16_MAX,
                                    .abandon = true,
                                    .final = true,
                                    .opens_flow = true,
                                    .buffer_bytes = UINT64_MAX,
                                    .range_count = UINT32_MAX};
    for (guint k = 0; k < RTMFP_CAPTURE_RANGES_MAX; k++) {
      chunks[i].ranges[k] = (RtmfpCaptureRange){.first = UINT64_MAX, .last = UINT64_MAX};
    }
  }
  RtmfpCaptureEvent event = {.type = RTMFP_CAPTURE_PACKET_SENT,
                             .at_us = INT64_MAX,
                             .session = UINT64_MAX,
                             .lost_before = UINT64_MAX,
                             .chunk_total = SIZE_MAX,
                             .chunk_count = G_N_ELEMENTS (chunks),
                             .chunks = chunks};
  for (guint i = 0; i < 16; i++) {
    event.packet.address.ip[i] = 0xff;
  }
  event.packet.address.family = RTMFP_ADDRESS_IPV6;
  event.packet.address.port = UINT16_MAX;
  gsize size = rtmfp_capture_write_json (&event, line, sizeof line);
  g_assert_cmpuint (size, >, 8000);
  json_node_unref (parse_line (line, size));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/capture/conversation", test_conversation);
  g_test_add_func ("/endpoint/capture/secrets", test_secrets);
  g_test_add_func ("/endpoint/capture/bound", test_bound);
  g_test_add_func ("/endpoint/capture/figures", test_figures);
  g_test_add_func ("/endpoint/capture/drops", test_drops);
  g_test_add_func ("/endpoint/capture/late-and-moved", test_late_and_moved);
  g_test_add_func ("/endpoint/capture/copies", test_copies);
  g_test_add_func ("/endpoint/capture/header", test_header);
  g_test_add_func ("/endpoint/capture/longest-line", test_longest_line);
  return g_test_run ();
}
