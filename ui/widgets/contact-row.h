/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person in the list: who, reachable or not, what was said last and when, what is
 * unread. */
#ifndef AHOY_UI_WIDGETS_CONTACT_ROW_H
#define AHOY_UI_WIDGETS_CONTACT_ROW_H

#include "ui/model/contact.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "changed" (): something by which the list sorts or filters may have changed. */
#define UI_TYPE_CONTACT_ROW (ui_contact_row_get_type ())
G_DECLARE_FINAL_TYPE (UiContactRow, ui_contact_row, UI, CONTACT_ROW, GtkListBoxRow)

GtkWidget *ui_contact_row_new (UiContact *contact);         /* contact: (copied reference) */
UiContact *ui_contact_row_get_contact (UiContactRow *self); /* (borrowed, with self) */

/* Order in the list: requests, people by the newest message, those who were asked, blocked ones. */
int ui_contact_row_compare (UiContactRow *a, UiContactRow *b);

/* needle: (borrowed) what was typed, any case; "" matches all. */
gboolean ui_contact_row_matches (UiContactRow *self, const char *needle);

G_END_DECLS

#endif
