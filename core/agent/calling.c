/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one call: signals by the server, paths by direct sessions, media on the path that was chosen.
 */
#include "core/agent/agent-private.h"

#include "core/rtmp/media-tag.h"

#include <stdio.h>

#define TICK_US (AHOY_AGENT_SECOND_US / 50)
#define PLAY_AGAIN_US (AHOY_AGENT_SECOND_US / 5)
#define STREAM_NAME_SIZE (AHOY_CALL_ID_TEXT_SIZE + 5)

bool
agent_calling_is_on (const AhoyAgent *agent) {
  return agent->call_person != NULL && agent->call.state != AHOY_CALL_IDLE &&
         agent->call.state != AHOY_CALL_ENDED;
}

bool
agent_calling_may_connect (const AhoyAgent *agent, const Person *person, const AhoyCallId *id) {
  return agent_calling_is_on (agent) && agent->call_person == person &&
         ahoy_call_id_compare (&agent->call.id, id) == 0 && ahoy_call_may_connect (&agent->call);
}

static void
stream_name (const AhoyCallId *id, char name[STREAM_NAME_SIZE]) {
  char text[AHOY_CALL_ID_TEXT_SIZE];
  ahoy_call_id_format (id, text);
  snprintf (name, STREAM_NAME_SIZE, "call/%s", text);
}

/* The path with the device that the call is with; NULL while there is none. */
static Link *
call_link (const AhoyAgent *agent) {
  Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (link->person == agent->call_person && link->is_ready && agent->call.device != 0 &&
        link->device == agent->call.device) {
      return link;
    }
  }
  return NULL;
}

/* ---- Signals ---- */

static void
write_control (const AhoyCallSignal *signal, RtmfpBuffer *args) {
  rtmfp_amf_begin_object (args);
  rtmfp_amf_member_bytes (args, "call", rtmfp_bytes (signal->call.bytes, AHOY_CALL_ID_SIZE));
  rtmfp_amf_member_text (args, "kind", ahoy_call_signal_text (signal->type));
  rtmfp_amf_write_key (args, "body");
  ahoy_call_signal_write_body (signal, args);
  rtmfp_amf_end_object (args);
}

static void
signal_by_server (AhoyAgent *agent, Person *person, const AhoyCallSignal *signal, uint64_t device) {
  const Device *known = agent_roster_device_of (agent, device);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "to", person->key);
  rtmfp_amf_member_bytes (&args, "call", rtmfp_bytes (signal->call.bytes, AHOY_CALL_ID_SIZE));
  rtmfp_amf_member_text (&args, "kind", ahoy_call_signal_text (signal->type));
  if (known != NULL) {
    rtmfp_amf_member_bytes (&args, "device", rtmfp_bytes (known->id, AHOY_DEVICE_ID_SIZE));
  }
  rtmfp_amf_write_key (&args, "body");
  ahoy_call_signal_write_body (signal, &args);
  rtmfp_amf_end_object (&args);
  const bool offers = signal->type == AHOY_CALL_SIGNAL_OFFER;
  Request *request = agent_server_is_online (agent)
                         ? agent_request (agent, agent->server,
                                          offers ? REQUEST_OFFER : REQUEST_SIGNAL, "signal", &args)
                         : NULL;
  rtmfp_buffer_clear (&args);
  if (request != NULL) {
    request->person = person;
    request->device = device;
    request->call_id = signal->call;
  } else if (offers) {
    ahoy_call_input (&agent->call, AHOY_CALL_OFFLINE, 0, agent->now_us);
  }
}

/* By the server, and straight too where a session stands: it is faster, and works without a server.
 */
static void
send_signal (AhoyAgent *agent, const AhoyCallAction *action) {
  Person *person = agent->call_person;
  Link *link;
  if (action->signal.type == AHOY_CALL_SIGNAL_ACCEPT ||
      action->signal.type == AHOY_CALL_SIGNAL_HANGUP) {
    TAILQ_FOREACH (link, &agent->links, next) {
      if (link->person == person && link->is_ready &&
          (action->device == 0 || link->device == action->device)) {
        RtmfpBuffer args = {0};
        write_control (&action->signal, &args);
        agent_tell (agent, link->session, "call.control", &args);
      }
    }
  }
  signal_by_server (agent, person, &action->signal, action->device);
}

/* ---- Streams ---- */

static void
play (AhoyAgent *agent, Link *link, int64_t now_us) {
  char name[STREAM_NAME_SIZE];
  stream_name (&agent->call.id, name);
  link->play_again_us = NEVER;
  if (rtmfp_net_play (agent->net, link->session, name, rtmfp_bytes (NULL, 0), now_us,
                      &link->stream) != RTMFP_OK) {
    link->stream = 0;
    link->play_again_us = now_us + PLAY_AGAIN_US;
  }
}

