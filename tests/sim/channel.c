/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said on flows, and what may become of it. */
#include "tests/sim/stage-private.h"

#include <string.h>

#define HEAD_BYTES 16 /* of a message: channel, number */

static Peer *
sender_of (const Channel *channel) {
  return channel->link->peers[channel->from];
}

static Peer *
receiver_of (const Channel *channel) {
  return channel->link->peers[1 - channel->from];
}

void
channel_free (gpointer data) {
  Channel *channel = data;
  g_array_unref (channel->messages);
  g_free (channel);
}

static uint8_t
byte_at (const Channel *channel, uint64_t number, size_t at) {
  return (uint8_t)(channel->id * 31 + number * 7 + at * 13 + (at >> 8));
}

/* ---- Sending ---- */

static void
open_channel (Channel *channel) {
  Peer *peer = sender_of (channel);
  const LinkEnd *end = &channel->link->ends[channel->from];
  uint8_t metadata[8];
  memcpy (metadata, &channel->id, 8);
  const RtmfpFlowConfig config = {
      .metadata = rtmfp_bytes (metadata, 8),
      .associated = channel->answers != NULL ? channel->answers->receiving : 0,
      .priority = channel->priority,
      .buffer_bytes = channel->buffer_bytes,
  };
  stage_expect (peer->stage,
                rtmfp_endpoint_open_flow (peer->endpoint, end->session, &config,
                                          &channel->sending) == RTMFP_OK,
                "channel %d", (int)channel->id);
  channel->opened = true;
  channel->next_us = sim_world_now (peer->stage->world);
  sim_host_poke (peer->host);
}

void
channels_start (Link *link, int end) {
  const GPtrArray *channels = link->peers[end]->stage->channels;
  for (guint i = 0; i < channels->len; i++) {
    Channel *channel = g_ptr_array_index (channels, i);
    if (channel->link == link && channel->from == end && !channel->opened &&
        channel->answers == NULL) {
      open_channel (channel);
    }
  }
}

/* How a lossy message may be lost. */
static void
draw_options (const Channel *channel, SimChance *chance, int64_t now_us,
              RtmfpMessageOptions *options) {
  options->reports_end = true;
  if (channel->kind != CHANNEL_LOSSY) {
    return;
  }
  options->copies = channel->messages->len % 4;
  options->resend_copies = channel->messages->len / 4 % 5; /* one too many as well */
  const int64_t soon_us = now_us + sim_chance_range (chance, 5, 600) * SIM_MS;
  switch (sim_chance_range (chance, 0, 6)) {
  case 0:
    options->start_by_us = soon_us;
    break;
  case 1:
    options->finish_by_us = soon_us;
    break;
  case 2:
    options->start_by_us = soon_us;
    options->finish_by_us = soon_us + 100 * SIM_MS;
    break;
  case 3:
    options->no_retransmit = true;
    break;
  case 4:
    options->depends_on = channel->messages->len; /* the one before */
    break;
  default:
    break; /* reliable among them */
  }
}

static uint32_t
draw_size (const Channel *channel, SimChance *chance) {
  const bool large = sim_chance_permille (chance, 150);
  const int64_t most = large ? channel->size_max : MIN (channel->size_max, 400);
  return (uint32_t)sim_chance_range (chance, HEAD_BYTES, most + HEAD_BYTES + 1);
}

/* Says the next message. Returns: whether there was room. */
static bool
send_one (Channel *channel, int64_t now_us) {
  Peer *peer = sender_of (channel);
  SimChance *chance = peer->stage->chance;
  Message message = {.number = channel->messages->len + 1};
  message.size = draw_size (channel, chance);
  draw_options (channel, chance, now_us, &message.options);
  uint8_t *bytes = g_malloc (message.size);
  for (size_t at = HEAD_BYTES; at < message.size; at++) {
    bytes[at] = byte_at (channel, message.number, at);
  }
  memcpy (bytes, &channel->id, 8);
  memcpy (bytes + 8, &message.number, 8);
  uint64_t number = 0;
  const RtmfpStatus status =
      rtmfp_endpoint_send (peer->endpoint, channel->sending, rtmfp_bytes (bytes, message.size),
                           &message.options, now_us, &number);
  g_free (bytes);
  if (status == RTMFP_FULL) {
    channel->blocked = true;
    return false;
  }
  stage_expect (peer->stage, status == RTMFP_OK && number == message.number, "status %d",
                (int)status);
  g_array_append_val (channel->messages, message);
  return true;
}

