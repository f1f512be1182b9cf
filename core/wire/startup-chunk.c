/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/startup-chunk.h"

#include "core/wire/packet.h"
#include "core/wire/socket-address.h"
#include "core/wire/vlu.h"

enum { FLAG_MORE_FRAGMENTS = 0x80 };

RtmfpStatus
rtmfp_read_packet_fragment (RtmfpBytes payload, RtmfpPacketFragment *fragment) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpPacketFragment result;
  uint8_t flags;
  RtmfpStatus status = rtmfp_reader_u8 (&reader, &flags);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (&reader, &result.packet_id);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (&reader, &result.fragment_number);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  result.more_fragments = (flags & FLAG_MORE_FRAGMENTS) != 0;
  result.data = rtmfp_reader_rest (&reader);
  if (result.data.size == 0) {
    return RTMFP_MALFORMED;
  }
  *fragment = result;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_write_packet_fragment (RtmfpWriter *writer, const RtmfpPacketFragment *fragment) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_FRAGMENT, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_writer_u8 (writer, fragment->more_fragments ? FLAG_MORE_FRAGMENTS : 0);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, fragment->packet_id);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, fragment->fragment_number);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, fragment->data);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_initiator_hello (RtmfpBytes payload, RtmfpInitiatorHello *hello) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpBytes epd;
  RtmfpStatus status = rtmfp_read_vlu_bytes (&reader, &epd);
  if (status == RTMFP_OK) {
    *hello = (RtmfpInitiatorHello){.epd = epd, .tag = rtmfp_reader_rest (&reader)};
  }
  return status;
}

RtmfpStatus
rtmfp_write_initiator_hello (RtmfpWriter *writer, const RtmfpInitiatorHello *hello) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_INITIATOR_HELLO, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, hello->epd);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, hello->tag);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_forwarded_hello (RtmfpBytes payload, RtmfpForwardedHello *hello) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpForwardedHello result;
  RtmfpStatus status = rtmfp_read_vlu_bytes (&reader, &result.epd);
  if (status == RTMFP_OK) {
    status = rtmfp_read_socket_address (&reader, &result.reply_address);
  }
  if (status == RTMFP_OK) {
    result.tag = rtmfp_reader_rest (&reader);
    *hello = result;
  }
  return status;
}

RtmfpStatus
rtmfp_write_forwarded_hello (RtmfpWriter *writer, const RtmfpForwardedHello *hello) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_FORWARDED_HELLO, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, hello->epd);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_socket_address (writer, &hello->reply_address);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, hello->tag);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_responder_hello (RtmfpBytes payload, RtmfpResponderHello *hello) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpResponderHello result;
  RtmfpStatus status = rtmfp_read_vlu_bytes (&reader, &result.tag_echo);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu_bytes (&reader, &result.cookie);
  }
  if (status == RTMFP_OK) {
    result.certificate = rtmfp_reader_rest (&reader);
    *hello = result;
  }
  return status;
}

RtmfpStatus
rtmfp_write_responder_hello (RtmfpWriter *writer, const RtmfpResponderHello *hello) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_RESPONDER_HELLO, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, hello->tag_echo);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, hello->cookie);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, hello->certificate);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_redirect (RtmfpBytes payload, RtmfpRedirect *redirect) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpRedirect result = {0};
  RtmfpStatus status = rtmfp_read_vlu_bytes (&reader, &result.tag_echo);
  while (status == RTMFP_OK && rtmfp_reader_left (&reader) > 0) {
    RtmfpAddress address;
    status = rtmfp_read_socket_address (&reader, &address);
    if (status == RTMFP_OK && result.address_count < RTMFP_REDIRECT_ADDRESSES_MAX) {
      result.addresses[result.address_count++] = address;
    }
  }
  if (status == RTMFP_OK) {
    *redirect = result;
  }
  return status;
}

RtmfpStatus
rtmfp_write_redirect (RtmfpWriter *writer, const RtmfpRedirect *redirect) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_REDIRECT, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, redirect->tag_echo);
  }
  for (size_t i = 0; status == RTMFP_OK && i < redirect->address_count; i++) {
    status = rtmfp_write_socket_address (writer, &redirect->addresses[i]);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_cookie_change (RtmfpBytes payload, RtmfpCookieChange *change) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpBytes old_cookie;
  RtmfpStatus status = rtmfp_read_vlu_bytes (&reader, &old_cookie);
  if (status == RTMFP_OK) {
    *change =
        (RtmfpCookieChange){.old_cookie = old_cookie, .new_cookie = rtmfp_reader_rest (&reader)};
  }
  return status;
}

RtmfpStatus
rtmfp_write_cookie_change (RtmfpWriter *writer, const RtmfpCookieChange *change) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_COOKIE_CHANGE, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, change->old_cookie);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, change->new_cookie);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_initiator_keying (RtmfpBytes payload, RtmfpInitiatorKeying *keying) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpInitiatorKeying result;
  RtmfpStatus status = rtmfp_reader_u32 (&reader, &result.session_id);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu_bytes (&reader, &result.cookie_echo);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu_bytes (&reader, &result.certificate);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu_bytes (&reader, &result.component);
  }
  if (status == RTMFP_OK) {
    result.signed_parameters = rtmfp_bytes (payload.data, (size_t)(reader.at - payload.data));
    result.signature = rtmfp_reader_rest (&reader);
    *keying = result;
  }
  return status;
}

RtmfpStatus
rtmfp_write_initiator_signed_parameters (RtmfpWriter *writer, const RtmfpInitiatorKeying *keying) {
  uint8_t *start = writer->at;
  RtmfpStatus status = rtmfp_writer_u32 (writer, keying->session_id);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, keying->cookie_echo);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, keying->certificate);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, keying->component);
  }
  if (status != RTMFP_OK) {
    writer->at = start;
  }
  return status;
}

RtmfpStatus
rtmfp_write_initiator_keying (RtmfpWriter *writer, const RtmfpInitiatorKeying *keying) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_INITIATOR_KEYING, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_initiator_signed_parameters (writer, keying);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, keying->signature);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_read_responder_keying (RtmfpBytes payload, RtmfpResponderKeying *keying) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpResponderKeying result;
  RtmfpStatus status = rtmfp_reader_u32 (&reader, &result.session_id);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu_bytes (&reader, &result.component);
  }
  if (status == RTMFP_OK) {
    result.signed_parameters = rtmfp_bytes (payload.data, (size_t)(reader.at - payload.data));
    result.signature = rtmfp_reader_rest (&reader);
    *keying = result;
  }
  return status;
}

RtmfpStatus
rtmfp_write_responder_signed_parameters (RtmfpWriter *writer, const RtmfpResponderKeying *keying) {
  uint8_t *start = writer->at;
  RtmfpStatus status = rtmfp_writer_u32 (writer, keying->session_id);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu_bytes (writer, keying->component);
  }
  if (status != RTMFP_OK) {
    writer->at = start;
  }
  return status;
}

RtmfpStatus
rtmfp_write_responder_keying (RtmfpWriter *writer, const RtmfpResponderKeying *keying) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_RESPONDER_KEYING, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_responder_signed_parameters (writer, keying);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, keying->signature);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}
