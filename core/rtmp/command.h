/* SPDX-License-Identifier: Apache-2.0 */
/* Command messages: name, transaction id, command object, arguments. Source: RTMP 1.0 s7.2, RFC
 * 7425 s5.3.3. */
#ifndef RTMFP_RTMP_COMMAND_H
#define RTMFP_RTMP_COMMAND_H

#include "core/amf/amf.h"
#include "core/rtmp/message.h"

/* A command as it came. A zeroed struct is empty. */
typedef struct {
  RtmfpAmfDocument document;   /* (owned) */
  RtmfpBytes name;             /* UTF-8 (borrowed from the message) */
  double transaction;          /* 0 = no answer wanted */
  const RtmfpAmfValue *object; /* command object; NULL when the command ends before it */
  const RtmfpAmfEntry *values; /* arguments behind it */
  size_t value_count;
  RtmfpBytes arguments; /* their bytes */
} RtmfpCommand;

void rtmfp_command_clear (RtmfpCommand *command);

/* Reads a message of type 20 or 17 (borrowed as long as the command is used). What was in command
 * is gone. Returns: OK; those of rtmfp_amf_read(); MALFORMED (no name, no transaction id, or one
 * that is no finite number); UNSUPPORTED (another type, a format byte other than 0). */
RTMFP_MUST_USE RtmfpStatus rtmfp_command_read (RtmfpCommand *command,
                                               const RtmfpRtmpMessage *message);

/* Appends header, name and transaction id of a type 20 message: a command object (or null) and the
 * arguments are to follow. */
void rtmfp_command_begin (RtmfpBuffer *out, const char *name, double transaction);

/* Appends an information object: {level, code, description, members}. members: AMF0 keys and
 * values, may be empty. Source: RTMP 1.0 s7.2.2. */
void rtmfp_command_information (RtmfpBuffer *out, const char *level, const char *code,
                                const char *description, RtmfpBytes members);

#endif
