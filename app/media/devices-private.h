/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: from a device's id to GStreamer's own object. */
#ifndef APP_MEDIA_DEVICES_PRIVATE_H
#define APP_MEDIA_DEVICES_PRIVATE_H

#include "app/media/devices.h"

#include <gst/gst.h>

/* By id or "default". Returns: (owned) or NULL. */
GstDevice *app_devices_ref_device (AppDevices *devices, AppDeviceKind kind, const char *id);

#endif
