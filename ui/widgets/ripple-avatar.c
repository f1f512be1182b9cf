/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a large round mark of a person that ripples while a call rings. */
#include "ui/widgets/ripple-avatar.h"

#define REACH 1.9f        /* the widget's side against the mark's */
#define PERIOD_US 2400000 /* one ring, from the mark's edge until it is gone */
#define RINGS 3
#define STILL_PHASE 0.35f

struct _UiRippleAvatar {
  GtkWidget parent_instance;

  AdwAvatar *avatar; /* owned: the child */
  guint tick;
  gint64 start_us;
  gboolean rippling;
  guint level_permille;
  float shown_level; /* 0..1, follows the level softly */
};

G_DEFINE_FINAL_TYPE (UiRippleAvatar, ui_ripple_avatar, GTK_TYPE_WIDGET)

static gboolean
is_animated (GtkWidget *widget) {
  gboolean enabled = TRUE;
  g_object_get (gtk_widget_get_settings (widget), "gtk-enable-animations", &enabled, NULL);
  return enabled;
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED) {
  UiRippleAvatar *self = UI_RIPPLE_AVATAR (widget);
  const float target = (float)self->level_permille / 1000.0f;
  self->shown_level += (target - self->shown_level) * 0.3f;
  gtk_widget_queue_draw (widget);
  if (!self->rippling && ABS (target - self->shown_level) < 0.01f) {
    self->tick = 0;
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
start_tick (UiRippleAvatar *self) {
  GtkWidget *widget = GTK_WIDGET (self);
  if (self->tick == 0 && gtk_widget_get_mapped (widget) && is_animated (widget)) {
    self->start_us = g_get_monotonic_time ();
    self->tick = gtk_widget_add_tick_callback (widget, on_tick, NULL, NULL);
  }
  gtk_widget_queue_draw (widget);
}

void
ui_ripple_avatar_set_text (UiRippleAvatar *self, const char *text) {
  g_return_if_fail (UI_IS_RIPPLE_AVATAR (self));
  adw_avatar_set_text (self->avatar, text);
}

void
ui_ripple_avatar_set_size (UiRippleAvatar *self, int size_pixels) {
  g_return_if_fail (UI_IS_RIPPLE_AVATAR (self));
  adw_avatar_set_size (self->avatar, size_pixels);
}

void
ui_ripple_avatar_set_rippling (UiRippleAvatar *self, gboolean rippling) {
  g_return_if_fail (UI_IS_RIPPLE_AVATAR (self));
  if (self->rippling != rippling) {
    self->rippling = rippling;
    start_tick (self);
  }
}

void
ui_ripple_avatar_set_level_permille (UiRippleAvatar *self, guint level) {
  g_return_if_fail (UI_IS_RIPPLE_AVATAR (self));
  if (self->level_permille != level) {
    self->level_permille = MIN (level, 1000);
    start_tick (self);
  }
}

static void
ui_ripple_avatar_map (GtkWidget *widget) {
  GTK_WIDGET_CLASS (ui_ripple_avatar_parent_class)->map (widget);
  if (UI_RIPPLE_AVATAR (widget)->rippling) {
    start_tick (UI_RIPPLE_AVATAR (widget));
  }
}

static void
ui_ripple_avatar_unmap (GtkWidget *widget) {
  UiRippleAvatar *self = UI_RIPPLE_AVATAR (widget);
  if (self->tick != 0) {
    gtk_widget_remove_tick_callback (widget, self->tick);
    self->tick = 0;
  }
  GTK_WIDGET_CLASS (ui_ripple_avatar_parent_class)->unmap (widget);
}

static void
ui_ripple_avatar_measure (GtkWidget *widget, GtkOrientation orientation G_GNUC_UNUSED,
                          int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                          int *minimum_baseline, int *natural_baseline) {
  const int side = adw_avatar_get_size (UI_RIPPLE_AVATAR (widget)->avatar);
  *minimum = side;
  *natural = (int)((float)side * REACH);
  *minimum_baseline = *natural_baseline = -1;
}

static void
ui_ripple_avatar_size_allocate (GtkWidget *widget, int width, int height,
                                int baseline G_GNUC_UNUSED) {
  UiRippleAvatar *self = UI_RIPPLE_AVATAR (widget);
  const int side = adw_avatar_get_size (self->avatar);
  gtk_widget_size_allocate (GTK_WIDGET (self->avatar),
                            &(GtkAllocation){(width - side) / 2, (height - side) / 2, side, side},
                            -1);
}

static void
append_disc (GtkSnapshot *snapshot, float center_x, float center_y, float radius,
             const GdkRGBA *color) {
  const graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (center_x - radius, center_y - radius, 2 * radius, 2 * radius);
  GskRoundedRect disc;
  gsk_rounded_rect_init_from_rect (&disc, &bounds, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &disc);
  gtk_snapshot_append_color (snapshot, color, &bounds);
  gtk_snapshot_pop (snapshot);
}

static float
ring_phase (const UiRippleAvatar *self, int ring) {
  const float offset = (float)ring / RINGS;
  if (self->tick == 0) {
    return offset + STILL_PHASE / RINGS;
  }
  const gint64 passed_us = (g_get_monotonic_time () - self->start_us) % PERIOD_US;
  const float phase = (float)passed_us / PERIOD_US + offset;
  return phase >= 1 ? phase - 1 : phase;
}

static void
ui_ripple_avatar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot) {
  UiRippleAvatar *self = UI_RIPPLE_AVATAR (widget);
  const float center_x = (float)gtk_widget_get_width (widget) / 2;
  const float center_y = (float)gtk_widget_get_height (widget) / 2;
  const float radius = (float)adw_avatar_get_size (self->avatar) / 2;
  const float room = radius * (REACH - 1);
  GdkRGBA color;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);

  if (self->rippling) {
    for (int ring = 0; ring < RINGS; ring++) {
      const float phase = ring_phase (self, ring);
      color.alpha = 0.16f * (1 - phase);
      append_disc (snapshot, center_x, center_y, radius + room * phase, &color);
    }
  } else if (self->shown_level > 0.02f) {
    color.alpha = 0.14f;
    append_disc (snapshot, center_x, center_y, radius + room * 0.45f * self->shown_level, &color);
  }
  gtk_widget_snapshot_child (widget, GTK_WIDGET (self->avatar), snapshot);
}

static void
ui_ripple_avatar_dispose (GObject *object) {
  UiRippleAvatar *self = UI_RIPPLE_AVATAR (object);
  g_clear_pointer ((GtkWidget **)&self->avatar, gtk_widget_unparent);
  G_OBJECT_CLASS (ui_ripple_avatar_parent_class)->dispose (object);
}

static void
ui_ripple_avatar_class_init (UiRippleAvatarClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_ripple_avatar_dispose;
  widget_class->map = ui_ripple_avatar_map;
  widget_class->unmap = ui_ripple_avatar_unmap;
  widget_class->measure = ui_ripple_avatar_measure;
  widget_class->size_allocate = ui_ripple_avatar_size_allocate;
  widget_class->snapshot = ui_ripple_avatar_snapshot;
  gtk_widget_class_set_css_name (widget_class, "rippleavatar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
ui_ripple_avatar_init (UiRippleAvatar *self) {
  self->avatar = ADW_AVATAR (adw_avatar_new (128, "", TRUE));
  gtk_widget_set_parent (GTK_WIDGET (self->avatar), GTK_WIDGET (self));
}
