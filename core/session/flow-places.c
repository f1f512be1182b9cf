/* SPDX-License-Identifier: Apache-2.0 */
/* Which new flow of the far side finds a place among the bounded number of receiving flows, RFC
 * 7016 s3.6.3.7 and s3.6.3.8. */
#include "core/session/session-state.h"

#include "core/flow/params.h"
#include "core/session/params.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/constants.h"
#include "core/wire/vlu.h"

/* Deviation: s3.6.3.8 (SHOULD) has complete flows linger for 120 s. Where all places are taken, the
 * one that lingers longest goes, after RTMFP_RECV_LINGER_LEAST_US: a far side that has a flow for
 * each message goes on. Returns: whether any lingers, so that there will be a place. */
static bool
forget_lingering_flow (RtmfpTraffic *traffic, int64_t now_us) {
  RtmfpFlow *flow, *oldest = NULL;
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    if ((flow->is_over || flow->is_unknown) &&
        rtmfp_recv_flow_state (flow->recv) == RTMFP_RECV_COMPLETE_LINGER &&
        !rtmfp_recv_flow_should_ack (flow->recv) &&
        (oldest == NULL ||
         rtmfp_recv_flow_deadline (flow->recv) < rtmfp_recv_flow_deadline (oldest->recv))) {
      oldest = flow;
    }
  }
  if (oldest != NULL && rtmfp_recv_flow_deadline (oldest->recv) - now_us <=
                            RTMFP_RECV_LINGER_US - RTMFP_RECV_LINGER_LEAST_US) {
    rtmfp_flow_free (oldest);
  }
  return oldest != NULL;
}

/* Rejects a flow without a trace in our memory: a Flow Exception Report, and behind it the
 * acknowledgement of no more than this chunk tells. */
static void
refuse (RtmfpSession *session, const RtmfpUserData *data) {
  const uint64_t number = data->sequence_number, forward = data->forward_sequence_number;
  const RtmfpRange range = {.first = number, .last = number};
  const RtmfpAckContent content = {
      .flow_id = data->flow_id,
      .cumulative_ack = number == forward + 1 ? number : forward,
      .ranges = &range,
      .range_count = number > forward + 1,
  };
  const size_t size = RTMFP_CHUNK_HEADER_BYTES + rtmfp_vlu_size (data->flow_id) + 1 +
                      rtmfp_ack_ranges_size (&content);
  RtmfpBuffer *replies = &session->replies;
  if (replies->size + size > RTMFP_REPLIES_BYTES_MAX) {
    return;
  }
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (replies, size), size);
  if (rtmfp_write_flow_exception (&writer, data->flow_id, 0) == RTMFP_OK &&
      rtmfp_write_ack_ranges (&writer, &content, NULL) == RTMFP_OK) {
    replies->size += rtmfp_writer_size (&writer);
  }
}

bool
rtmfp_session_has_place (RtmfpSession *session, const RtmfpUserData *data, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (traffic->receiving_count == RTMFP_RECEIVING_FLOWS_MAX &&
      !forget_lingering_flow (traffic, now_us)) {
    refuse (session, data);
  }
  return traffic->receiving_count < RTMFP_RECEIVING_FLOWS_MAX;
}
