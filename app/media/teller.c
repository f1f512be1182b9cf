/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/teller.h"

struct AppTeller {
  GMainContext *context; /* owned */
  AppNoticeFunc function;
  void *data;
  GQueue notices;  /* of AppNotice, texts owned */
  GSource *source; /* owned; on its way, or NULL */
};

AppTeller *
app_teller_new (GMainContext *context, AppNoticeFunc function, void *data) {
  AppTeller *teller = g_new0 (AppTeller, 1);
  teller->context = g_main_context_ref (context);
  teller->function = function;
  teller->data = data;
  g_queue_init (&teller->notices);
  return teller;
}

static void
free_notice (AppNotice *notice) {
  g_free ((char *)notice->device);
  g_free ((char *)notice->detail);
  g_free (notice);
}

void
app_teller_free (AppTeller *teller) {
  if (teller == NULL) {
    return;
  }
  AppNotice *notice;
  while ((notice = g_queue_pop_head (&teller->notices)) != NULL) {
    free_notice (notice);
  }
  if (teller->source != NULL) {
    g_source_destroy (teller->source);
    g_source_unref (teller->source);
  }
  g_main_context_unref (teller->context);
  g_free (teller);
}

/* One at a time: the listener may free us. */
static gboolean
on_idle (void *data) {
  AppTeller *teller = data;
  AppNotice *notice = g_queue_pop_head (&teller->notices);
  const bool more = teller->notices.length > 0;
  if (!more) {
    g_clear_pointer (&teller->source, g_source_unref);
  }
  teller->function (teller->data, notice);
  free_notice (notice);
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
app_teller_tell (AppTeller *teller, AppNoticeKind kind, const char *device, const char *detail) {
  if (teller->function == NULL) {
    return;
  }
  AppNotice *notice = g_new (AppNotice, 1);
  *notice = (AppNotice){.kind = kind, .device = g_strdup (device), .detail = g_strdup (detail)};
  g_queue_push_tail (&teller->notices, notice);
  if (teller->source == NULL) {
    teller->source = g_idle_source_new ();
    g_source_set_priority (teller->source, G_PRIORITY_DEFAULT);
    g_source_set_callback (teller->source, on_idle, teller, NULL);
    g_source_attach (teller->source, teller->context);
  }
}
