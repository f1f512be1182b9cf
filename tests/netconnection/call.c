/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls both ways on a direct session: order, results, errors, and the bounds. */
#include "tests/netconnection/world.h"

#include <string.h>

static void
test_both_ways (void) {
  World *world = world_new (NULL);
  RtmfpId from_a = 0, from_b = 0;
  assert_ok (rtmfp_net_call (world->a.net, world->a.session, "sum", amf_number (1), true,
                             world->now_us, &from_a));
  assert_ok (rtmfp_net_call (world->b.net, world->b.session, "ask", amf_text ("who"), true,
                             world->now_us, &from_b));
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpstr (told->event.name, ==, "sum");
  g_assert_cmpint (told->event.object->type, ==, RTMFP_AMF_NULL);
  double number = 0;
  g_assert_true (rtmfp_amf_as_number (told->event.values[0].value, &number));
  g_assert_cmpfloat (number, ==, 1);
  assert_ok (rtmfp_net_return (world->b.net, world->b.session, told->event.call, amf_number (2),
                               world->now_us));
  g_assert_cmpint (
      rtmfp_net_return (world->b.net, world->b.session, told->event.call, NO_BYTES, world->now_us),
      ==, RTMFP_STATE);
  told_free (told);
  told = expect (&world->a, RTMFP_NET_CALL);
  assert_ok (rtmfp_net_fail (world->a.net, world->a.session, told->event.call, "busy", "Not now.",
                             world->now_us));
  told_free (told);
  told = expect (&world->a, RTMFP_NET_RESULT);
  g_assert_cmpuint (told->event.call, ==, from_a);
  g_assert_true (rtmfp_amf_as_number (told->event.values[0].value, &number));
  g_assert_cmpfloat (number, ==, 2);
  told_free (told);
  told = expect (&world->b, RTMFP_NET_ERROR);
  g_assert_cmpuint (told->event.call, ==, from_b);
  g_assert_cmpstr (told->event.code, ==, "busy");
  g_assert_cmpstr (told->event.text, ==, "Not now.");
  told_free (told);
  world_free (world);
}

static void
test_empty_return (void) {
  World *world = world_new (NULL);
  assert_ok (rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us,
                             &(RtmfpId){0}));
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpuint (told->event.value_count, ==, 0);
  g_assert_cmpuint (told->event.bytes.size, ==, 0);
  assert_ok (
      rtmfp_net_return (world->b.net, world->b.session, told->event.call, NO_BYTES, world->now_us));
  told_free (told);
  told = expect (&world->a, RTMFP_NET_RESULT);
  g_assert_cmpuint (told->event.value_count, ==, 1);
  g_assert_true (rtmfp_amf_is_nothing (told->event.values[0].value));
  told_free (told);
  world_free (world);
}

static void
test_order (void) {
  World *world = world_new (NULL);
  world->loss_permille = 100;
  for (int i = 0; i < 1000; i++) {
    assert_ok (rtmfp_net_call (world->a.net, world->a.session, "n", amf_number (i), false,
                               world->now_us, NULL));
  }
  for (int i = 0; i < 1000; i++) {
    Told *told = expect (&world->b, RTMFP_NET_CALL);
    double number = -1;
    g_assert_true (rtmfp_amf_as_number (told->event.values[0].value, &number));
    g_assert_cmpfloat (number, ==, i);
    g_assert_cmpuint (told->event.call, ==, 0);
    assert_ok (rtmfp_net_return (world->b.net, world->b.session, 0, NO_BYTES, world->now_us));
    told_free (told);
  }
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->a, RTMFP_NET_RESULT), ==, 0);
  world_free (world);
}

/* Calls of ours that wait: one too many is refused here; one that was answered makes room. */
static void
test_open_calls (void) {
  World *world = world_new (NULL);
  RtmfpId id;
  for (int i = 0; i < RTMFP_NET_CALLS_MAX; i++) {
    assert_ok (
        rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us, &id));
  }
  g_assert_cmpint (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us, &id), ==,
      RTMFP_LIMIT);
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, false, world->now_us, NULL));
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  assert_ok (
      rtmfp_net_return (world->b.net, world->b.session, told->event.call, NO_BYTES, world->now_us));
  told_free (told);
  told_free (expect (&world->a, RTMFP_NET_RESULT));
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us, &id));
  rtmfp_endpoint_close (world->a.endpoint, world->a.session, false, world->now_us);
  expect_session (&world->a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpuint (told_count (&world->a, RTMFP_NET_ERROR), ==, RTMFP_NET_CALLS_MAX);
  world_free (world);
}

