/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relays: who may use them (short-lived credentials), who is at one, and who shows no other
 * address. */
#include "core/rendezvous/internal.h"

#include <string.h>

void
ahoy_rendezvous_write_access (RtmfpBuffer *out, const char *name, const AhoyRelayAccess *access,
                              int64_t seconds) {
  if (access->servers[0] == '\0') {
    return;
  }
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_begin_object (out);
  rtmfp_amf_member_text (out, "servers", access->servers);
  rtmfp_amf_member_text (out, "username", access->username);
  rtmfp_amf_member_text (out, "password", access->password);
  rtmfp_amf_member_integer (out, "seconds", seconds);
  if (access->tls_port != 0) {
    rtmfp_amf_member_integer (out, "tls", access->tls_port);
    rtmfp_amf_member_text (out, "tlsKey", access->tls_key);
  }
  rtmfp_amf_end_object (out);
}

static void
make_access (const AhoyRendezvous *r, const char *whom, int64_t seconds, int64_t now_us,
             AhoyRelayAccess *access) {
  memset (access, 0, sizeof *access);
  if (r->relays[0] != '\0') {
    strcpy (access->servers, r->relays);
    access->tls_port = r->relay_tls_port;
    strcpy (access->tls_key, r->relay_tls_key);
    ahoy_relay_access_make (rtmfp_buffer_bytes (&r->relay_secret),
                            rtmfp_bytes (r->secret, sizeof r->secret), whom,
                            ahoy_rendezvous_wall_ms (r, now_us) / 1000 + seconds, access);
  }
}

void
ahoy_rendezvous_write_relay (const AhoyRendezvous *r, RtmfpBuffer *out, const char *user,
                             int64_t now_us) {
  AhoyRelayAccess access;
  make_access (r, user, r->relay_seconds, now_us, &access);
  ahoy_rendezvous_write_access (out, "turn", &access, r->relay_seconds);
}

void
ahoy_rendezvous_invite_relay (const AhoyRendezvous *r, const char *whom, int64_t life_ms,
                              int64_t now_us, AhoyRelayAccess *access) {
  make_access (r, whom, life_ms / 1000, now_us, access);
}

void
ahoy_command_relay (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  ahoy_rendezvous_write_relay (r, out, visitor->person->user, command->now_us);
  ahoy_rendezvous_reply (r, visitor->session, command->id, command->now_us);
}

void
ahoy_command_paths (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  RtmfpAddress relayed = {.family = RTMFP_ADDRESS_NONE};
  if (!ahoy_rendezvous_read_text (command->arg, "relayed", text, sizeof text) ||
      (text[0] != '\0' && rtmfp_address_parse (text, &relayed) != RTMFP_OK)) {
    ahoy_rendezvous_fail (r, visitor->session, command->id, "badRequest", command->now_us);
    return;
  }
  relayed.origin = RTMFP_ORIGIN_RELAY;
  const bool is_new = !rtmfp_address_equal (&relayed, &visitor->relayed);
  visitor->relayed = relayed;
  visitor->hides = false;
  (void)rtmfp_amf_as_boolean (rtmfp_amf_get (command->arg, "hides"), &visitor->hides);
  ahoy_rendezvous_reply_nothing (r, visitor->session, command->id, command->now_us);
  if (is_new && relayed.family != RTMFP_ADDRESS_NONE) {
    ahoy_rendezvous_tell_moved (r, visitor, command->now_us);
  }
}

void
ahoy_command_look (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  ahoy_rendezvous_reply_nothing (r, visitor->session, command->id, command->now_us);
  ahoy_rendezvous_tell_where (r, visitor, command->now_us);
}
