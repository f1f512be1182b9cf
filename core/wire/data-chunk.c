/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/data-chunk.h"

#include "core/wire/option.h"
#include "core/wire/packet.h"
#include "core/wire/params.h"
#include "core/wire/vlu.h"

enum {
  FLAG_OPTIONS = 0x80,
  FRAGMENT_SHIFT = 4,
  FRAGMENT_MASK = 0x03,
  FLAG_ABANDON = 0x02,
  FLAG_FINAL = 0x01,
};

static void
take_flow_option (const RtmfpOption *option, RtmfpFlowOptions *options) {
  if (option->type == RTMFP_FLOW_OPTION_METADATA) {
    /* To send it twice is only a SHOULD NOT (s2.3.11.1.1): the first counts. */
    options->metadata = options->has_metadata ? options->metadata : option->value;
    options->has_metadata = true;
  } else if (option->type == RTMFP_FLOW_OPTION_ASSOCIATION) {
    RtmfpReader value = rtmfp_reader (option->value.data, option->value.size);
    uint64_t association = 0;
    const bool readable = rtmfp_read_vlu (&value, &association) == RTMFP_OK;
    options->must_reject |=
        !readable || (options->has_association && association != options->association);
    options->association = association;
    options->has_association = readable;
  } else if (option->type < RTMFP_FLOW_OPTION_IGNORABLE_FROM) {
    options->must_reject = true;
  }
}

static RtmfpStatus
read_flow_options (RtmfpReader *reader, RtmfpFlowOptions *options) {
  for (int i = 0; i < RTMFP_OPTIONS_MAX; i++) {
    RtmfpOption option;
    RtmfpStatus status = rtmfp_read_option (reader, &option);
    if (status != RTMFP_OK || option.is_marker) {
      return status;
    }
    take_flow_option (&option, options);
  }
  return RTMFP_MALFORMED;
}

static void
take_flags (uint8_t flags, RtmfpUserData *data) {
  data->has_options = (flags & FLAG_OPTIONS) != 0;
  data->fragment = (RtmfpFragment)(flags >> FRAGMENT_SHIFT & FRAGMENT_MASK);
  data->abandon = (flags & FLAG_ABANDON) != 0;
  data->final = (flags & FLAG_FINAL) != 0;
}

/* What both kinds end with: options and data. */
static RtmfpStatus
read_body (RtmfpReader *reader, RtmfpUserData *data) {
  RtmfpStatus status = RTMFP_OK;
  if (data->has_options) {
    status = read_flow_options (reader, &data->options);
  }
  if (status == RTMFP_OK) {
    data->data = rtmfp_reader_rest (reader);
    if (data->abandon) {
      data->data.size = 0;
    }
  }
  return status;
}

static RtmfpStatus
read_numbers (RtmfpReader *reader, RtmfpUserData *data) {
  uint64_t offset;
  RtmfpStatus status = rtmfp_read_vlu (reader, &data->flow_id);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (reader, &data->sequence_number);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (reader, &offset);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  if (data->sequence_number == 0 || offset > data->sequence_number ||
      (offset == 0 && !data->abandon)) {
    return RTMFP_MALFORMED;
  }
  data->forward_sequence_number = data->sequence_number - offset;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_read_user_data (RtmfpBytes payload, RtmfpUserData *data) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpUserData result = {0};
  uint8_t flags;
  RtmfpStatus status = rtmfp_reader_u8 (&reader, &flags);
  if (status == RTMFP_OK) {
    take_flags (flags, &result);
    status = read_numbers (&reader, &result);
  }
  if (status == RTMFP_OK) {
    status = read_body (&reader, &result);
  }
  if (status == RTMFP_OK) {
    *data = result;
  }
  return status;
}

RtmfpStatus
rtmfp_read_next_user_data (RtmfpBytes payload, const RtmfpUserData *previous, RtmfpUserData *data) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  uint8_t flags;
  RtmfpStatus status = rtmfp_reader_u8 (&reader, &flags);
  if (status != RTMFP_OK) {
    return status;
  }
  if (previous == NULL || previous->sequence_number == UINT64_MAX) {
    return RTMFP_MALFORMED;
  }
  RtmfpUserData result = {
      .flow_id = previous->flow_id,
      .sequence_number = previous->sequence_number + 1,
      .forward_sequence_number = previous->forward_sequence_number,
  };
  take_flags (flags, &result);
  status = read_body (&reader, &result);
  if (status == RTMFP_OK) {
    *data = result;
  }
  return status;
}