static void
append_call (RtmfpBuffer *out, const char *name, double transaction) {
  out->size = 0;
  rtmfp_buffer_append (out, BYTES ("\x14\0\0\0\0"));
  rtmfp_amf_write_text (out, name);
  rtmfp_amf_write_number (out, transaction);
  rtmfp_amf_write_null (out);
}

/* Calls of theirs that wait: one too many is answered with an error, and order is kept. */
static void
test_their_open_calls (void) {
  World *world = world_new (&(WorldOptions){.a_bare = true});
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
  RtmfpBuffer out = {0};
  for (int i = 0; i < RTMFP_NET_CALLS_MAX + 1; i++) {
    append_call (&out, "f", 1000.5 + i);
    raw_send (&world->a, flow, rtmfp_buffer_bytes (&out));
  }
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  raw_accept (&world->a, raw->event.flow);
  raw_free (raw);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  append_call (&out, "_error", 1000.5 + RTMFP_NET_CALLS_MAX);
  g_assert_cmpmem (raw->event.bytes.data, out.size, out.data, out.size);
  raw_free (raw);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CALL), ==, RTMFP_NET_CALLS_MAX);
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  assert_ok (
      rtmfp_net_return (world->b.net, world->b.session, told->event.call, NO_BYTES, world->now_us));
  told_free (told);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  append_call (&out, "_result", 1000.5); /* whatever number they chose */
  g_assert_cmpmem (raw->event.bytes.data, out.size, out.data, out.size);
  raw_free (raw);
  rtmfp_buffer_clear (&out);
  world_free (world);
}

static void
test_unknown_answers (void) {
  World *world = world_new (&(WorldOptions){.a_bare = true});
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
  RtmfpBuffer out = {0};
  const double numbers[] = {0, 1, 2, -1, 2.5, 1e300, -1e300};
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    append_call (&out, i % 2 == 0 ? "_result" : "_error", numbers[i]);
    raw_send (&world->a, flow, rtmfp_buffer_bytes (&out));
  }
  world_run (world, G_USEC_PER_SEC);
  RtmfpNetCounters counters;
  rtmfp_net_counters (world->b.net, &counters);
  g_assert_cmpuint (counters.dropped_unexpected, ==, G_N_ELEMENTS (numbers));
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  rtmfp_buffer_clear (&out);
  world_free (world);
}

static void
test_full_and_writable (void) {
  World *world = world_new (NULL);
  g_autofree char *text = g_strnfill (200000, 'x');
  RtmfpBuffer args = {0};
  rtmfp_amf_write_text (&args, text);
  int sent = 0;
  RtmfpStatus status;
  while ((status = rtmfp_net_call (world->a.net, world->a.session, "f", rtmfp_buffer_bytes (&args),
                                   false, world->now_us, NULL)) == RTMFP_OK) {
    sent++;
  }
  g_assert_cmpint (status, ==, RTMFP_FULL);
  g_assert_cmpint (sent, ==, RTMFP_NET_CONTROL_BUFFER_BYTES / 200000 + 1);
  told_free (expect (&world->a, RTMFP_NET_CALL_WRITABLE));
  assert_ok (rtmfp_net_call (world->a.net, world->a.session, "f", rtmfp_buffer_bytes (&args), false,
                             world->now_us, NULL));
  for (int i = 0; i < sent + 1; i++) {
    told_free (expect (&world->b, RTMFP_NET_CALL));
  }
  rtmfp_buffer_clear (&args);
  world_free (world);
}

static void
test_too_large (void) {
  World *world = world_new (NULL);
  g_autofree char *text = g_strnfill (RTMFP_NET_COMMAND_BYTES_MAX, 'x');
  RtmfpBuffer args = {0};
  rtmfp_amf_write_string (&args, rtmfp_bytes (text, RTMFP_NET_COMMAND_BYTES_MAX - 1024 - 5));
  assert_ok (rtmfp_net_call (world->a.net, world->a.session, "f", rtmfp_buffer_bytes (&args), false,
                             world->now_us, NULL));
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpuint (told->event.bytes.size, ==, args.size);
  told_free (told);
  args.size = 0;
  rtmfp_amf_write_string (&args, rtmfp_bytes (text, RTMFP_NET_COMMAND_BYTES_MAX - 1024 - 4));
  g_assert_cmpint (rtmfp_net_call (world->a.net, world->a.session, "f", rtmfp_buffer_bytes (&args),
                                   false, world->now_us, NULL),
                   ==, RTMFP_LIMIT);
  rtmfp_buffer_clear (&args);
  world_free (world);
}

