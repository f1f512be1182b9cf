/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/nat.h"

typedef struct {
  RtmfpAddress inside;
  RtmfpAddress far; /* of symmetric ones */
  uint16_t port;
  GArray *permitted; /* RtmfpAddress */
} Mapping;

struct SimNat {
  SimNatKind kind;
  RtmfpAddress public_ip;
  uint16_t next_port;
  GPtrArray *mappings;
};

static void
mapping_free (gpointer data) {
  Mapping *mapping = data;
  g_array_unref (mapping->permitted);
  g_free (mapping);
}

SimNat *
sim_nat_new (SimNatKind kind, const RtmfpAddress *public_ip, SimChance *chance) {
  SimNat *nat = g_new0 (SimNat, 1);
  nat->kind = kind;
  nat->public_ip = *public_ip;
  nat->next_port = (uint16_t)sim_chance_range (chance, 2000, 40000);
  nat->mappings = g_ptr_array_new_with_free_func (mapping_free);
  return nat;
}

void
sim_nat_free (SimNat *nat) {
  g_ptr_array_unref (nat->mappings);
  g_free (nat);
}

bool
sim_nat_owns (const SimNat *nat, const RtmfpAddress *address) {
  return rtmfp_address_same_ip (&nat->public_ip, address);
}

static Mapping *
find_mapping (SimNat *nat, const RtmfpAddress *inside, const RtmfpAddress *far) {
  for (guint i = 0; i < nat->mappings->len; i++) {
    Mapping *mapping = g_ptr_array_index (nat->mappings, i);
    if (rtmfp_address_equal (&mapping->inside, inside) &&
        (nat->kind != SIM_NAT_SYMMETRIC || rtmfp_address_equal (&mapping->far, far))) {
      return mapping;
    }
  }
  return NULL;
}

static bool
is_permitted (const SimNat *nat, const Mapping *mapping, const RtmfpAddress *far) {
  if (nat->kind == SIM_NAT_FULL_CONE) {
    return true;
  }
  for (guint i = 0; i < mapping->permitted->len; i++) {
    const RtmfpAddress *permitted = &g_array_index (mapping->permitted, RtmfpAddress, i);
    if (nat->kind == SIM_NAT_ADDRESS_RESTRICTED ? rtmfp_address_same_ip (permitted, far)
                                                : rtmfp_address_equal (permitted, far)) {
      return true;
    }
  }
  return false;
}

RtmfpAddress
sim_nat_translate_out (SimNat *nat, const RtmfpAddress *inside, const RtmfpAddress *far) {
  Mapping *mapping = find_mapping (nat, inside, far);
  if (mapping == NULL) {
    mapping = g_new0 (Mapping, 1);
    mapping->inside = *inside;
    mapping->far = *far;
    mapping->port = nat->next_port++;
    mapping->permitted = g_array_new (FALSE, FALSE, sizeof (RtmfpAddress));
    g_ptr_array_add (nat->mappings, mapping);
  }
  if (!is_permitted (nat, mapping, far)) {
    g_array_append_val (mapping->permitted, *far);
  }
  RtmfpAddress outside = nat->public_ip;
  outside.port = mapping->port;
  return outside;
}

bool
sim_nat_translate_in (SimNat *nat, const RtmfpAddress *far, const RtmfpAddress *outside,
                      RtmfpAddress *inside) {
  for (guint i = 0; i < nat->mappings->len; i++) {
    const Mapping *mapping = g_ptr_array_index (nat->mappings, i);
    if (mapping->port == outside->port) {
      *inside = mapping->inside;
      return is_permitted (nat, mapping, far);
    }
  }
  return false;
}

void
sim_nat_rebind (SimNat *nat) {
  g_ptr_array_set_size (nat->mappings, 0);
  nat->next_port = (uint16_t)(nat->next_port + 1000);
}

void
sim_nat_move (SimNat *nat, const RtmfpAddress *public_ip) {
  nat->public_ip = *public_ip;
  sim_nat_rebind (nat);
}

bool
sim_nat_can_meet (SimNatKind a, SimNatKind b) {
  const bool a_strict = a == SIM_NAT_SYMMETRIC || a == SIM_NAT_PORT_RESTRICTED;
  const bool b_strict = b == SIM_NAT_SYMMETRIC || b == SIM_NAT_PORT_RESTRICTED;
  return !((a == SIM_NAT_SYMMETRIC && b_strict) || (b == SIM_NAT_SYMMETRIC && a_strict));
}

const char *
sim_nat_name (SimNatKind kind) {
  static const char *const names[] = {"none", "full-cone", "address-restricted", "port-restricted",
                                      "symmetric"};
  return kind < SIM_NAT_KINDS ? names[kind] : "?";
}
