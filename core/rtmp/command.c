/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes command messages. RTMP 1.0 s7.2, RFC 7425 s5.3.3. */
#include "core/rtmp/command.h"

#include "core/rtmp/constants.h"

#include <math.h>

void
rtmfp_command_clear (RtmfpCommand *command) {
  rtmfp_amf_document_clear (&command->document);
  *command = (RtmfpCommand){0};
}

/* The AMF0 values of a message: behind the format selector for type 17. RFC 7425 s5.3.3 */
static RtmfpStatus
find_values (const RtmfpRtmpMessage *message, RtmfpBytes *values) {
  RtmfpReader reader = rtmfp_reader (message->payload.data, message->payload.size);
  if (message->type == RTMFP_RTMP_COMMAND_EXTENDED) {
    uint8_t format;
    const RtmfpStatus status = rtmfp_reader_u8 (&reader, &format);
    if (status != RTMFP_OK) {
      return status;
    }
    if (format != 0) {
      return RTMFP_UNSUPPORTED;
    }
  } else if (message->type != RTMFP_RTMP_COMMAND) {
    return RTMFP_UNSUPPORTED;
  }
  *values = rtmfp_reader_rest (&reader);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_command_read (RtmfpCommand *command, const RtmfpRtmpMessage *message) {
  rtmfp_command_clear (command);
  RtmfpBytes values;
  RtmfpStatus status = find_values (message, &values);
  if (status == RTMFP_OK) {
    status = rtmfp_amf_read (&command->document, values, RTMFP_AMF0);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  const RtmfpAmfDocument *document = &command->document;
  if (!rtmfp_amf_as_string (rtmfp_amf_at (document, 0), &command->name) ||
      !rtmfp_amf_as_number (rtmfp_amf_at (document, 1), &command->transaction) ||
      !isfinite (command->transaction)) {
    rtmfp_command_clear (command);
    return RTMFP_MALFORMED;
  }
  command->object = rtmfp_amf_at (document, 2);
  if (document->count > 3) {
    command->values = document->entries + 3;
    command->value_count = document->count - 3;
    const uint8_t *start = command->values[0].encoded.data;
    command->arguments = rtmfp_bytes (start, (size_t)(values.data + values.size - start));
  }
  return RTMFP_OK;
}

void
rtmfp_command_begin (RtmfpBuffer *out, const char *name, double transaction) {
  rtmfp_rtmp_header_write (out, RTMFP_RTMP_COMMAND, 0);
  rtmfp_amf_write_text (out, name);
  rtmfp_amf_write_number (out, transaction);
}

void
rtmfp_command_information (RtmfpBuffer *out, const char *level, const char *code,
                           const char *description, RtmfpBytes members) {
  rtmfp_amf_begin_object (out);
  rtmfp_amf_member_text (out, "level", level);
  rtmfp_amf_member_text (out, "code", code);
  rtmfp_amf_member_text (out, "description", description);
  rtmfp_buffer_append (out, members);
  rtmfp_amf_end_object (out);
}