static void
begin_streams (AhoyAgent *agent, Link *link, int64_t now_us) {
  char name[STREAM_NAME_SIZE];
  stream_name (&agent->call.id, name);
  if (link->publication == 0 &&
      rtmfp_net_publish (agent->net, link->session, name, &link->publication) != RTMFP_OK) {
    link->publication = 0;
  }
  if (link->stream == 0) {
    play (agent, link, now_us);
  }
}

static void
end_streams (AhoyAgent *agent, Link *link, int64_t now_us) {
  if (link->stream != 0) {
    rtmfp_net_stop (agent->net, link->stream, now_us);
  }
  if (link->publication != 0) {
    rtmfp_net_unpublish (agent->net, link->publication, now_us);
  }
  link->stream = link->publication = link->player = 0;
  link->plays = false;
  link->play_again_us = NEVER;
  link->last_video = 0;
  link->pictures = (AhoyMediaTracker){0};
  link->incoming = (AhoyIncomingQueue){0};
  link->loss = (AhoyLossGauge){0};
  link->gap[0] = link->gap[1] = false;
}

/* Ends what the call had on each path; a path that carries messages too stays. */
static void
close_paths (AhoyAgent *agent, int64_t now_us) {
  Link *link = TAILQ_FIRST (&agent->links);
  while (link != NULL) {
    Link *next = TAILQ_NEXT (link, next);
    if (link->person == agent->call_person) {
      end_streams (agent, link, now_us);
      link->for_call = false;
      if (!link->for_chat) {
        /* The hang-up and the streams' ends go out first. */
        link->close_us = now_us + AHOY_AGENT_LINK_LINGER_US;
      }
    }
    link = next;
  }
}

static void
start_media (AhoyAgent *agent, int64_t now_us) {
  Link *link = call_link (agent);
  if (link != NULL) {
    begin_streams (agent, link, now_us);
    link->heard_us = now_us;
    rtmfp_net_set_call_priority (agent->net, link->session, RTMFP_PRIORITY_INTERACTIVE);
  }
  agent->media_on = true;
  agent->reconnecting = false;
  agent->tick_us = now_us + TICK_US;
  agent->alive_us = now_us;
  agent_calling_tell_where (agent);
  agent_roster_talked (agent, agent->call_person);
  agent_event (agent, AHOY_AGENT_EVENT_MEDIA_START);
}

static void
stop_media (AhoyAgent *agent) {
  if (agent->media_on) {
    agent->media_on = false;
    agent->tick_us = NEVER;
    agent_event (agent, AHOY_AGENT_EVENT_MEDIA_STOP);
  }
}

/* ---- The machine ---- */

static void
tell_presence (AhoyAgent *agent) {
  const bool busy = agent_calling_is_on (agent) && agent->call.state != AHOY_CALL_INCOMING;
  if (busy == agent->told_busy || !agent_server_is_online (agent)) {
    return;
  }
  agent->told_busy = busy;
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "presence", busy ? "busy" : "online");
  rtmfp_amf_end_object (&args);
  agent_tell (agent, agent->server, "presence", &args);
}

void
agent_calling_run (AhoyAgent *agent, int64_t now_us) {
  AhoyCallAction action;
  while (ahoy_call_poll_action (&agent->call, &action)) {
    switch (action.type) {
    case AHOY_CALL_SEND:
      send_signal (agent, &action);
      break;
    case AHOY_CALL_OPEN_PATH:
      agent_link_ask (agent, agent->call_person, action.device, false, now_us);
      break;
    case AHOY_CALL_RING_START:
    case AHOY_CALL_RING_STOP:
      break; /* the owner rings by the state */
    case AHOY_CALL_MEDIA_START:
      start_media (agent, now_us);
      break;
    case AHOY_CALL_MEDIA_STOP:
      stop_media (agent);
      break;
    case AHOY_CALL_CLOSE_PATHS:
      close_paths (agent, now_us);
      break;
    case AHOY_CALL_CHANGED:
      agent_event (agent, AHOY_AGENT_EVENT_CALL);
      tell_presence (agent);
      break;
    }
  }
}

/* ---- What the person does ---- */

static void
begin_call (AhoyAgent *agent, Person *person) {
  agent->call_person = person;
  agent->reconnecting = false;
  ahoy_call_init (&agent->call, &agent->config.codecs,
                  agent->config.ring_early && person->info.talked);
}

RtmfpStatus
ahoy_agent_call (AhoyAgent *agent, const AhoyName *to, bool video, int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, to);
  if (person == NULL || person->info.relation != AHOY_RELATION_BOTH || person->info.key_changed ||
      agent_calling_is_on (agent) || !agent_server_is_online (agent)) {
    return RTMFP_STATE;
  }
  begin_call (agent, person);
  RtmfpStatus status =
      ahoy_call_start (&agent->call, &agent->config.rng, video, agent->config.display_name, now_us);
  agent_calling_run (agent, now_us);
  return status;
}

