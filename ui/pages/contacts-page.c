/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the list of people. */
#include "ui/pages/contacts-page.h"
#include "ui/widgets/contact-row.h"
#include "ui/widgets/notice-bar.h"

#include <glib/gi18n.h>

struct _UiContactsPage {
  AdwBin parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  UiContact *selected; /* NULL: nobody */
  GHashTable *rows;    /* UiContact -> its row; both borrowed: the row holds the contact */

  gboolean folded;
  guint refresh_source; /* an idle, as a change of one row may touch all */

  /* template children */
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkSearchBar *search_bar;
  GtkEditable *search_entry;
  UiNoticeBar *notice;
  GtkStack *stack;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (UiContactsPage, ui_contacts_page, ADW_TYPE_BIN)

enum { SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GtkListBoxRow *
find_row (UiContactsPage *self, UiContact *contact) {
  return g_hash_table_lookup (self->rows, contact);
}

static gboolean
is_searching (UiContactsPage *self) {
  return gtk_search_bar_get_search_mode (self->search_bar) &&
         *gtk_editable_get_text (self->search_entry) != '\0';
}

static gboolean
matches (GtkListBoxRow *row, gpointer data) {
  UiContactsPage *self = data;
  return !is_searching (self) ||
         ui_contact_row_matches (UI_CONTACT_ROW (row), gtk_editable_get_text (self->search_entry));
}

static int
compare (GtkListBoxRow *a, GtkListBoxRow *b, gpointer data G_GNUC_UNUSED) {
  return ui_contact_row_compare (UI_CONTACT_ROW (a), UI_CONTACT_ROW (b));
}

static void
choose_view (UiContactsPage *self) {
  gboolean any = FALSE;
  gboolean any_shown = FALSE;
  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);
    if (row == NULL) {
      break;
    }
    any = TRUE;
    any_shown = any_shown || matches (row, self);
  }
  gtk_stack_set_visible_child_name (self->stack, !any        ? "empty"
                                                 : any_shown ? "list"
                                                             : "none-found");
}

static void
mark_selected (UiContactsPage *self) {
  GtkListBoxRow *row =
      self->selected != NULL && !self->folded ? find_row (self, self->selected) : NULL;
  if (row != NULL) {
    gtk_list_box_select_row (self->list, row);
  } else {
    gtk_list_box_unselect_all (self->list);
  }
}

static gboolean
refresh (gpointer data) {
  UiContactsPage *self = data;
  self->refresh_source = 0;
  gtk_list_box_invalidate_sort (self->list);
  gtk_list_box_invalidate_filter (self->list);
  choose_view (self);
  mark_selected (self);
  return G_SOURCE_REMOVE;
}

static void
refresh_soon (UiContactsPage *self) {
  if (self->refresh_source == 0) {
    self->refresh_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, refresh, self, NULL);
  }
}

static void
add_row (UiContactsPage *self, UiContact *contact) {
  if (find_row (self, contact) == NULL) {
    GtkWidget *row = ui_contact_row_new (contact);
    g_hash_table_insert (self->rows, contact, row);
    g_signal_connect_object (row, "changed", G_CALLBACK (refresh_soon), self, G_CONNECT_SWAPPED);
    gtk_list_box_append (self->list, row);
  }
}

static void
remove_missing_rows (UiContactsPage *self) {
  GListModel *contacts = ui_session_get_contacts (self->session);
  const guint count = g_list_model_get_n_items (contacts);
  g_autoptr (GHashTable) listed = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    g_hash_table_add (listed, contact);
  }
  GHashTableIter iter;
  gpointer contact, row;
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &contact, &row)) {
    if (!g_hash_table_contains (listed, contact)) {
      g_hash_table_iter_remove (&iter);
      gtk_list_box_remove (self->list, row);
    }
  }
}

/* Rows of people who stay are kept, so that focus and selection stay where they are. */
static void
on_contacts_changed (GListModel *contacts, guint position, guint removed, guint added,
                     UiContactsPage *self) {
  for (guint i = position; i < position + added; i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    add_row (self, contact);
  }
  if (removed > 0) {
    remove_missing_rows (self);
  }
  refresh_soon (self);
}

static void
update_session (UiContactsPage *self) {
  const UiSessionState state = ui_session_get_state (self->session);
  const char *address = ui_session_get_address (self->session);
  const char *error = ui_session_get_error (self->session);
  adw_window_title_set_subtitle (self->title, address != NULL ? address : "");
  ui_notice_bar_set_busy (self->notice, state == UI_SESSION_SIGNING_IN);
  if (state == UI_SESSION_SIGNING_IN) {
    ui_notice_bar_show (self->notice, UI_NOTICE_PLAIN, NULL, _ ("Connecting…"), NULL, NULL);
  } else if (state == UI_SESSION_OFFLINE) {
    ui_notice_bar_show (self->notice, UI_NOTICE_WARNING, "network-offline-symbolic",
                        error != NULL ? error : _ ("The server is not reached. Ahoy keeps trying."),
                        _ ("Try Now"), NULL);
  } else if (error != NULL && state == UI_SESSION_SIGNED_IN) {
    ui_notice_bar_show (self->notice, UI_NOTICE_WARNING, "dialog-warning-symbolic", error, NULL,
                        NULL);
  } else {
    ui_notice_bar_hide (self->notice);
  }
}

