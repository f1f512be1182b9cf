/* SPDX-License-Identifier: Apache-2.0 */
/* Public-key work that leaves the engine as a job and comes back done, RFC 7016 s3.5.1.1. */
#ifndef RTMFP_SESSION_JOB_H
#define RTMFP_SESSION_JOB_H

#include "core/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RtmfpJob RtmfpJob;

/* Does the work, on any thread. It touches nothing but the job itself. */
RTMFP_API void rtmfp_job_run (RtmfpJob *job);

/* Frees a job that will not be completed. NULL is fine. */
RTMFP_API void rtmfp_job_free (RtmfpJob *job);

#ifdef __cplusplus
}
#endif

#endif
