/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that never fails: when memory is out the process ends with a message. */
#ifndef RTMFP_BASE_MEMORY_H
#define RTMFP_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory for count elements of size bytes (owned by the caller, free with free()). */
void *rtmfp_memory_new (size_t count, size_t size);

/* As realloc for count elements of size bytes; new bytes are not zeroed. */
void *rtmfp_memory_resize (void *memory, size_t count, size_t size);

/* A copy of size bytes (owned by the caller); NULL when size is 0. */
void *rtmfp_memory_copy (const void *bytes, size_t size);

#define RTMFP_NEW(type) ((type *)rtmfp_memory_new (1, sizeof (type)))

#endif