static bool
wants_to_close (const Channel *channel) {
  if (!channel->opened || channel->closing || channel->excepted ||
      channel->messages->len < channel->message_count) {
    return false;
  }
  /* A return flow is only taken while what it answers is open. */
  return !channel->wants_answer || (channel->answer != NULL && channel->answer->is_new_seen) ||
         channel->rejected;
}

static bool
wants_to_send (const Channel *channel) {
  return channel->opened && !channel->closing && !channel->excepted && !channel->blocked &&
         channel->messages->len < channel->message_count;
}

static void
advance_sending (Channel *channel, int64_t now_us) {
  Peer *peer = sender_of (channel);
  while (wants_to_send (channel) && now_us >= channel->next_us) {
    if (send_one (channel, now_us)) {
      channel->next_us += sim_chance_range (peer->stage->chance, 0, 2 * channel->interval_us + 1);
    }
  }
  if (wants_to_close (channel)) {
    channel->closing = true;
    rtmfp_endpoint_close_flow (peer->endpoint, channel->sending, now_us);
  }
}

static void
advance_receiving (Channel *channel, int64_t now_us) {
  if (channel->resume_us != 0 && now_us >= channel->resume_us) {
    channel->resume_us = 0;
    channel->resumed = true;
    rtmfp_endpoint_pause_flow (receiver_of (channel)->endpoint, channel->receiving, false, now_us);
  }
}

void
channels_advance (Peer *peer, int64_t now_us) {
  for (guint i = 0; i < peer->stage->channels->len; i++) {
    Channel *channel = g_ptr_array_index (peer->stage->channels, i);
    if (sender_of (channel) == peer) {
      advance_sending (channel, now_us);
    }
    if (receiver_of (channel) == peer) {
      advance_receiving (channel, now_us);
    }
  }
}

int64_t
channels_deadline (const Peer *peer) {
  int64_t at_us = RTMFP_NEVER;
  for (guint i = 0; i < peer->stage->channels->len; i++) {
    const Channel *channel = g_ptr_array_index (peer->stage->channels, i);
    if (sender_of (channel) == peer && wants_to_send (channel)) {
      at_us = MIN (at_us, channel->next_us);
    }
    if (receiver_of (channel) == peer && channel->resume_us != 0) {
      at_us = MIN (at_us, channel->resume_us);
    }
  }
  return at_us;
}

/* ---- Receiving ---- */

static Channel *
find_sending (const Peer *peer, RtmfpId flow) {
  for (guint i = 0; i < peer->stage->channels->len; i++) {
    Channel *channel = g_ptr_array_index (peer->stage->channels, i);
    if (sender_of (channel) == peer && channel->sending == flow) {
      return channel;
    }
  }
  return NULL;
}

static Channel *
find_receiving (const Peer *peer, RtmfpId flow) {
  for (guint i = 0; i < peer->stage->channels->len; i++) {
    Channel *channel = g_ptr_array_index (peer->stage->channels, i);
    if (receiver_of (channel) == peer && channel->receiving == flow) {
      return channel;
    }
  }
  return NULL;
}

static void
reject (Channel *channel) {
  Peer *peer = receiver_of (channel);
  channel->rejected = true;
  rtmfp_endpoint_reject_flow (peer->endpoint, channel->receiving, channel->reject_code,
                              peer->now_us);
}

/* The same way back. */
static void
open_answer (Channel *channel) {
  Channel *answer = stage_add_channel (channel->link->peers[0]->stage, channel->link,
                                       1 - channel->from, CHANNEL_RELIABLE);
  answer->answers = channel;
  channel->answer = answer;
  answer->message_count = 3;
  open_channel (answer);
}

