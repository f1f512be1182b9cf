/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/credentials.h"

#include "core/base/memory.h"
#include "core/base/registry.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "core/wire/option.h"
#include "core/wire/vlu.h"

#include <stdlib.h>
#include <string.h>

static RtmfpStatus
write_static_key (RtmfpWriter *writer, uint32_t group, const RtmfpRng *rng, RtmfpPrivateKey *key) {
  uint8_t value[RTMFP_VLU_SIZE_MAX + RTMFP_PUBLIC_KEY_SIZE_MAX];
  RtmfpWriter inside = rtmfp_writer (value, sizeof value);
  RtmfpPublicKey public_key;
  rtmfp_group_draw_private_key (group, rng, key);
  rtmfp_group_public_key (key, &public_key);
  RtmfpStatus status = rtmfp_write_vlu (&inside, rtmfp_group_id (group));
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (&inside, rtmfp_bytes (public_key.bytes, public_key.size));
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_option (writer, RTMFP_CERTIFICATE_STATIC_KEY,
                                 rtmfp_bytes (value, rtmfp_writer_size (&inside)));
  }
  return status;
}

static RtmfpStatus
write_groups (RtmfpWriter *writer, const RtmfpCredentialsOptions *options, const RtmfpRng *rng,
              RtmfpCredentials *credentials) {
  uint32_t set = options->groups != 0 ? options->groups & RTMFP_GROUP_ALL : RTMFP_GROUP_ALL;
  RtmfpStatus status = RTMFP_OK;
  while (set != 0 && status == RTMFP_OK) {
    uint32_t group = rtmfp_group_strongest (set);
    set &= ~group;
    if (options->static_keys) {
      RtmfpPrivateKey *key = &credentials->static_private_keys[rtmfp_group_index (group)];
      status = write_static_key (writer, group, rng, key);
    } else {
      status = rtmfp_write_option_vlu (writer, RTMFP_CERTIFICATE_EPHEMERAL_GROUP,
                                       rtmfp_group_id (group));
    }
  }
  return status;
}

/* Without a marker: some fingerprints in the field are wrong when there is one. */
static RtmfpStatus
write_certificate (RtmfpWriter *writer, const RtmfpCredentialsOptions *options, const RtmfpRng *rng,
                   RtmfpCredentials *credentials) {
  RtmfpStatus status = RTMFP_OK;
  if (options->hostname != NULL) {
    status = rtmfp_write_option (writer, RTMFP_CERTIFICATE_HOSTNAME,
                                 rtmfp_bytes (options->hostname, strlen (options->hostname)));
  }
  if (status == RTMFP_OK && options->accepts_ancillary) {
    status =
        rtmfp_write_option (writer, RTMFP_CERTIFICATE_ACCEPTS_ANCILLARY, rtmfp_bytes (NULL, 0));
  }
  if (status == RTMFP_OK) {
    status = write_groups (writer, options, rng, credentials);
  }
  if (status == RTMFP_OK && options->aeads != 0) {
    status = rtmfp_write_option_vlu (writer, RTMFP_REGISTRY_CERTIFICATE_AEAD, options->aeads);
  }
  if (status == RTMFP_OK && !options->static_keys) {
    uint8_t random[RTMFP_CERTIFICATE_RANDOMNESS_BYTES];
    rtmfp_rng_fill (rng, random, sizeof random);
    status = rtmfp_write_option (writer, RTMFP_CERTIFICATE_EXTRA_RANDOMNESS,
                                 rtmfp_bytes (random, sizeof random));
  }
  return status;
}

RtmfpStatus
rtmfp_credentials_init (RtmfpCredentials *credentials, const RtmfpCredentialsOptions *options,
                        const RtmfpRng *rng) {
  if (options->hostname != NULL && strlen (options->hostname) > RTMFP_HOSTNAME_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  uint8_t space[RTMFP_CERTIFICATE_BYTES_MAX];
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  RtmfpCredentials result = {0};
  RtmfpStatus status = write_certificate (&writer, options, rng, &result);
  if (status == RTMFP_OK) {
    size_t size = rtmfp_writer_size (&writer);
    result.bytes = (uint8_t *)rtmfp_memory_copy (space, size);
    status = rtmfp_certificate_read (rtmfp_bytes (result.bytes, size), &result.certificate);
  }
  rtmfp_crypto_must (status == RTMFP_OK, "own certificate");
  *credentials = result;
  rtmfp_secret_wipe (&result, sizeof result);
  return RTMFP_OK;
}

void
rtmfp_credentials_clear (RtmfpCredentials *credentials) {
  free (credentials->bytes);
  rtmfp_secret_wipe (credentials, sizeof *credentials);
}
