/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/hardware.h"

#include <sys/auxv.h>

bool
app_hardware_has_aes (void) {
#if defined __x86_64__ || defined __i386__
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("aes") && __builtin_cpu_supports ("pclmul");
#elif defined __aarch64__
  enum { HARDWARE_AES = 1 << 3, HARDWARE_PMULL = 1 << 4 }; /* HWCAP_AES, HWCAP_PMULL */
  const unsigned long wanted = HARDWARE_AES | HARDWARE_PMULL;
  return (getauxval (AT_HWCAP) & wanted) == wanted;
#else
  return false;
#endif
}