static void
take_new (Peer *peer, const RtmfpEvent *event) {
  uint64_t id = 0;
  stage_expect (peer->stage, event->bytes.size == 8, "metadata of %d bytes",
                (int)event->bytes.size);
  memcpy (&id, event->bytes.data, 8);
  stage_expect (peer->stage, id < peer->stage->channels->len, "metadata");
  Channel *channel = g_ptr_array_index (peer->stage->channels, id);
  stage_expect (peer->stage, receiver_of (channel) == peer && !channel->is_new_seen,
                "channel %d is new twice or strays", (int)id);
  stage_expect (peer->stage,
                event->associated == (channel->answers != NULL ? channel->answers->sending : 0),
                "channel %d", (int)id);
  channel->is_new_seen = true;
  channel->receiving = event->flow;
  if (channel->kind == CHANNEL_REJECTED_AT_ONCE) {
    reject (channel);
    return;
  }
  stage_expect (peer->stage,
                rtmfp_endpoint_accept_flow (peer->endpoint, event->flow, channel->order,
                                            channel->window_bytes, peer->now_us) == RTMFP_OK,
                "channel %d", (int)id);
  if (channel->kind == CHANNEL_PAUSED) {
    rtmfp_endpoint_pause_flow (peer->endpoint, event->flow, true, peer->now_us);
    channel->resume_us = peer->now_us + channel->pause_us;
  }
  if (channel->wants_answer) {
    open_answer (channel);
  }
  if (channel->answers != NULL) {
    sim_host_poke (peer->host); /* what it answers may close now */
  }
}

static void
take_message (Channel *channel, const RtmfpEvent *event) {
  const Peer *peer = receiver_of (channel);
  Stage *stage = peer->stage;
  uint64_t id = 0, number = 0;
  stage_expect (stage, event->bytes.size >= HEAD_BYTES, "channel %d", (int)channel->id);
  memcpy (&id, event->bytes.data, 8);
  memcpy (&number, event->bytes.data + 8, 8);
  stage_expect (stage, id == channel->id && number >= 1 && number <= channel->messages->len,
                "message %d of channel %d", (int)number, (int)id);
  Message *message = &g_array_index (channel->messages, Message, number - 1);
  stage_expect (stage, !message->received, "message %d of channel %d came twice", (int)number,
                (int)id);
  stage_expect (stage, event->bytes.size == message->size, "message %d of channel %d", (int)number,
                (int)id);
  for (size_t at = HEAD_BYTES; at < message->size; at++) {
    stage_expect (stage, event->bytes.data[at] == byte_at (channel, number, at),
                  "message %d of channel %d at %d", (int)number, (int)id, (int)at);
  }
  stage_expect (stage, channel->order == RTMFP_ORDER_NETWORK || number > channel->last_received,
                "message %d of channel %d after %d", (int)number, (int)id,
                (int)channel->last_received);
  stage_expect (stage, channel->resume_us == 0, "channel %d is paused", (int)id);
  stage_expect (stage, !channel->rejected && !channel->finished, "channel %d", (int)id);
  if (channel->order == RTMFP_ORDER_SEQUENCE) {
    stage_expect (stage, channel->gap_told == (number > channel->last_received + 1),
                  "message %d of channel %d after %d, gap %d", (int)number, (int)id,
                  (int)channel->last_received, channel->gap_told);
  }
  channel->gap_told = false;
  message->received = true;
  channel->last_received = number;
  channel->received_count++;
  if (channel->kind == CHANNEL_REJECTED_LATER && channel->received_count >= channel->reject_after) {
    reject (channel);
  }
}

/* Whether the options let the message be given up now. */
static bool
may_be_given_up (const Channel *channel, const Message *message, int64_t now_us) {
  const RtmfpMessageOptions *options = &message->options;
  if (channel->rejected) {
    return true;
  }
  if ((options->start_by_us != 0 && now_us >= options->start_by_us) ||
      (options->finish_by_us != 0 && now_us >= options->finish_by_us) || options->no_retransmit) {
    return true;
  }
  if (options->depends_on == 0) {
    return false;
  }
  const Message *other = &g_array_index (channel->messages, Message, options->depends_on - 1);
  return other->ended && !other->delivered;
}

static void
take_end (Channel *channel, const RtmfpEvent *event) {
  const Peer *peer = sender_of (channel);
  Stage *stage = peer->stage;
  stage_expect (stage, event->number >= 1 && event->number <= channel->messages->len, "channel %d",
                (int)channel->id);
  Message *message = &g_array_index (channel->messages, Message, event->number - 1);
  stage_expect (stage, !message->ended, "message %d of channel %d ended twice", (int)event->number,
                (int)channel->id);
  message->ended = true;
  message->delivered = event->delivered;
  stage_expect (stage, event->delivered || may_be_given_up (channel, message, peer->now_us),
                "message %d of channel %d was given up", (int)event->number, (int)channel->id);
}