RtmfpStatus
ahoy_agent_accept (AhoyAgent *agent, bool video, int64_t now_us) {
  agent->now_us = now_us;
  RtmfpStatus status = ahoy_call_accept (&agent->call, video, now_us);
  agent_calling_run (agent, now_us);
  return status;
}

RtmfpStatus
ahoy_agent_decline (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  RtmfpStatus status = ahoy_call_decline (&agent->call, now_us);
  agent_calling_run (agent, now_us);
  return status;
}

RtmfpStatus
ahoy_agent_hang_up (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  RtmfpStatus status = ahoy_call_hang_up (&agent->call, now_us);
  agent_calling_run (agent, now_us);
  return status;
}

/* ---- What comes by signals ---- */

static RtmfpStatus
read_signal (const RtmfpAmfValue *value, AhoyCallSignal *signal) {
  char kind[16];
  *signal = (AhoyCallSignal){0};
  agent_text (rtmfp_amf_get (value, "kind"), kind, sizeof kind);
  RtmfpStatus status = ahoy_call_signal_parse (kind, &signal->type);
  if (status != RTMFP_OK) {
    return status;
  }
  if (!rtmfp_amf_as_fixed (rtmfp_amf_get (value, "call"), signal->call.bytes, AHOY_CALL_ID_SIZE)) {
    return RTMFP_MALFORMED;
  }
  const RtmfpAmfValue *body = rtmfp_amf_get (value, "body");
  RtmfpBuffer bytes = {0};
  if (!rtmfp_amf_is_nothing (body)) {
    status = rtmfp_amf_write_value (&bytes, body, RTMFP_AMF0, AHOY_CALL_SIGNAL_BYTES_MAX);
  }
  if (status == RTMFP_OK) {
    status = ahoy_call_signal_read_body (rtmfp_buffer_bytes (&bytes), signal);
  }
  rtmfp_buffer_clear (&bytes);
  return status;
}

static void
answer_busy (AhoyAgent *agent, Person *person, const AhoyCallSignal *offer, uint64_t device) {
  AhoyCallSignal busy;
  ahoy_call_busy_signal (offer, &busy);
  signal_by_server (agent, person, &busy, device);
}

static void
take_signal (AhoyAgent *agent, Person *person, const AhoyCallSignal *signal, uint64_t device,
             int64_t now_us) {
  const bool offers = signal->type == AHOY_CALL_SIGNAL_OFFER;
  if (offers && !agent_calling_is_on (agent)) {
    begin_call (agent, person);
  }
  if (agent->call_person != person) {
    if (offers) {
      answer_busy (agent, person, signal, device);
    }
    return;
  }
  if (ahoy_call_receive (&agent->call, signal, device, now_us) != RTMFP_OK && offers) {
    answer_busy (agent, person, signal, device);
  }
  Link *link = agent_link_by_device (agent, person, device);
  if (offers && link != NULL && link->is_ready && agent_calling_is_on (agent)) {
    agent_calling_on_path (agent, person, device, AHOY_CALL_PATH_READY, now_us);
  }
  agent_calling_run (agent, now_us);
}

void
agent_calling_on_signal (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  Person *person = agent_roster_of (agent, rtmfp_amf_get (value, "from"));
  AhoyCallSignal signal;
  if (person == NULL || read_signal (value, &signal) != RTMFP_OK ||
      (signal.type == AHOY_CALL_SIGNAL_OFFER &&
       (person->info.relation != AHOY_RELATION_BOTH || person->info.key_changed))) {
    return;
  }
  take_signal (agent, person, &signal,
               agent_roster_device (agent, person, rtmfp_amf_get (value, "device")), now_us);
}

void
agent_calling_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                         bool ok, int64_t now_us) {
  if (ok || !agent_calling_is_on (agent) || agent->call_person != request->person ||
      ahoy_call_id_compare (&agent->call.id, &request->call_id) != 0) {
    return;
  }
  if (request->kind == REQUEST_OFFER) {
    ahoy_call_input (&agent->call, AHOY_CALL_OFFLINE, 0, now_us);
  } else if (strcmp (event->code, "answered") == 0) {
    const AhoyCallSignal elsewhere = {.type = AHOY_CALL_SIGNAL_ELSEWHERE,
                                      .call = agent->call.id,
                                      .reason = AHOY_CALL_REASON_ACCEPTED};
    RtmfpStatus status = ahoy_call_receive (&agent->call, &elsewhere, request->device, now_us);
    (void)status;
  }
  agent_calling_run (agent, now_us);
}

/* ---- What comes by a direct session ---- */

/* The other family's way to the far side, for when this one's ends: both sides must know it,
 * because both routers let in only whom they sent to. IPv4 addresses behind a NAT would be of no
 * use. */
