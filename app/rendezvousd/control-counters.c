/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/rendezvousd/control-counters.h"

static void
add_number (JsonBuilder *builder, const char *name, uint64_t number) {
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)number);
}

static void
add_engine_counters (JsonBuilder *builder, const AhoyRendezvousCounters *c) {
  add_number (builder, "droppedMalformed", c->endpoint.dropped_malformed);
  add_number (builder, "droppedAuth", c->endpoint.dropped_auth);
  add_number (builder, "droppedUnknownSession", c->endpoint.dropped_unknown_session);
  add_number (builder, "droppedReplay", c->endpoint.dropped_replay);
  add_number (builder, "droppedRateLimited", c->endpoint.dropped_rate_limited);
  add_number (builder, "droppedLimit", c->endpoint.dropped_limit);
  add_number (builder, "handshakesAnswered", c->endpoint.handshakes_answered);
  add_number (builder, "sessionsOpened", c->endpoint.sessions_opened);
  add_number (builder, "netDroppedMalformed", c->net.dropped_malformed);
  add_number (builder, "netDroppedUnexpected", c->net.dropped_unexpected);
  add_number (builder, "netSessionsClosed", c->net.sessions_closed);
}

static void
add_rendezvous_counters (JsonBuilder *builder, const AhoyRendezvousCounters *c) {
  add_number (builder, "sessions", c->visitors);
  add_number (builder, "people", c->people);
  add_number (builder, "calls", c->calls);
  add_number (builder, "handles", c->handles);
  add_number (builder, "storeWaiting", c->store_waiting);
  add_number (builder, "signedIn", c->signed_in);
  add_number (builder, "signInFailed", c->sign_in_failed);
  add_number (builder, "accountsCreated", c->accounts_created);
  add_number (builder, "proofsRefused", c->proofs_refused);
  add_number (builder, "messagesStored", c->messages_stored);
  add_number (builder, "messagesDelivered", c->messages_delivered);
  add_number (builder, "signals", c->signals);
  add_number (builder, "callsOffered", c->calls_offered);
  add_number (builder, "callsAnswered", c->calls_answered);
  add_number (builder, "introductions", c->introductions);
  add_number (builder, "introductionsRefused", c->introductions_refused);
  add_number (builder, "hellosForwarded", c->hellos_forwarded);
  add_number (builder, "hellosDropped", c->hellos_dropped);
  add_number (builder, "rateLimited", c->rate_limited);
  add_number (builder, "badRequests", c->bad_requests);
  add_number (builder, "storeFailed", c->store_failed);
}

static void
add_plain_counters (JsonBuilder *builder, const AppPlain *plain) {
  AhoyMediaServerCounters c;
  app_plain_counters (plain, &c);
  add_number (builder, "plainGuests", c.guests);
  add_number (builder, "plainPublished", c.published);
  add_number (builder, "plainPlayers", c.players);
  add_number (builder, "plainConnected", c.connected);
  add_number (builder, "plainRefused", c.refused);
  add_number (builder, "plainHellosForwarded", c.hellos_forwarded);
  add_number (builder, "plainHellosDropped", c.hellos_dropped);
  add_number (builder, "plainMediaIn", c.media_in);
  add_number (builder, "plainMediaOut", c.media_out);
  add_number (builder, "plainMediaSkipped", c.media_skipped);
  add_number (builder, "plainCallsRelayed", c.calls_relayed);
  add_number (builder, "plainRateLimited", c.rate_limited);
  add_number (builder, "plainDroppedMalformed", c.endpoint.dropped_malformed);
  add_number (builder, "plainDroppedAuth", c.endpoint.dropped_auth);
  add_number (builder, "plainNetDroppedMalformed", c.net.dropped_malformed);
  add_number (builder, "plainNetSessionsClosed", c.net.sessions_closed);
}

static void
add_server_figures (JsonBuilder *builder, const AppServerFigures *figures) {
  add_number (builder, "bytesIn", figures->bytes_in);
  add_number (builder, "bytesOut", figures->bytes_out);
  add_number (builder, "datagramsIn", figures->datagrams_in);
  add_number (builder, "datagramsOut", figures->datagrams_out);
  add_number (builder, "storeCommits", figures->store_commits);
  add_number (builder, "storeRequests", figures->store_requests);
  add_number (builder, "storeFailures", figures->store_failures);
}

void
app_control_add_counters (JsonBuilder *builder, AppServer *server) {
  AhoyRendezvousCounters counters;
  ahoy_rendezvous_counters (app_server_rendezvous (server), &counters);
  const AppServerFigures figures = app_server_figures (server);
  json_builder_set_member_name (builder, "counters");
  json_builder_begin_object (builder);
  add_rendezvous_counters (builder, &counters);
  add_server_figures (builder, &figures);
  add_engine_counters (builder, &counters);
  if (app_server_plain (server) != NULL) {
    add_plain_counters (builder, app_server_plain (server));
  }
  json_builder_end_object (builder);
}
