/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks that a flow's sender sends: User Data, Next User Data and Buffer Probe, RFC 7016
 * s2.3.11, s2.3.12 and s2.3.15. Readers take a chunk's payload and borrow from it; writers write
 * the whole chunk or nothing. */
#ifndef RTMFP_WIRE_DATA_CHUNK_H
#define RTMFP_WIRE_DATA_CHUNK_H

#include "core/base/bytes.h"

/* fragmentControl, s2.3.11. */
typedef enum {
  RTMFP_FRAGMENT_WHOLE = 0,
  RTMFP_FRAGMENT_BEGIN = 1,
  RTMFP_FRAGMENT_END = 2,
  RTMFP_FRAGMENT_MIDDLE = 3,
} RtmfpFragment;

/* The options of a flow, s2.3.11.1. */
typedef struct {
  bool has_metadata; /* may be present and empty */
  bool has_association;
  bool must_reject; /* read only: an unknown option below 8192, a second or broken association, or a
                       second metadata: the receiver rejects the flow with exception 0 */
  RtmfpBytes metadata;  /* (borrowed) */
  uint64_t association; /* the id of the flow to which this one is a response */
} RtmfpFlowOptions;

typedef struct {
  RtmfpFragment fragment;
  bool abandon; /* this number was given up; data is to be ignored (a reader gives it empty) */
  bool final;   /* the last sequence number of the flow */
  bool has_options;
  uint64_t flow_id;
  uint64_t sequence_number;         /* from 1 */
  uint64_t forward_sequence_number; /* < sequence_number; may be equal when abandon */
  RtmfpFlowOptions options;         /* when has_options */
  RtmfpBytes data;                  /* (borrowed) */
} RtmfpUserData;

/* Returns: OK; TRUNCATED; MALFORMED (sequence number 0, fsnOffset beyond it, fsnOffset 0 without
 * abandon, a broken option list). */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_user_data (RtmfpBytes payload, RtmfpUserData *data);

/* Reads a Next User Data. previous in: the User Data or Next User Data chunk before it in the same
 * packet; NULL when there was none or it could not be read. data may be the same object as
 * previous. Returns: OK; TRUNCATED; MALFORMED (also when previous is NULL). */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_next_user_data (RtmfpBytes payload,
                                                      const RtmfpUserData *previous,
                                                      RtmfpUserData *data);

/* Whether data may be written as Next User Data behind previous in the same packet: same flow and
 * forward sequence number, next sequence number. */
bool rtmfp_user_data_is_next (const RtmfpUserData *data, const RtmfpUserData *previous);

/* Bytes of the whole chunk, header included, without data.data; as_next: as Next User Data. So the
 * room for data in a packet is what is left minus this. */
size_t rtmfp_user_data_overhead (const RtmfpUserData *data, bool as_next);

/* Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_user_data (RtmfpWriter *writer, const RtmfpUserData *data);
/* The caller has asked rtmfp_user_data_is_next. */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_next_user_data (RtmfpWriter *writer,
                                                       const RtmfpUserData *data);

/* Buffer Probe, s2.3.15. Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_buffer_probe (RtmfpBytes payload, uint64_t *flow_id);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_buffer_probe (RtmfpWriter *writer, uint64_t flow_id);

#endif