static void
take_where (Link *link, const RtmfpAmfValue *body) {
  const RtmfpAmfValue *list = rtmfp_amf_get (body, "addresses");
  const RtmfpAmfValue *item;
  link->far_told_count = 0;
  link->keep_open_us = 0;
  for (size_t i = 0; link->far_told_count < AHOY_AGENT_FAR_ADDRESSES_MAX &&
                     (item = rtmfp_amf_item (list, i)) != NULL;
       i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    RtmfpAddress *address = &link->far_told[link->far_told_count];
    agent_text (item, text, sizeof text);
    if (rtmfp_address_parse (text, address) == RTMFP_OK && address->family == RTMFP_ADDRESS_IPV6 &&
        !rtmfp_address_is_private (address)) {
      link->far_told_count++;
    }
  }
  char relayed[RTMFP_ADDRESS_TEXT_SIZE];
  agent_text (rtmfp_amf_get (body, "relayed"), relayed, sizeof relayed);
  link->has_far_relay =
      relayed[0] != '\0' && rtmfp_address_parse (relayed, &link->far_relay) == RTMFP_OK;
}

static void
tell_flag (AhoyAgent *agent, AhoyAgentEventType type, const RtmfpAmfValue *body) {
  bool on = false;
  if (rtmfp_amf_as_boolean (rtmfp_amf_get (body, "on"), &on)) {
    agent_event (agent, type)->event.ok = on;
  }
}

void
agent_calling_on_control (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event,
                          int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  const RtmfpAmfValue *kind = rtmfp_amf_get (value, "kind");
  const RtmfpAmfValue *body = rtmfp_amf_get (value, "body");
  AhoyCallId id;
  if (agent->call_person != link->person || !agent_calling_is_on (agent) ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (value, "call"), id.bytes, sizeof id.bytes) ||
      ahoy_call_id_compare (&id, &agent->call.id) != 0) {
    return;
  }
  AhoyCallSignal signal;
  if (rtmfp_amf_is_text (kind, "mute")) {
    tell_flag (agent, AHOY_AGENT_EVENT_FAR_MUTED, body);
  } else if (rtmfp_amf_is_text (kind, "camera")) {
    tell_flag (agent, AHOY_AGENT_EVENT_FAR_CAMERA, body);
  } else if (rtmfp_amf_is_text (kind, "where")) {
    take_where (link, body);
    agent_event (agent, AHOY_AGENT_EVENT_CALL); /* it may be a relay's address after all */
  } else if (!rtmfp_amf_is_text (kind, "alive") && read_signal (value, &signal) == RTMFP_OK &&
             (signal.type == AHOY_CALL_SIGNAL_ACCEPT || signal.type == AHOY_CALL_SIGNAL_HANGUP)) {
    take_signal (agent, link->person, &signal, link->device, now_us);
  }
}

void
agent_calling_on_path (AhoyAgent *agent, Person *person, uint64_t device, AhoyCallInput input,
                       int64_t now_us) {
  if (agent->call_person != person || !agent_calling_is_on (agent)) {
    return;
  }
  Link *link = agent_link_by_device (agent, person, device);
  /* A session that stands for messages serves the call as soon as the call may have it; the machine
   * keeps the word until then. */
  if (input == AHOY_CALL_PATH_READY && link != NULL &&
      (agent->call.outgoing || ahoy_call_may_connect (&agent->call))) {
    link->for_call = true;
    link->close_us = NEVER;
    begin_streams (agent, link, now_us);
  }
  ahoy_call_input (&agent->call, input, device, now_us);
  agent_calling_run (agent, now_us);
}

static void
on_play (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event, int64_t now_us) {
  char name[STREAM_NAME_SIZE];
  stream_name (&agent->call.id, name);
  RtmfpStatus status;
  if (agent->call_person != link->person || !agent_calling_is_on (agent) || link->player != 0 ||
      strcmp (name, event->name) != 0) {
    status = rtmfp_net_refuse_play (agent->net, event->player, "NetStream.Play.Failed",
                                    "There is no such call.", now_us);
  } else {
    status = rtmfp_net_accept_play (agent->net, event->player, now_us);
    link->player = status == RTMFP_OK ? event->player : 0;
    link->last_video = 0;
    link->ask_key_us = now_us;
  }
  (void)status; /* the player is gone already: as good */
}

/* Returns: 0 too when it is missing or out of range. */
static uint32_t
report_member (const RtmfpAmfValue *report, const char *name, uint32_t most) {
  int64_t number = 0;
  const bool told = rtmfp_amf_as_integer (rtmfp_amf_get (report, name), 0, most, &number);
  return told ? (uint32_t)number : 0;
}

