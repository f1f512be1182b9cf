/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to our own hellos: RHello and Redirect, RFC 7016 s3.5.1.1.1. */
#include "core/endpoint/endpoint-state.h"

#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"

static RtmfpEntry *
find_opening_by_tag (RtmfpEndpoint *endpoint, RtmfpBytes tag) {
  if (tag.size != RTMFP_TAG_SIZE) {
    return NULL;
  }
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_tag_key (tag.data, key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_tag, rtmfp_endpoint_hash (endpoint, key));
  return node != NULL ? RTMFP_OWNER_OF (node, RtmfpEntry, by_tag) : NULL;
}

/* Another session with that far end is under way already (s3.5.1.1.1 step 1). */
static bool
is_duplicate (RtmfpEndpoint *endpoint, const RtmfpEntry *entry, const RtmfpResponderHello *hello) {
  RtmfpCertificate certificate;
  if (rtmfp_certificate_read (hello->certificate, &certificate) != RTMFP_OK ||
      !rtmfp_epd_selects (rtmfp_session_epd (entry->session), &certificate)) {
    return false;
  }
  const RtmfpEntry *other = rtmfp_endpoint_find_peer (
      endpoint, rtmfp_session_identity (entry->session), &certificate.fingerprint, entry);
  return other != NULL && rtmfp_session_state (other->session) != RTMFP_SESSION_RESPONDING;
}

RtmfpStatus
rtmfp_endpoint_receive_responder_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                        const RtmfpPath *from, int64_t now_us) {
  RtmfpResponderHello hello;
  RtmfpStatus status = rtmfp_read_responder_hello (payload, &hello);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpEntry *entry = find_opening_by_tag (endpoint, hello.tag_echo);
  if (entry == NULL) {
    return RTMFP_UNSUPPORTED;
  }
  if (hello.cookie.size > RTMFP_COOKIE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  if (rtmfp_session_state (entry->session) != RTMFP_SESSION_HELLO_SENT) {
    return RTMFP_OK; /* the first answer was taken */
  }
  const RtmfpIdentity *identity =
      rtmfp_endpoint_find_identity (endpoint, rtmfp_session_identity (entry->session));
  if (identity == NULL) {
    rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REFUSED, now_us);
  } else if (is_duplicate (endpoint, entry, &hello)) {
    rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REPLACED, now_us);
  } else {
    const RtmfpNear near = rtmfp_identity_near (identity);
    status = rtmfp_session_receive_hello (entry->session, &near, &hello, from, now_us);
    if (status == RTMFP_UNSUPPORTED) {
      rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REFUSED, now_us);
    }
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return status;
}

/* An address that somebody else knows, on each of our interfaces: at once on 0 and where the word
 * came from, later on the others. What is a relay's at the far end waits as long as one at ours. */
static RtmfpStatus
try_address (RtmfpEndpoint *endpoint, RtmfpEntry *entry, const RtmfpAddress *address,
             uint32_t told_by, int64_t now_us) {
  int64_t from_us = now_us;
  for (size_t i = 0; i < endpoint->interface_count && address->origin == RTMFP_ORIGIN_RELAY; i++) {
    from_us = rtmfp_after (now_us, endpoint->interfaces[i].delay_us);
  }
  RtmfpPath path = {.address = *address, .interface_id = told_by};
  RtmfpStatus status = rtmfp_session_add_candidate (entry->session, &path, from_us);
  if (told_by != 0 && endpoint->interface_count > 0) {
    path.interface_id = 0;
    status = rtmfp_session_add_candidate (entry->session, &path, from_us);
  }
  for (size_t i = 0; i < endpoint->interface_count; i++) {
    path.interface_id = endpoint->interfaces[i].id;
    if (path.interface_id != told_by) {
      const int64_t at_us = rtmfp_after (from_us, endpoint->interfaces[i].delay_us);
      status = rtmfp_session_add_candidate (entry->session, &path, at_us);
    }
  }
  return status;
}

RtmfpStatus
rtmfp_endpoint_receive_redirect (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                                 int64_t now_us) {
  RtmfpRedirect redirect;
  RtmfpStatus status = rtmfp_read_redirect (payload, &redirect);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpEntry *entry = find_opening_by_tag (endpoint, redirect.tag_echo);
  if (entry == NULL) {
    return RTMFP_UNSUPPORTED;
  }
  endpoint->shared.counters.rule_redirect++;
  if (redirect.address_count == 0) {
    status = rtmfp_session_add_candidate (entry->session, from, now_us);
  }
  for (size_t i = 0; i < redirect.address_count; i++) {
    RtmfpPath path;
    status = try_address (endpoint, entry, &redirect.addresses[i], from->interface_id, now_us);
    if (rtmfp_endpoint_guess_outside (&redirect.addresses[i], from, &path)) {
      status = rtmfp_session_add_candidate (entry->session, &path, now_us);
    }
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return status == RTMFP_STATE ? RTMFP_OK : status;
}
