/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside tests/sim: peer.c runs an endpoint and reads its events, channel.c says and checks
 * messages, stage.c decides when sessions open and close. */
#ifndef TESTS_SIM_STAGE_PRIVATE_H
#define TESTS_SIM_STAGE_PRIVATE_H

#include "tests/sim/stage.h"

/* ---- peer.c ---- */
extern const SimNodeClass peer_class;
void peer_start (Peer *peer);
void link_open_from (Link *link, int end);

/* ---- stage.c ---- */
/* The link of the peer to the owner of that fingerprint; end out = which end the peer is. */
Link *stage_find_link (Stage *stage, const Peer *peer, const RtmfpFingerprint *far, int *end);
Link *stage_find_link_by_session (Stage *stage, const Peer *peer, RtmfpId session, int *end);
void link_opened (Link *link, int end, RtmfpId session);
void link_closed (Link *link, int end, RtmfpId session, RtmfpCloseReason reason);

/* ---- channel.c ---- */
void channels_start (Link *link, int end);
/* What the peer's channels do now. */
void channels_advance (Peer *peer, int64_t now_us);
int64_t channels_deadline (const Peer *peer);
void channels_take_event (Peer *peer, const RtmfpEvent *event);
bool channel_is_done (const Channel *channel);
void channel_check (const Stage *stage, const Channel *channel);
void channel_free (gpointer data);

#endif
