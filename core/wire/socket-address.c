/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/socket-address.h"

#include <assert.h>

enum { IS_IPV6 = 0x80, ORIGIN = 0x03 };

RtmfpStatus
rtmfp_read_socket_address (RtmfpReader *reader, RtmfpAddress *address) {
  RtmfpReader ahead = *reader;
  uint8_t flags;
  RtmfpBytes ip;
  uint16_t port;
  if (rtmfp_reader_u8 (&ahead, &flags) != RTMFP_OK ||
      rtmfp_reader_take (&ahead, (flags & IS_IPV6) != 0 ? 16 : 4, &ip) != RTMFP_OK ||
      rtmfp_reader_u16 (&ahead, &port) != RTMFP_OK) {
    return RTMFP_TRUNCATED;
  }
  *address = ip.size == 16
                 ? rtmfp_address_ipv6 (ip.data, port)
                 : rtmfp_address_ipv4 (ip.data[0], ip.data[1], ip.data[2], ip.data[3], port);
  address->origin = flags & ORIGIN;
  *reader = ahead;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_write_socket_address (RtmfpWriter *writer, const RtmfpAddress *address) {
  assert (address->family != RTMFP_ADDRESS_NONE);
  bool six = address->family == RTMFP_ADDRESS_IPV6;
  size_t ip_size = six ? 16 : 4;
  if (rtmfp_writer_room (writer) < 1 + ip_size + 2) {
    return RTMFP_TRUNCATED;
  }
  RtmfpStatus status =
      rtmfp_writer_u8 (writer, (uint8_t)((six ? IS_IPV6 : 0) | (address->origin & ORIGIN)));
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, rtmfp_bytes (address->ip, ip_size));
  }
  return status == RTMFP_OK ? rtmfp_writer_u16 (writer, address->port) : status;
}
