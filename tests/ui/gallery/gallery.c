/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for showing every page with made-up people: to look at, to take pictures of, to test.
 *
 *   gallery [SCENE]   opens one scene and lets it live (default: conversation)
 *   gallery --list    names the scenes
 *   gallery --drive   reads commands from standard input, answers each with one line:
 *                     "open SCENE", "dark", "light", "shot FILE.png", "quit" */
#include "tests/ui/gallery/scenes.h"
#include "ui/shell/init.h"

#include <stdio.h>
#include <string.h>

#define SETTLE_MS 450u /* until transitions are over */

typedef struct {
  AdwApplication *application;
  Stage stage;
  const Scene *scene;
  GIOChannel *input;
  const char *first;
} Gallery;

static void
clear_stage (Gallery *gallery) {
  Stage *stage = &gallery->stage;
  if (stage->shell == NULL) {
    return;
  }
  UiCall *call = ui_session_get_call (stage->session);
  if (call != NULL) {
    ui_call_end (call, NULL);
  }
  g_clear_object (&stage->shell);
  GList *windows =
      g_list_copy (gtk_application_get_windows (GTK_APPLICATION (gallery->application)));
  for (GList *link = windows; link != NULL; link = link->next) {
    gtk_window_destroy (link->data);
  }
  g_list_free (windows);
  GListModel *all = gtk_window_get_toplevels ();
  while (g_list_model_get_n_items (all) > 0) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (all, 0);
    gtk_window_destroy (window);
  }
  g_clear_object (&stage->settings);
  g_clear_object (&stage->intents);
  g_clear_object (&stage->session);
}

/* Returns: (borrowed) the window that the scene is about: the one opened last. */
static GtkWindow *
subject (void) {
  GListModel *all = gtk_window_get_toplevels ();
  GtkWindow *found = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (all, i);
    if (gtk_widget_get_visible (GTK_WIDGET (window))) {
      found = window;
    }
  }
  return found;
}

static const Scene *
find_scene (const char *name) {
  for (gsize i = 0; i < scenes_count; i++) {
    if (g_str_equal (scenes[i].name, name)) {
      return &scenes[i];
    }
  }
  return NULL;
}

static gboolean
open_scene (Gallery *gallery, const char *name) {
  const Scene *scene = find_scene (name);
  if (scene == NULL) {
    return FALSE;
  }
  clear_stage (gallery);
  Stage *stage = &gallery->stage;
  stage->application = gallery->application;
  stage->session = ui_session_new ();
  stage->intents = UI_INTENTS (made_up_new (G_APPLICATION (gallery->application), stage->session));
  stage->settings = g_settings_new (UI_APPLICATION_ID);
  g_settings_set_int (stage->settings, "window-width", scene->width > 0 ? scene->width : 960);
  g_settings_set_int (stage->settings, "window-height", scene->height > 0 ? scene->height : 640);
  stage->shell =
      ui_shell_new (gallery->application, stage->session, stage->intents, stage->settings, "0.1.0");
  scene->set_up (stage);
  gallery->scene = scene;
  GtkWindow *window = subject ();
  if (window != NULL && scene->width > 0) {
    gtk_window_set_default_size (window, scene->width, scene->height);
  }
  return TRUE;
}

static gboolean
shoot (const char *path) {
  GtkWindow *window = subject ();
  if (window == NULL) {
    return FALSE;
  }
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  const int width = gdk_paintable_get_intrinsic_width (paintable);
  const int height = gdk_paintable_get_intrinsic_height (paintable);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL) {
    return FALSE;
  }
  g_autoptr (GdkTexture) texture =
      gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  return gdk_texture_save_to_png (texture, path);
}

static void
answer (const char *word) {
  printf ("%s\n", word);
  fflush (stdout);
}

static gboolean
answer_ready (gpointer data G_GNUC_UNUSED) {
  answer ("ready");
  return G_SOURCE_REMOVE;
}

static void
set_scheme (AdwColorScheme scheme) {
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

static gboolean
on_command (GIOChannel *channel, GIOCondition condition G_GNUC_UNUSED, gpointer data) {
  Gallery *gallery = data;
  g_autofree char *line = NULL;
  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
    g_application_quit (G_APPLICATION (gallery->application));
    return G_SOURCE_REMOVE;
  }
  g_strstrip (line);
  if (g_str_has_prefix (line, "open ") && open_scene (gallery, line + 5)) {
    g_timeout_add (SETTLE_MS, answer_ready, NULL);
  } else if (g_str_has_prefix (line, "shot ")) {
    answer (shoot (line + 5) ? "ready" : "failed");
  } else if (g_str_equal (line, "dark") || g_str_equal (line, "light")) {
    set_scheme (g_str_equal (line, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                           : ADW_COLOR_SCHEME_FORCE_LIGHT);
    answer ("ready");
  } else if (g_str_equal (line, "quit")) {
    clear_stage (gallery);
    answer ("ready");
    g_application_quit (G_APPLICATION (gallery->application));
    return G_SOURCE_REMOVE;
  } else {
    answer ("failed");
  }
  return G_SOURCE_CONTINUE;
}

static void
on_startup (GApplication *application, gpointer data) {
  Gallery *gallery = data;
  ui_init_display ();
  /* The font that the desktop has; a bare display knows only its own fallback. */
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11", NULL);
  if (gallery->first == NULL) {
    g_application_hold (application);
    gallery->input = g_io_channel_unix_new (0);
    g_io_add_watch (gallery->input, G_IO_IN | G_IO_HUP, on_command, gallery);
  }
}

static void
on_activate (GApplication *application G_GNUC_UNUSED, gpointer data) {
  Gallery *gallery = data;
  if (gallery->first != NULL && !open_scene (gallery, gallery->first)) {
    g_printerr ("There is no scene %s\n", gallery->first);
    g_application_quit (application);
  }
}

int
main (int argc, char *argv[]) {
  const char *wish = argc > 1 ? argv[1] : "conversation";
  if (g_str_equal (wish, "--list")) {
    for (gsize i = 0; i < scenes_count; i++) {
      puts (scenes[i].name);
    }
    return 0;
  }
  ui_init (GALLERY_LOCALE_DIR);
  Gallery gallery = {.first = g_str_equal (wish, "--drive") ? NULL : wish};
  gallery.application =
      g_object_new (ADW_TYPE_APPLICATION, "application-id", "org.ahoycall.Gallery", "flags",
                    G_APPLICATION_NON_UNIQUE, "resource-base-path", UI_RESOURCE_PATH, NULL);
  g_signal_connect (gallery.application, "startup", G_CALLBACK (on_startup), &gallery);
  g_signal_connect (gallery.application, "activate", G_CALLBACK (on_activate), &gallery);
  const int status = g_application_run (G_APPLICATION (gallery.application), 1, argv);
  clear_stage (&gallery);
  g_clear_pointer (&gallery.input, g_io_channel_unref);
  g_object_unref (gallery.application);
  return status;
}
