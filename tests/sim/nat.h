/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside tests/sim: what a NAT does to addresses. */
#ifndef TESTS_SIM_NAT_H
#define TESTS_SIM_NAT_H

#include "tests/sim/world.h"

SimNat *sim_nat_new (SimNatKind kind, const RtmfpAddress *public_ip, SimChance *chance);
void sim_nat_free (SimNat *nat);
bool sim_nat_owns (const SimNat *nat, const RtmfpAddress *address);
/* A datagram leaves from inside to far: the public address it comes from then. */
RtmfpAddress sim_nat_translate_out (SimNat *nat, const RtmfpAddress *inside,
                                    const RtmfpAddress *far);
/* A datagram comes from far to one of its ports. inside out. Returns: whether it is let in. */
bool sim_nat_translate_in (SimNat *nat, const RtmfpAddress *far, const RtmfpAddress *outside,
                           RtmfpAddress *inside);

#endif
