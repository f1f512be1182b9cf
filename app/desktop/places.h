/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the installed tree's parts are, told from where this program itself stands, so that the
 * tree may be moved. */
#ifndef APP_DESKTOP_PLACES_H
#define APP_DESKTOP_PLACES_H

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  char *locales;         /* (owned) PREFIX/share/locale */
  char *sounds;          /* (owned) PREFIX/share/ahoy/sounds, or NULL: not installed */
  char *server_program;  /* (owned) ahoyd beside this program, or NULL: not installed */
  char *control_program; /* (owned) ahoyctl, likewise */
  char *account;         /* (owned) where the account is kept: ~/.local/share/ahoy */
} AppPlaces;

void app_places_init (AppPlaces *places);
void app_places_clear (AppPlaces *places);

/* The program's settings, also where the prefix is none of XDG_DATA_DIRS. Returns: (owned), or NULL
 * with error: the schema is not installed. */
GSettings *app_places_settings (const char *id, GError **error);

G_END_DECLS

#endif
