/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for showing how loud a sound is. */
#include "ui/widgets/level-meter.h"

#define BAR_WIDTH_PIXELS 4
#define BAR_GAP_PIXELS 3
#define HEIGHT_PIXELS 16u

struct _UiLevelMeter {
  GtkWidget parent_instance;

  guint level_permille;
  guint bars;
  guint height_pixels;
};

G_DEFINE_FINAL_TYPE (UiLevelMeter, ui_level_meter, GTK_TYPE_WIDGET)

enum { PROP_LEVEL_PERMILLE = 1, PROP_BARS, PROP_BAR_HEIGHT };

void
ui_level_meter_set_level_permille (UiLevelMeter *self, guint level) {
  g_return_if_fail (UI_IS_LEVEL_METER (self));
  level = MIN (level, 1000);
  const guint lit = self->level_permille * self->bars / 1000;
  self->level_permille = level;
  if (lit != level * self->bars / 1000) {
    gtk_widget_queue_draw (GTK_WIDGET (self));
  }
}

static void
ui_level_meter_measure (GtkWidget *widget, GtkOrientation orientation, int for_size G_GNUC_UNUSED,
                        int *minimum, int *natural, int *minimum_baseline, int *natural_baseline) {
  const int bars = (int)UI_LEVEL_METER (widget)->bars;
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                            ? bars * (BAR_WIDTH_PIXELS + BAR_GAP_PIXELS) - BAR_GAP_PIXELS
                            : (int)UI_LEVEL_METER (widget)->height_pixels;
  *minimum_baseline = *natural_baseline = -1;
}

static void
ui_level_meter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot) {
  UiLevelMeter *self = UI_LEVEL_METER (widget);
  GdkRGBA lit;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &lit);
  GdkRGBA unlit = lit;
  unlit.alpha *= 0.25f;
  const guint lit_bars = self->level_permille * self->bars / 1000;
  const gboolean from_right = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  for (guint i = 0; i < self->bars; i++) {
    const guint place = from_right ? self->bars - 1 - i : i;
    const graphene_rect_t bar =
        GRAPHENE_RECT_INIT ((float)(place * (BAR_WIDTH_PIXELS + BAR_GAP_PIXELS)), 0,
                            BAR_WIDTH_PIXELS, (float)gtk_widget_get_height (widget));
    GskRoundedRect rounded;
    gsk_rounded_rect_init_from_rect (&rounded, &bar, BAR_WIDTH_PIXELS / 2.0f);
    gtk_snapshot_push_rounded_clip (snapshot, &rounded);
    gtk_snapshot_append_color (snapshot, i < lit_bars ? &lit : &unlit, &bar);
    gtk_snapshot_pop (snapshot);
  }
}

static void
ui_level_meter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiLevelMeter *self = UI_LEVEL_METER (object);
  switch (id) {
  case PROP_LEVEL_PERMILLE:
    g_value_set_uint (value, self->level_permille);
    break;
  case PROP_BARS:
    g_value_set_uint (value, self->bars);
    break;
  case PROP_BAR_HEIGHT:
    g_value_set_uint (value, self->height_pixels);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_level_meter_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec) {
  UiLevelMeter *self = UI_LEVEL_METER (object);
  switch (id) {
  case PROP_LEVEL_PERMILLE:
    ui_level_meter_set_level_permille (self, g_value_get_uint (value));
    break;
  case PROP_BARS:
    self->bars = g_value_get_uint (value);
    gtk_widget_queue_resize (GTK_WIDGET (self));
    break;
  case PROP_BAR_HEIGHT:
    self->height_pixels = g_value_get_uint (value);
    gtk_widget_queue_resize (GTK_WIDGET (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_level_meter_class_init (UiLevelMeterClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->get_property = ui_level_meter_get_property;
  object_class->set_property = ui_level_meter_set_property;
  widget_class->measure = ui_level_meter_measure;
  widget_class->snapshot = ui_level_meter_snapshot;
  gtk_widget_class_set_css_name (widget_class, "levelmeter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);

  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  g_object_class_install_property (
      object_class, PROP_LEVEL_PERMILLE,
      g_param_spec_uint ("level-permille", NULL, NULL, 0, 1000, 0, flags));
  g_object_class_install_property (object_class, PROP_BARS,
                                   g_param_spec_uint ("bars", NULL, NULL, 1, 32, 5, flags));
  g_object_class_install_property (
      object_class, PROP_BAR_HEIGHT,
      g_param_spec_uint ("bar-height", NULL, NULL, 1, 64, HEIGHT_PIXELS, flags));
}

static void
ui_level_meter_init (UiLevelMeter *self) {
  self->bars = 5;
  self->height_pixels = HEIGHT_PIXELS;
}