bool
rtmfp_user_data_is_next (const RtmfpUserData *data, const RtmfpUserData *previous) {
  return data->flow_id == previous->flow_id &&
         data->forward_sequence_number == previous->forward_sequence_number &&
         previous->sequence_number != UINT64_MAX &&
         data->sequence_number == previous->sequence_number + 1;
}

static size_t
flow_options_size (const RtmfpFlowOptions *options) {
  size_t size = 1; /* the marker */
  if (options->has_metadata) {
    size += rtmfp_option_size (RTMFP_FLOW_OPTION_METADATA, options->metadata.size);
  }
  if (options->has_association) {
    size +=
        rtmfp_option_size (RTMFP_FLOW_OPTION_ASSOCIATION, rtmfp_vlu_size (options->association));
  }
  return size;
}

size_t
rtmfp_user_data_overhead (const RtmfpUserData *data, bool as_next) {
  size_t size = RTMFP_CHUNK_HEADER_BYTES + 1;
  if (!as_next) {
    size += rtmfp_vlu_size (data->flow_id) + rtmfp_vlu_size (data->sequence_number) +
            rtmfp_vlu_size (data->sequence_number - data->forward_sequence_number);
  }
  return data->has_options ? size + flow_options_size (&data->options) : size;
}

static RtmfpStatus
write_flow_options (RtmfpWriter *writer, const RtmfpFlowOptions *options) {
  RtmfpStatus status = RTMFP_OK;
  if (options->has_metadata) {
    status = rtmfp_write_option (writer, RTMFP_FLOW_OPTION_METADATA, options->metadata);
  }
  if (status == RTMFP_OK && options->has_association) {
    status = rtmfp_write_option_vlu (writer, RTMFP_FLOW_OPTION_ASSOCIATION, options->association);
  }
  return status == RTMFP_OK ? rtmfp_write_marker (writer) : status;
}

static RtmfpStatus
write_flags (RtmfpWriter *writer, const RtmfpUserData *data) {
  unsigned flags = ((unsigned)data->fragment & FRAGMENT_MASK) << FRAGMENT_SHIFT;
  flags |= data->has_options ? FLAG_OPTIONS : 0;
  flags |= data->abandon ? FLAG_ABANDON : 0;
  flags |= data->final ? FLAG_FINAL : 0;
  return rtmfp_writer_u8 (writer, (uint8_t)flags);
}

static RtmfpStatus
write_body (RtmfpWriter *writer, const RtmfpUserData *data) {
  RtmfpStatus status = RTMFP_OK;
  if (data->has_options) {
    status = write_flow_options (writer, &data->options);
  }
  return status == RTMFP_OK ? rtmfp_writer_bytes (writer, data->data) : status;
}

RtmfpStatus
rtmfp_write_user_data (RtmfpWriter *writer, const RtmfpUserData *data) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_USER_DATA, &mark);
  if (status == RTMFP_OK) {
    status = write_flags (writer, data);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, data->flow_id);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, data->sequence_number);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, data->sequence_number - data->forward_sequence_number);
  }
  if (status == RTMFP_OK) {
    status = write_body (writer, data);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_write_next_user_data (RtmfpWriter *writer, const RtmfpUserData *data) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_NEXT_USER_DATA, &mark);
  if (status == RTMFP_OK) {
    status = write_flags (writer, data);
  }
  if (status == RTMFP_OK) {
    status = write_body (writer, data);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_buffer_probe (RtmfpBytes payload, uint64_t *flow_id) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  return rtmfp_read_vlu (&reader, flow_id);
}

RtmfpStatus
rtmfp_write_buffer_probe (RtmfpWriter *writer, uint64_t flow_id) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_BUFFER_PROBE, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, flow_id);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}
