/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the cameras, microphones and speakers one can choose from, and which ones are chosen.
 */
#ifndef AHOY_UI_MODEL_DEVICE_H
#define AHOY_UI_MODEL_DEVICE_H

#include "ui/model/frame-slot.h"

G_BEGIN_DECLS

typedef enum {
  UI_DEVICE_CAMERA,
  UI_DEVICE_MICROPHONE,
  UI_DEVICE_SPEAKER,
} UiDeviceKind;
#define UI_DEVICE_KINDS 3

#define UI_TYPE_DEVICE_KIND (ui_device_kind_get_type ())
GType ui_device_kind_get_type (void);

/* Properties, all construct only: "kind", "id" (string: what to remember), "name" (string, for
 * people). */
#define UI_TYPE_DEVICE (ui_device_get_type ())
G_DECLARE_FINAL_TYPE (UiDevice, ui_device, UI, DEVICE, GObject)

UiDevice *ui_device_new (UiDeviceKind kind, const char *id,
                         const char *name); /* Returns: (owned) */
UiDeviceKind ui_device_get_kind (UiDevice *self);
const char *ui_device_get_id (UiDevice *self);   /* (borrowed, with self) */
const char *ui_device_get_name (UiDevice *self); /* (borrowed, with self) */

/* All devices. Properties: "camera", "microphone", "speaker" (string or NULL: the id in use; NULL =
 * the system's default or none there), "level-permille" (uint: microphone, while previewing),
 * "preview-frames" (UiFrameSlot: camera, while previewing). */
#define UI_TYPE_DEVICES (ui_devices_get_type ())
G_DECLARE_FINAL_TYPE (UiDevices, ui_devices, UI, DEVICES, GObject)

UiDevices *ui_devices_new (void); /* Returns: (owned) */

/* Returns: (borrowed, with self) the live list of UiDevice of one kind, in the order to show. */
GListModel *ui_devices_get_list (UiDevices *self, UiDeviceKind kind);

/* Adds (an id that is there is replaced) or removes (by id; unknown: nothing). device: (copied
 * reference). */
void ui_devices_add (UiDevices *self, UiDevice *device);
void ui_devices_remove (UiDevices *self, UiDeviceKind kind, const char *id);

const char *ui_devices_get_chosen (UiDevices *self,
                                   UiDeviceKind kind); /* (borrowed, until set) or NULL */
void ui_devices_set_chosen (UiDevices *self, UiDeviceKind kind, const char *id);

guint ui_devices_get_level_permille (UiDevices *self);
void ui_devices_set_level_permille (UiDevices *self, guint level);
UiFrameSlot *ui_devices_get_preview_frames (UiDevices *self); /* (borrowed, with self) */

G_END_DECLS

#endif
