/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/keying-component.h"

#include "core/base/registry.h"
#include "core/crypto/params.h"
#include "core/crypto/profile.h"
#include "core/wire/option.h"
#include "core/wire/vlu.h"

enum {
  FLAG_SENDS_ALWAYS = 0x04,
  FLAG_SENDS_ON_REQUEST = 0x02,
  FLAG_REQUESTS = 0x01,
  HMAC_BYTES_MIN = 4, /* RFC 7425 s4.5.2.4 */
};

/* What was seen already: each option may come once. */
typedef struct {
  RtmfpKeyingComponent component;
  bool has_hmac;
  bool has_sequence;
} Reading;

static RtmfpStatus
take_flags (RtmfpReader *reader, bool *has, RtmfpNegotiation *negotiation) {
  uint8_t flags;
  if (*has || rtmfp_reader_u8 (reader, &flags) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  *has = true;
  *negotiation = (RtmfpNegotiation){
      .sends_always = (flags & FLAG_SENDS_ALWAYS) != 0,
      .sends_on_request = (flags & FLAG_SENDS_ON_REQUEST) != 0,
      .requests = (flags & FLAG_REQUESTS) != 0,
  };
  return RTMFP_OK;
}

static RtmfpStatus
take_hmac (RtmfpReader *reader, Reading *reading) {
  RtmfpNegotiation *hmac = &reading->component.hmac;
  RtmfpStatus status = take_flags (reader, &reading->has_hmac, hmac);
  uint64_t bytes;
  if (status != RTMFP_OK || rtmfp_read_vlu (reader, &bytes) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  bool may_send = hmac->sends_always || hmac->sends_on_request;
  bool fits = may_send ? bytes >= HMAC_BYTES_MIN && bytes <= RTMFP_HMAC_SIZE : bytes == 0;
  if (!fits) {
    return RTMFP_MALFORMED;
  }
  hmac->hmac_bytes = (uint8_t)bytes;
  return RTMFP_OK;
}

static RtmfpStatus
take_group (RtmfpReader *reader, bool *has, RtmfpKeyingComponent *component) {
  bool once = !component->has_ephemeral_key && !component->has_group_select;
  if (!once || rtmfp_read_vlu (reader, &component->group_id) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  *has = true;
  return RTMFP_OK;
}

/* Others may give that number another meaning: what cannot be read says nothing. */
static void
take_aeads (RtmfpReader *reader, RtmfpKeyingComponent *component) {
  uint64_t aeads, preferred;
  if (rtmfp_read_vlu (reader, &aeads) != RTMFP_OK) {
    return;
  }
  component->aeads = (uint32_t)(aeads & RTMFP_AEAD_ALL);
  if (rtmfp_read_vlu (reader, &preferred) == RTMFP_OK) {
    component->preferred_aead = (uint32_t)(preferred & RTMFP_AEAD_ALL);
  }
}

/* Others may give that number another meaning: what cannot be read says nothing. */
static void
take_features (RtmfpReader *reader, RtmfpKeyingComponent *component) {
  uint64_t features;
  if (rtmfp_read_vlu (reader, &features) == RTMFP_OK) {
    component->features = features;
  }
}

static RtmfpStatus
take_option (const RtmfpOption *option, Reading *reading) {
  RtmfpReader reader = rtmfp_reader (option->value.data, option->value.size);
  RtmfpKeyingComponent *component = &reading->component;
  RtmfpStatus status = RTMFP_OK;
  if (option->is_marker) {
    return RTMFP_MALFORMED;
  }
  switch (option->type) {
  case RTMFP_KEYING_EPHEMERAL_KEY:
    status = take_group (&reader, &component->has_ephemeral_key, component);
    component->ephemeral_key = rtmfp_reader_rest (&reader);
    return status;
  case RTMFP_KEYING_GROUP_SELECT:
    return take_group (&reader, &component->has_group_select, component);
  case RTMFP_KEYING_EXTRA_RANDOMNESS:
    component->extra_randomness = option->value;
    return RTMFP_OK;
  case RTMFP_KEYING_HMAC:
    return take_hmac (&reader, reading);
  case RTMFP_KEYING_SEQUENCE:
    return take_flags (&reader, &reading->has_sequence, &component->sequence);
  case RTMFP_REGISTRY_KEYING_AEAD:
    take_aeads (&reader, component);
    return RTMFP_OK;
  case RTMFP_REGISTRY_KEYING_FEATURES:
    take_features (&reader, component);
    return RTMFP_OK;
  default:
    return RTMFP_OK;
  }
}

RtmfpStatus
rtmfp_keying_component_read (RtmfpBytes bytes, RtmfpKeyingComponent *component) {
  if (bytes.size > RTMFP_COMPONENT_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  Reading reading = {0};
  while (rtmfp_reader_left (&reader) > 0) {
    RtmfpOption option;
    RtmfpStatus status = rtmfp_read_option (&reader, &option);
    if (status == RTMFP_OK) {
      status = take_option (&option, &reading);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  *component = reading.component;
  return RTMFP_OK;
}

static uint8_t
negotiation_flags (const RtmfpNegotiation *negotiation) {
  return (uint8_t)((negotiation->sends_always ? FLAG_SENDS_ALWAYS : 0) |
                   (negotiation->sends_on_request ? FLAG_SENDS_ON_REQUEST : 0) |
                   (negotiation->requests ? FLAG_REQUESTS : 0));
}

static RtmfpStatus
write_negotiations (RtmfpWriter *writer, const RtmfpKeyingComponent *component) {
  const uint8_t sequence = negotiation_flags (&component->sequence);
  const uint8_t hmac[2] = {negotiation_flags (&component->hmac), component->hmac.hmac_bytes};
  RtmfpStatus status = RTMFP_OK;
  if (sequence != 0) {
    status = rtmfp_write_option (writer, RTMFP_KEYING_SEQUENCE, rtmfp_bytes (&sequence, 1));
  }
  if (status == RTMFP_OK && hmac[0] != 0) {
    status = rtmfp_write_option (writer, RTMFP_KEYING_HMAC, rtmfp_bytes (hmac, sizeof hmac));
  }
  return status;
}

static RtmfpStatus
write_key (RtmfpWriter *writer, const RtmfpKeyingComponent *component) {
  uint8_t value[RTMFP_VLU_SIZE_MAX + RTMFP_PUBLIC_KEY_SIZE_MAX];
  RtmfpWriter inside = rtmfp_writer (value, sizeof value);
  RtmfpStatus status = rtmfp_write_vlu (&inside, component->group_id);
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (&inside, component->ephemeral_key);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_option (writer, RTMFP_KEYING_EPHEMERAL_KEY,
                                 rtmfp_bytes (value, rtmfp_writer_size (&inside)));
  }
  return status;
}

static RtmfpStatus
write_aeads (RtmfpWriter *writer, const RtmfpKeyingComponent *component) {
  uint8_t value[2 * RTMFP_VLU_SIZE_MAX];
  RtmfpWriter inside = rtmfp_writer (value, sizeof value);
  RtmfpStatus status = rtmfp_write_vlu (&inside, component->aeads);
  if (status == RTMFP_OK && component->preferred_aead != 0) {
    status = rtmfp_write_vlu (&inside, component->preferred_aead);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_option (writer, RTMFP_REGISTRY_KEYING_AEAD,
                                 rtmfp_bytes (value, rtmfp_writer_size (&inside)));
  }
  return status;
}

RtmfpStatus
rtmfp_keying_component_write (RtmfpWriter *writer, const RtmfpKeyingComponent *component) {
  uint8_t *start = writer->at;
  RtmfpStatus status = write_negotiations (writer, component);
  if (status == RTMFP_OK && component->has_group_select) {
    status = rtmfp_write_option_vlu (writer, RTMFP_KEYING_GROUP_SELECT, component->group_id);
  }
  if (status == RTMFP_OK && component->has_ephemeral_key) {
    status = write_key (writer, component);
  }
  if (status == RTMFP_OK && component->extra_randomness.size > 0) {
    status =
        rtmfp_write_option (writer, RTMFP_KEYING_EXTRA_RANDOMNESS, component->extra_randomness);
  }
  if (status == RTMFP_OK && component->aeads != 0) {
    status = write_aeads (writer, component);
  }
  if (status == RTMFP_OK && component->features != 0) {
    status = rtmfp_write_option_vlu (writer, RTMFP_REGISTRY_KEYING_FEATURES, component->features);
  }
  if (status != RTMFP_OK) {
    writer->at = start;
  }
  return status;
}