static void
take_sending_event (Channel *channel, const RtmfpEvent *event) {
  Stage *stage = sender_of (channel)->stage;
  switch (event->type) {
  case RTMFP_EVENT_FLOW_WRITABLE:
    channel->blocked = false;
    break;
  case RTMFP_EVENT_FLOW_EXCEPTION:
    stage_expect (stage, channel->rejected && event->code == channel->reject_code, "channel %d",
                  (int)channel->id);
    channel->excepted = true;
    break;
  case RTMFP_EVENT_FLOW_CLOSED:
    stage_expect (stage, !channel->closed && (channel->closing || channel->excepted), "channel %d",
                  (int)channel->id);
    channel->closed = true;
    break;
  case RTMFP_EVENT_MESSAGE_END:
    take_end (channel, event);
    break;
  default:
    stage_expect (stage, false, "event %d of a sending flow", (int)event->type);
  }
}

/* At the end of a flow: what is missing was told as gaps, and nothing else was. */
static void
check_gaps (const Channel *channel) {
  const Stage *stage = receiver_of (channel)->stage;
  const size_t missing = channel->messages->len - channel->received_count;
  stage_expect (stage, channel->rejected || (channel->gaps == 0) == (missing == 0),
                "channel %d: %d missing, %d gaps", (int)channel->id, (int)missing,
                (int)channel->gaps);
  stage_expect (stage, channel->rejected || channel->gaps <= missing,
                "channel %d: %d missing, %d gaps", (int)channel->id, (int)missing,
                (int)channel->gaps);
  if (channel->order == RTMFP_ORDER_SEQUENCE && !channel->rejected) {
    stage_expect (stage, channel->gap_told == (channel->last_received < channel->messages->len),
                  "channel %d ends after %d", (int)channel->id, (int)channel->last_received);
  }
}

static void
take_receiving_event (Channel *channel, const RtmfpEvent *event) {
  Stage *stage = receiver_of (channel)->stage;
  switch (event->type) {
  case RTMFP_EVENT_FLOW_MESSAGE:
    take_message (channel, event);
    break;
  case RTMFP_EVENT_FLOW_GAP:
    stage_expect (stage, channel->kind == CHANNEL_LOSSY && event->count > 0, "channel %d",
                  (int)channel->id);
    channel->gap_told = true;
    channel->gaps += event->count;
    break;
  case RTMFP_EVENT_FLOW_FINISHED:
    stage_expect (stage, !channel->finished, "channel %d", (int)channel->id);
    channel->finished = true;
    check_gaps (channel);
    break;
  default:
    stage_expect (stage, false, "event %d of a receiving flow", (int)event->type);
  }
}

void
channels_take_event (Peer *peer, const RtmfpEvent *event) {
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    take_new (peer, event);
    return;
  }
  Channel *sending = find_sending (peer, event->flow);
  Channel *receiving = sending == NULL ? find_receiving (peer, event->flow) : NULL;
  stage_expect (peer->stage, sending != NULL || receiving != NULL, "event %d of an unknown flow",
                (int)event->type);
  if (sending != NULL) {
    take_sending_event (sending, event);
  } else {
    take_receiving_event (receiving, event);
  }
}

/* ---- The ledger ---- */

bool
channel_is_done (const Channel *channel) {
  return channel->closed && (channel->finished || channel->rejected);
}

void
channel_check (const Stage *stage, const Channel *channel) {
  if (!channel->opened) {
    return;
  }
  stage_expect (stage, channel_is_done (channel), "channel %d", (int)channel->id);
  for (guint i = 0; i < channel->messages->len; i++) {
    const Message *message = &g_array_index (channel->messages, Message, i);
    stage_expect (stage, message->ended, "message %d of channel %d has no end", (int)i + 1,
                  (int)channel->id);
    stage_expect (stage, message->received || !message->delivered || channel->rejected,
                  "message %d of channel %d was acknowledged and never came", (int)i + 1,
                  (int)channel->id);
  }
}
