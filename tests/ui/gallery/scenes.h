/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the list of all pages worth looking at, each set up with made-up people. */
#ifndef AHOY_TESTS_UI_GALLERY_SCENES_H
#define AHOY_TESTS_UI_GALLERY_SCENES_H

#include "tests/ui/gallery/made-up.h"
#include "ui/shell/shell.h"

G_BEGIN_DECLS

/* What a scene is set up in. */
typedef struct {
  AdwApplication *application; /* borrowed */
  UiSession *session;          /* owned, signed out */
  UiIntents *intents;          /* owned */
  GSettings *settings;         /* owned */
  UiShell *shell;              /* owned */
} Stage;

typedef struct {
  const char *name;
  int width, height; /* of the window that is looked at, 0: as it likes */
  void (*set_up) (Stage *stage);
} Scene;

extern const Scene scenes[];
extern const gsize scenes_count;

G_END_DECLS

#endif