/* Answers are never FULL: they wait, in order, until there is room. */
static void
test_backlog (void) {
  World *world = world_new (NULL);
  RtmfpId id;
  for (int i = 0; i < 10; i++) {
    assert_ok (rtmfp_net_call (world->a.net, world->a.session, "f", amf_number (i), true,
                               world->now_us, &id));
  }
  g_autofree char *text = g_strnfill (500000, 'x');
  for (int i = 0; i < 10; i++) {
    Told *told = expect (&world->b, RTMFP_NET_CALL);
    RtmfpBuffer args = {0};
    rtmfp_amf_write_number (&args, i);
    rtmfp_amf_write_text (&args, text);
    assert_ok (rtmfp_net_return (world->b.net, world->b.session, told->event.call,
                                 rtmfp_buffer_bytes (&args), world->now_us));
    rtmfp_buffer_clear (&args);
    told_free (told);
  }
  g_assert_cmpint (
      rtmfp_net_call (world->b.net, world->b.session, "g", NO_BYTES, false, world->now_us, NULL),
      ==, RTMFP_FULL);
  for (int i = 0; i < 10; i++) {
    Told *told = expect (&world->a, RTMFP_NET_RESULT);
    double number = -1;
    g_assert_true (rtmfp_amf_as_number (told->event.values[0].value, &number));
    g_assert_cmpfloat (number, ==, i);
    told_free (told);
  }
  told_free (expect (&world->b, RTMFP_NET_CALL_WRITABLE));
  world_free (world);
}

/* A caller that does not read its answers loses its session, not our memory. */
static void
test_backlog_bound (void) {
  World *world = world_new (NULL);
  RtmfpId id;
  for (int i = 0; i < 20; i++) {
    assert_ok (
        rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us, &id));
  }
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CALL), ==, 20);
  world->is_cut = true;
  g_autofree char *text = g_strnfill (1000000, 'x');
  RtmfpBuffer args = {0};
  rtmfp_amf_write_text (&args, text);
  int answered = 0;
  RtmfpStatus status = RTMFP_OK;
  while (status == RTMFP_OK && answered < 20) {
    Told *told = expect (&world->b, RTMFP_NET_CALL);
    status = rtmfp_net_return (world->b.net, world->b.session, told->event.call,
                               rtmfp_buffer_bytes (&args), world->now_us);
    answered += status == RTMFP_OK;
    told_free (told);
  }
  g_assert_cmpint (status, ==, RTMFP_STATE);
  /* three in the flow's buffer, four in the backlog, and the one that was too much */
  g_assert_cmpint (answered, ==, 3 + RTMFP_NET_BACKLOG_BYTES_MAX / 1000000 + 1);
  RtmfpNetCounters counters;
  rtmfp_net_counters (world->b.net, &counters);
  g_assert_cmpuint (counters.sessions_closed, ==, 1);
  world->is_cut = false;
  expect_session (&world->b, RTMFP_EVENT_SESSION_CLOSED);
  rtmfp_buffer_clear (&args);
  world_free (world);
}

static void
test_priority (void) {
  World *world = world_new (NULL);
  rtmfp_net_set_call_priority (world->a.net, world->a.session, RTMFP_PRIORITY_INTERACTIVE);
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, false, world->now_us, NULL));
  rtmfp_net_set_call_priority (world->a.net, world->a.session, RTMFP_PRIORITY_BULK);
  rtmfp_net_set_call_priority (world->a.net, 12345, RTMFP_PRIORITY_BULK);
  told_free (expect (&world->b, RTMFP_NET_CALL));
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/call/both-ways", test_both_ways);
  g_test_add_func ("/net/call/empty-return", test_empty_return);
  g_test_add_func ("/net/call/order-with-losses", test_order);
  g_test_add_func ("/net/call/open-calls-are-bounded", test_open_calls);
  g_test_add_func ("/net/call/their-open-calls-are-bounded", test_their_open_calls);
  g_test_add_func ("/net/call/unknown-answers-are-dropped", test_unknown_answers);
  g_test_add_func ("/net/call/full-then-writable", test_full_and_writable);
  g_test_add_func ("/net/call/size-is-bounded", test_too_large);
  g_test_add_func ("/net/call/answers-wait-for-room", test_backlog);
  g_test_add_func ("/net/call/backlog-is-bounded", test_backlog_bound);
  g_test_add_func ("/net/call/priority", test_priority);
  return g_test_run ();
}