static void
on_stream_command (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  if (strcmp (event->name, "keyFrame") == 0) {
    agent_event (agent, AHOY_AGENT_EVENT_KEY_FRAME);
  } else if (strcmp (event->name, "report") == 0) {
    ahoy_loss_gauge_hear (&link->loss, report_member (value, "pathLost", 1000), agent->now_us);
    agent_event (agent, AHOY_AGENT_EVENT_REPORT)->event.report =
        (AhoyMediaReport){.audio_lost_permille = report_member (value, "audioLost", 1000),
                          .video_lost_permille = report_member (value, "videoLost", 1000),
                          .jitter_ms = report_member (value, "jitterMs", INT32_MAX),
                          .playout_ms = report_member (value, "playoutMs", INT32_MAX)};
  }
}

void
agent_calling_on_net (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event, int64_t now_us) {
  switch (event->type) {
  case RTMFP_NET_PLAY:
    on_play (agent, link, event, now_us);
    break;
  case RTMFP_NET_PLAYER_ENDED:
    link->player = event->player == link->player ? 0 : link->player;
    break;
  case RTMFP_NET_PLAY_STARTED:
    link->plays = event->stream == link->stream;
    break;
  case RTMFP_NET_PLAY_REFUSED:
  case RTMFP_NET_PLAY_ENDED:
    if (event->stream == link->stream && link->stream != 0) {
      link->stream = 0;
      link->plays = false;
      link->play_again_us = event->type == RTMFP_NET_PLAY_REFUSED && link->publication != 0 &&
                                    agent_calling_is_on (agent)
                                ? now_us + PLAY_AGAIN_US
                                : NEVER;
    }
    break;
  case RTMFP_NET_MEDIA_GAP:
    if (event->kind < RTMFP_MEDIA_DATA) {
      link->gap[event->kind == RTMFP_MEDIA_AUDIO ? AHOY_MEDIA_AUDIO : AHOY_MEDIA_VIDEO] = true;
    }
    break;
  case RTMFP_NET_MEDIA_END:
    if (event->kind == RTMFP_MEDIA_VIDEO) {
      ahoy_media_tracker_ended (&link->pictures, event->number, event->delivered, now_us);
    }
    if (event->kind == RTMFP_MEDIA_VIDEO && !event->delivered) {
      /* What depends on it is given up with it: only a key frame helps the far side. */
      link->last_video = 0;
      agent_event (agent, AHOY_AGENT_EVENT_KEY_FRAME);
    }
    break;
  case RTMFP_NET_STREAM_COMMAND:
    on_stream_command (agent, link, event);
    break;
  default:
    break;
  }
}

/* ---- Media ---- */

static uint32_t
fourcc_of (AhoyCodec codec) {
  return codec == AHOY_CODEC_OPUS  ? RTMFP_FOURCC_OPUS
         : codec == AHOY_CODEC_VP8 ? RTMFP_FOURCC_VP8
                                   : RTMFP_FOURCC_AVC;
}

/* Sound has no time for a second round trip, and what was lost once is late already: both go out
 * more than once where packets get lost by chance. */
static RtmfpMessageOptions
options_of (const AhoyAgent *agent, Link *link, const AhoyMedia *media, int64_t now_us) {
  const bool audio = media->kind == AHOY_MEDIA_AUDIO;
  RtmfpSessionInfo session = {0};
  const bool known =
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &session) == RTMFP_OK;
  const bool far_away = known && session.srtt_us >= AHOY_AGENT_AUDIO_ONCE_US;
  ahoy_loss_gauge_see_queue (&link->loss,
                             session.srtt_us - session.lowest_rtt_us -
                                 ahoy_incoming_queue_us (&link->incoming, now_us),
                             now_us);
  return (RtmfpMessageOptions){
      .start_by_us = now_us + (audio ? AHOY_AGENT_AUDIO_START_US : AHOY_AGENT_VIDEO_START_US),
      .finish_by_us = now_us + (audio ? AHOY_AGENT_AUDIO_FINISH_US : AHOY_AGENT_VIDEO_FINISH_US),
      .depends_on = !audio && !media->is_key ? link->last_video : 0,
      .no_retransmit = audio && far_away, /* it would come too late, and fill the line */
      .reports_end = !audio,
      .copies = (uint8_t)(audio ? ahoy_loss_gauge_copies (&link->loss, now_us) : 0),
      .resend_copies = (uint8_t)(audio ? 0 : ahoy_loss_gauge_resend_copies (&link->loss, now_us)),
  };
}

/* The first key frame may have been made before there was anybody to take it. */
static void
ask_encoder (AhoyAgent *agent, Link *link, int64_t now_us) {
  if (now_us >= link->ask_key_us) {
    link->ask_key_us = now_us + AHOY_AGENT_ASK_KEY_US;
    agent_event (agent, AHOY_AGENT_EVENT_KEY_FRAME);
  }
}

