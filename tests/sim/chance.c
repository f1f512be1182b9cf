/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

/* SplitMix64 (Steele, Lea and Flood, 2014). */
uint64_t
sim_chance_u64 (SimChance *chance) {
  chance->state += 0x9e3779b97f4a7c15u;
  uint64_t x = chance->state;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

int64_t
sim_chance_range (SimChance *chance, int64_t least, int64_t most) {
  return least + (int64_t)(sim_chance_u64 (chance) % (uint64_t)(most - least));
}

bool
sim_chance_permille (SimChance *chance, int permille) {
  return sim_chance_range (chance, 0, 1000) < permille;
}

static void
fill (void *user, uint8_t *out, size_t size) {
  SimChance *chance = user;
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(sim_chance_u64 (chance) >> 24);
  }
}

RtmfpRng
sim_chance_rng (SimChance *chance) {
  return (RtmfpRng){.fill = fill, .user = chance};
}
