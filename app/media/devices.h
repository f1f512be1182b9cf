/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live list of cameras, microphones and speakers (PipeWire and V4L2 cameras, PulseAudio or
 * pipewire-pulse sound). */
#ifndef APP_MEDIA_DEVICES_H
#define APP_MEDIA_DEVICES_H

#include <glib.h>
#include <stdbool.h>

typedef enum {
  APP_DEVICE_CAMERA,
  APP_DEVICE_MICROPHONE,
  APP_DEVICE_SPEAKER,
} AppDeviceKind;

/* Names of devices. Wherever a device is asked for, three forms are understood besides the ids of
 * this list: NULL = none, "default" = whatever the system prefers, "file:PATH" = a media file,
 * played in a loop in real time. */
#define APP_DEVICE_DEFAULT "default"
#define APP_DEVICE_FILE_PREFIX "file:"

typedef struct {
  AppDeviceKind kind;
  const char *id;   /* stable over restarts and replugging, e.g. "pulse:alsa_input.usb-..." */
  const char *name; /* for a person */
  bool is_default;  /* the system's own choice of its kind */
} AppDevice;

typedef struct AppDevices AppDevices;

/* Called on the list's context. device is borrowed during the call. */
typedef struct {
  void (*added) (void *data, const AppDevice *device);
  void (*removed) (void *data, const AppDevice *device);
  void (*changed) (void *data,
                   const AppDevice *device); /* its name or is_default changed; may be NULL */
  void *data;
} AppDevicesListener;

/* Starts watching. context (NULL = the thread's default one): where listeners run; every call below
 * belongs to its thread. */
AppDevices *app_devices_new (GMainContext *context);
void app_devices_free (AppDevices *devices);

/* Adds a listener and tells it of what is already there (`added`, before this returns). Returns a
 * number to remove it with. */
guint app_devices_listen (AppDevices *devices, const AppDevicesListener *listener);
void app_devices_unlisten (AppDevices *devices, guint listener);

/* Returns: how many of this kind are there now. */
guint app_devices_count (AppDevices *devices, AppDeviceKind kind);
/* By id, or "default". Returns false when there is none. */
bool app_devices_find (AppDevices *devices, AppDeviceKind kind, const char *id, AppDevice *device);

#endif