RtmfpStatus
ahoy_agent_send_media (AhoyAgent *agent, const AhoyMedia *media, int64_t now_us) {
  agent->now_us = now_us;
  Link *link = call_link (agent);
  if (!agent->media_on || link == NULL || link->player == 0) {
    return RTMFP_STATE;
  }
  const bool video = media->kind == AHOY_MEDIA_VIDEO;
  if (video && !media->is_key && link->last_video == 0) {
    ask_encoder (agent, link, now_us);
    return RTMFP_FULL; /* nobody could show it */
  }
  const RtmfpMediaTag tag = {.kind = RTMFP_TAG_FRAMES,
                             .fourcc = fourcc_of (media->codec),
                             .key_frame = media->is_key,
                             .data = media->bytes};
  const RtmfpMessageOptions options = options_of (agent, link, media, now_us);
  RtmfpBuffer body = {0};
  uint64_t number = 0;
  RtmfpStatus status =
      video ? rtmfp_video_tag_write (&body, &tag) : rtmfp_audio_tag_write (&body, &tag);
  if (status == RTMFP_OK) {
    status = rtmfp_net_send_media (
        agent->net, link->player, video ? RTMFP_MEDIA_VIDEO : RTMFP_MEDIA_AUDIO,
        media->timestamp_ms, rtmfp_buffer_bytes (&body), &options, now_us, &number);
  }
  rtmfp_buffer_clear (&body);
  if (video) {
    link->last_video = status == RTMFP_OK ? number : 0;
    if (status == RTMFP_OK) {
      ahoy_media_tracker_sent (&link->pictures, number, media->bytes.size, now_us);
    } else if (status == RTMFP_FULL) {
      ahoy_media_tracker_refused (&link->pictures);
      agent_event (agent,
                   AHOY_AGENT_EVENT_KEY_FRAME); /* the rest of this group is lost: a new one */
    }
  }
  return status;
}

bool
agent_calling_on_media (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event,
                        AhoyAgentEvent *out) {
  RtmfpMediaTag tag;
  const bool audio = event->kind == RTMFP_MEDIA_AUDIO;
  if (link != call_link (agent) || event->stream != link->stream ||
      event->kind == RTMFP_MEDIA_DATA ||
      (audio ? rtmfp_audio_tag_read (event->bytes, &tag)
             : rtmfp_video_tag_read (event->bytes, &tag)) != RTMFP_OK ||
      tag.kind != RTMFP_TAG_FRAMES) {
    return false;
  }
  const AhoyMediaKind kind = audio ? AHOY_MEDIA_AUDIO : AHOY_MEDIA_VIDEO;
  *out = (AhoyAgentEvent){
      .type = AHOY_AGENT_EVENT_MEDIA,
      .media = {.kind = kind,
                .codec = tag.fourcc == RTMFP_FOURCC_OPUS  ? AHOY_CODEC_OPUS
                         : tag.fourcc == RTMFP_FOURCC_VP8 ? AHOY_CODEC_VP8
                         : tag.fourcc == RTMFP_FOURCC_AVC ? AHOY_CODEC_H264
                                                          : AHOY_CODEC_NONE,
                .is_key = tag.key_frame,
                .after_gap = link->gap[kind],
                .timestamp_ms = event->timestamp_ms,
                .bytes = tag.data},
  };
  link->gap[kind] = false;
  if (audio) {
    ahoy_incoming_queue_hear (&link->incoming, event->timestamp_ms, agent->now_us);
  }
  return true;
}

static void
stream_command (AhoyAgent *agent, const char *name, RtmfpBuffer *args, int64_t now_us) {
  Link *link = call_link (agent);
  if (link != NULL && link->stream != 0 && agent->media_on) {
    RtmfpStatus status = rtmfp_net_stream_command (agent->net, link->stream, name,
                                                   rtmfp_buffer_bytes (args), now_us);
    (void)status; /* the next one tells it again */
  }
  rtmfp_buffer_clear (args);
}

void
ahoy_agent_want_key_frame (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_end_object (&args);
  stream_command (agent, "keyFrame", &args, now_us);
}

/* Of the far side's packets since the last report; permille. */
static uint32_t
path_lost (AhoyAgent *agent, Link *link) {
  RtmfpSessionInfo session;
  if (rtmfp_endpoint_session_info (agent->endpoint, link->session, &session) != RTMFP_OK) {
    return 0;
  }
  const uint64_t received = session.packets_received - link->told_received;
  const uint64_t missed =
      session.packets_missed > link->told_missed ? session.packets_missed - link->told_missed : 0;
  link->told_received = session.packets_received;
  link->told_missed = session.packets_missed;
  return received + missed > 0 ? (uint32_t)(missed * 1000 / (received + missed)) : 0;
}

