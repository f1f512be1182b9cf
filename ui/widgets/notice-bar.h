/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a strip that tells one lasting thing (offline, a changed key) and may offer a button
 * or two. */
#ifndef AHOY_UI_WIDGETS_NOTICE_BAR_H
#define AHOY_UI_WIDGETS_NOTICE_BAR_H

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum {
  UI_NOTICE_PLAIN,
  UI_NOTICE_WARNING,
  UI_NOTICE_CALL,
} UiNoticeLook;

/* Signals: "primary" (), "secondary" (): its buttons were pressed. */
#define UI_TYPE_NOTICE_BAR (ui_notice_bar_get_type ())
G_DECLARE_FINAL_TYPE (UiNoticeBar, ui_notice_bar, UI, NOTICE_BAR, AdwBin)

/* Shows the strip. icon_name, primary, secondary: (copied) or NULL: none. */
void ui_notice_bar_show (UiNoticeBar *self, UiNoticeLook look, const char *icon_name,
                         const char *sentence, const char *primary, const char *secondary);
void ui_notice_bar_set_busy (UiNoticeBar *self, gboolean busy);
void ui_notice_bar_hide (UiNoticeBar *self);

G_END_DECLS

#endif