static void
on_retry (UiContactsPage *self) {
  ui_intents_retry_now (self->intents);
}

static void
on_search_changed (UiContactsPage *self) {
  gtk_list_box_invalidate_filter (self->list);
  choose_view (self);
}

static void
select_contact (UiContactsPage *self, UiContact *contact) {
  g_set_object (&self->selected, contact);
  mark_selected (self);
  g_signal_emit (self, signals[SELECTED], 0, contact);
}

static void
on_search_activated (UiContactsPage *self) {
  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);
    if (row == NULL) {
      return;
    }
    if (matches (row, self)) {
      UiContact *contact = ui_contact_row_get_contact (UI_CONTACT_ROW (row));
      gtk_search_bar_set_search_mode (self->search_bar, FALSE);
      select_contact (self, contact);
      return;
    }
  }
}

static void
on_row_activated (UiContactsPage *self, GtkListBoxRow *row) {
  select_contact (self, ui_contact_row_get_contact (UI_CONTACT_ROW (row)));
}

void
ui_contacts_page_set_selected (UiContactsPage *self, UiContact *contact) {
  g_return_if_fail (UI_IS_CONTACTS_PAGE (self));
  g_set_object (&self->selected, contact);
  mark_selected (self);
}

void
ui_contacts_page_set_folded (UiContactsPage *self, gboolean folded) {
  g_return_if_fail (UI_IS_CONTACTS_PAGE (self));
  self->folded = folded;
  adw_header_bar_set_show_end_title_buttons (self->header, folded);
  gtk_list_box_set_selection_mode (self->list, folded ? GTK_SELECTION_NONE : GTK_SELECTION_SINGLE);
  mark_selected (self);
}

void
ui_contacts_page_start_search (UiContactsPage *self) {
  g_return_if_fail (UI_IS_CONTACTS_PAGE (self));
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
ui_contacts_page_step (UiContactsPage *self, int delta) {
  g_return_if_fail (UI_IS_CONTACTS_PAGE (self));
  GtkListBoxRow *row = self->selected != NULL ? find_row (self, self->selected) : NULL;
  const int index = row != NULL ? gtk_list_box_row_get_index (row) + delta : 0;
  GtkListBoxRow *next = index >= 0 ? gtk_list_box_get_row_at_index (self->list, index) : NULL;
  if (next != NULL) {
    select_contact (self, ui_contact_row_get_contact (UI_CONTACT_ROW (next)));
  }
}

void
ui_contacts_page_set_up (UiContactsPage *self, UiSession *session, UiIntents *intents) {
  g_return_if_fail (UI_IS_CONTACTS_PAGE (self) && self->session == NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  GListModel *contacts = ui_session_get_contacts (session);
  g_signal_connect_object (contacts, "items-changed", G_CALLBACK (on_contacts_changed), self, 0);
  g_signal_connect_object (session, "notify", G_CALLBACK (update_session), self, G_CONNECT_SWAPPED);
  on_contacts_changed (contacts, 0, 0, g_list_model_get_n_items (contacts), self);
  choose_view (self);
  update_session (self);
}

static void
ui_contacts_page_dispose (GObject *object) {
  UiContactsPage *self = UI_CONTACTS_PAGE (object);
  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_clear_object (&self->selected);
  if (self->list != NULL) {
    gtk_list_box_set_filter_func (self->list, NULL, NULL, NULL);
  }
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_contacts_page_parent_class)->dispose (object);
}

static void
ui_contacts_page_finalize (GObject *object) {
  g_hash_table_unref (UI_CONTACTS_PAGE (object)->rows);
  G_OBJECT_CLASS (ui_contacts_page_parent_class)->finalize (object);
}

static void
ui_contacts_page_class_init (UiContactsPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_contacts_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = ui_contacts_page_finalize;
  signals[SELECTED] = g_signal_new ("selected", UI_TYPE_CONTACTS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, UI_TYPE_CONTACT);

  g_type_ensure (UI_TYPE_NOTICE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/pages/contacts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, header);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, title);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, notice);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UiContactsPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
}

static void
ui_contacts_page_init (UiContactsPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_hash_table_new (NULL, NULL);
  gtk_list_box_set_sort_func (self->list, compare, NULL, NULL);
  gtk_list_box_set_filter_func (self->list, matches, self, NULL);
  gtk_search_bar_connect_entry (self->search_bar, self->search_entry);
}