void
ahoy_agent_send_report (AhoyAgent *agent, const AhoyMediaReport *report, int64_t now_us) {
  agent->now_us = now_us;
  Link *link = call_link (agent);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_integer (&args, "pathLost", link != NULL ? path_lost (agent, link) : 0);
  rtmfp_amf_member_integer (&args, "audioLost", report->audio_lost_permille);
  rtmfp_amf_member_integer (&args, "videoLost", report->video_lost_permille);
  rtmfp_amf_member_integer (&args, "jitterMs", report->jitter_ms);
  rtmfp_amf_member_integer (&args, "playoutMs", report->playout_ms);
  rtmfp_amf_end_object (&args);
  stream_command (agent, "report", &args, now_us);
}

static void
tell_control (AhoyAgent *agent, const char *kind, bool has_flag, bool on) {
  Link *link = call_link (agent);
  if (link == NULL) {
    return;
  }
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_bytes (&args, "call", rtmfp_bytes (agent->call.id.bytes, AHOY_CALL_ID_SIZE));
  rtmfp_amf_member_text (&args, "kind", kind);
  if (has_flag) {
    rtmfp_amf_write_key (&args, "body");
    rtmfp_amf_begin_object (&args);
    rtmfp_amf_member_boolean (&args, "on", on);
    rtmfp_amf_end_object (&args);
  }
  rtmfp_amf_end_object (&args);
  agent_tell (agent, link->session, "call.control", &args);
}

void
agent_calling_tell_where (AhoyAgent *agent) {
  const RtmfpAddress *told[AHOY_AGENT_FAR_ADDRESSES_MAX];
  uint32_t count = 0;
  Link *link = call_link (agent);
  for (size_t i = 0; i < agent->local_count && count < AHOY_AGENT_FAR_ADDRESSES_MAX &&
                     !agent->config.always_relay;
       i++) {
    if (agent->local[i].family == RTMFP_ADDRESS_IPV6 &&
        !rtmfp_address_is_private (&agent->local[i])) {
      told[count++] = &agent->local[i];
    }
  }
  if (link == NULL || !agent->media_on) {
    return;
  }
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_bytes (&args, "call", rtmfp_bytes (agent->call.id.bytes, AHOY_CALL_ID_SIZE));
  rtmfp_amf_member_text (&args, "kind", "where");
  rtmfp_amf_write_key (&args, "body");
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_write_key (&args, "addresses");
  rtmfp_amf_begin_array (&args, count);
  for (uint32_t i = 0; i < count; i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (told[i], text);
    rtmfp_amf_write_text (&args, text);
  }
  if (agent->relayed.family != RTMFP_ADDRESS_NONE) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&agent->relayed, text);
    rtmfp_amf_member_text (&args, "relayed", text);
  }
  rtmfp_amf_end_object (&args);
  rtmfp_amf_end_object (&args);
  agent_tell (agent, link->session, "call.control", &args);
}

void
ahoy_agent_tell_muted (AhoyAgent *agent, bool muted, int64_t now_us) {
  agent->now_us = now_us;
  tell_control (agent, "mute", true, muted);
}

void
ahoy_agent_tell_camera (AhoyAgent *agent, bool on, int64_t now_us) {
  agent->now_us = now_us;
  tell_control (agent, "camera", true, on);
}

void
ahoy_agent_call_info (const AhoyAgent *agent, AhoyCallInfo *info) {
  const AhoyCall *call = &agent->call;
  *info = (AhoyCallInfo){.is_on = agent->call_person != NULL && call->state != AHOY_CALL_IDLE,
                         .state = call->state,
                         .end = call->end,
                         .id = call->id,
                         .outgoing = call->outgoing,
                         .near_video = call->near_video,
                         .far_video = call->far_video,
                         .reconnecting = agent->reconnecting,
                         .secured_us = call->secured_us};
  if (agent->call_person != NULL) {
    info->peer = agent->call_person->info.name;
  }
  const Link *link = call_link (agent);
  RtmfpSessionInfo session;
  if (link != NULL &&
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &session) == RTMFP_OK) {
    info->has_path = true;
    info->address = session.address;
    info->relayed = agent_relay_carries (link, &session);
    info->srtt_us = session.srtt_us;
    info->bytes_sent = session.bytes_sent;
    info->bytes_received = session.bytes_received;
    info->cwnd_bytes = session.cwnd_bytes;
  }
}

RtmfpStatus
ahoy_agent_media_path (const AhoyAgent *agent, int64_t now_us, AhoyMediaPath *path) {
  const Link *link = call_link (agent);
  RtmfpSessionInfo session;
  if (!agent->media_on || link == NULL || link->player == 0 ||
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &session) != RTMFP_OK) {
    return RTMFP_STATE;
  }
  *path = (AhoyMediaPath){.srtt_us = session.srtt_us,
                          .lowest_rtt_us = session.lowest_rtt_us,
                          .incoming_us = ahoy_incoming_queue_us (&link->incoming, now_us)};
  ahoy_media_tracker_tell (&link->pictures, now_us, path);
  return RTMFP_OK;
}

/* ---- Time ---- */

/* Behind a NAT that lets in only whom we sent to, a far side that moved cannot tell us so. Each of
 * us asks the server, which sees the move and tells the other: see agent_link_on_moved(). */
static void
look_for_far_side (AhoyAgent *agent, Link *link, int64_t now_us) {
  const int64_t silent_us = now_us - link->heard_us;
  if (silent_us < AHOY_AGENT_PATH_SILENT_US) {
    return;
  }
  AgentPath paths[AGENT_PATHS_MAX];
  const size_t count = agent_relay_paths (agent, link, silent_us < AHOY_AGENT_PATH_RELAY_US, paths);
  if (count > 0 && now_us >= link->look_us) {
    link->look_us = now_us + AHOY_AGENT_PATH_LOOK_US;
    const AgentPath *path = &paths[link->far_next++ % count]; /* one at each look */
    rtmfp_endpoint_probe_by (agent->endpoint, link->session, &path->address, path->interface_id,
                             now_us);
  }
  if (now_us >= agent->ask_server_us && agent->server != 0) {
    agent->ask_server_us = now_us + AHOY_AGENT_PATH_ASK_US;
    rtmfp_endpoint_ping (agent->endpoint, agent->server, now_us);
  }
}

static bool
has_family (const AhoyAgent *agent, uint8_t family) {
  for (size_t i = 0; i < agent->local_count; i++) {
    if (agent->local[i].family == family) {
      return true;
    }
  }
  return false;
}

/* Our own way to where the far side was is gone, and the far side has told of another. */
void
agent_calling_moved (AhoyAgent *agent, int64_t now_us) {
  Link *link = call_link (agent);
  RtmfpSessionInfo info;
  if (link == NULL || link->far_told_count == 0 || agent->config.always_relay ||
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) != RTMFP_OK ||
      has_family (agent, info.address.family)) {
    return;
  }
  rtmfp_endpoint_vouch (agent->endpoint, link->session, &link->far_told[0], 0, now_us);
}

/* Both do so all the time, that one may be heard at once on its other address. */
static void
keep_open (AhoyAgent *agent, Link *link, const RtmfpSessionInfo *info, int64_t now_us) {
  if (now_us < link->keep_open_us || agent->config.always_relay) {
    return;
  }
  link->keep_open_us = now_us + AHOY_AGENT_KEEP_OPEN_US;
  for (size_t i = 0; i < link->far_told_count; i++) {
    if (!rtmfp_address_equal (&link->far_told[i], &info->address)) {
      rtmfp_endpoint_keep_open (agent->endpoint, &link->far_told[i], 0, now_us);
    }
  }
}

/* Both sides say each second that they are there, so silence means that the line is dark. */
static void
look_at_session (AhoyAgent *agent, int64_t now_us) {
  Link *link = call_link (agent);
  RtmfpSessionInfo info;
  agent->tick_us = now_us + TICK_US;
  if (link == NULL ||
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) != RTMFP_OK) {
    return;
  }
  if (info.bytes_received != link->heard_bytes) {
    link->heard_bytes = info.bytes_received;
    link->heard_us = now_us;
    link->used_us = now_us;
  }
  if (now_us - link->heard_us >= agent_link_lost_us (agent) + AHOY_AGENT_SECOND_US) {
    agent_link_close (agent, link, now_us); /* we slept: the far side has given the call up */
    return;
  }
  look_for_far_side (agent, link, now_us);
  keep_open (agent, link, &info, now_us);
  agent_relay_leave (agent, link, now_us);
  const bool dark = now_us - link->heard_us >= AHOY_AGENT_RECONNECTING_US;
  if (dark != agent->reconnecting) {
    agent->reconnecting = dark;
    agent_event (agent, AHOY_AGENT_EVENT_CALL);
  }
  if (now_us >= agent->alive_us) {
    agent->alive_us = now_us + AHOY_AGENT_SECOND_US;
    tell_control (agent, "alive", false, false);
  }
}

void
agent_calling_advance (AhoyAgent *agent, int64_t now_us) {
  if (now_us >= ahoy_call_deadline (&agent->call)) {
    ahoy_call_advance (&agent->call, now_us);
    agent_calling_run (agent, now_us);
  }
  if (agent->media_on && now_us >= agent->tick_us) {
    look_at_session (agent, now_us);
  }
  Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (now_us >= link->play_again_us && agent_calling_is_on (agent)) {
      play (agent, link, now_us);
    }
  }
}

int64_t
agent_calling_deadline (const AhoyAgent *agent) {
  int64_t at_us = ahoy_call_deadline (&agent->call);
  if (agent->media_on && agent->tick_us < at_us) {
    at_us = agent->tick_us;
  }
  const Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (agent_calling_is_on (agent) && link->play_again_us < at_us) {
      at_us = link->play_again_us;
    }
  }
  return at_us;
}
