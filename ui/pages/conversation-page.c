/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person's page: what was said, writing, calling, and what stands between. */
#include "ui/pages/conversation-page.h"
#include "ui/widgets/composer.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message-row.h"
#include "ui/widgets/notice-bar.h"
#include "ui/widgets/presence-avatar.h"

#include <glib/gi18n.h>

#define SHOWN_AT_ONCE 200u
#define CLOSE_US (G_GINT64_CONSTANT (180) * G_USEC_PER_SEC) /* lines this near stand together */
#define BOTTOM_PIXELS 40.0                                  /* as good as at the end */

struct _UiConversationPage {
  AdwBin parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  UiContact *contact;        /* NULL: nobody */
  GtkSliceListModel *window; /* the newest messages of the contact */

  gboolean at_end; /* new lines keep the view at the end */
  double seen_upper, seen_page;
  guint tidy_source; /* an idle */
  guint end_source;  /* an idle */

  /* template children */
  GtkStack *stack;
  AdwHeaderBar *header;
  AdwHeaderBar *empty_header;
  GtkWidget *details_button;
  UiPresenceAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *status_label;
  GtkWidget *back_button;
  GtkWidget *menu_button;
  GtkWidget *video_button;
  GtkWidget *audio_button;
  UiNoticeBar *notice;
  GtkScrolledWindow *scroller;
  GtkWidget *earlier_button;
  GtkListBox *list;
  GtkWidget *quiet_box;
  UiPresenceAvatar *large_avatar;
  GtkLabel *large_name_label;
  GtkLabel *quiet_label;
  GtkRevealer *down_revealer;
  GtkWidget *composer_clamp;
  UiComposer *composer;
};

G_DEFINE_FINAL_TYPE (UiConversationPage, ui_conversation_page, ADW_TYPE_BIN)

enum { BACK, DETAILS, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
update_status (UiConversationPage *self) {
  const char *status = ui_contact_get_address (self->contact);
  if (ui_contact_get_typing (self->contact)) {
    status = _ ("Typing…");
  } else if (ui_contact_get_relation (self->contact) == UI_RELATION_BOTH &&
             *ui_presence_describe (ui_contact_get_presence (self->contact)) != '\0') {
    status = ui_presence_describe (ui_contact_get_presence (self->contact));
  }
  gtk_label_set_text (self->name_label, ui_contact_get_name (self->contact));
  gtk_label_set_text (self->large_name_label, ui_contact_get_name (self->contact));
  gtk_label_set_text (self->status_label, status);
  ui_composer_set_recipient (self->composer, ui_contact_get_name (self->contact));
  g_autofree char *spoken =
      g_strdup_printf (_ ("About %s, %s"), ui_contact_get_name (self->contact), status);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->details_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
update_notice (UiConversationPage *self) {
  const char *name = ui_contact_get_name (self->contact);
  g_autofree char *sentence = NULL;
  if (ui_contact_get_key_changed (self->contact)) {
    sentence = g_strdup_printf (
        _ ("%s shows another key than before. It may be a new computer, or somebody else. "
           "Compare the safety numbers before you talk."),
        name);
    ui_notice_bar_show (self->notice, UI_NOTICE_WARNING, "dialog-warning-symbolic", sentence,
                        _ ("Compare…"), NULL);
    return;
  }
  switch (ui_contact_get_relation (self->contact)) {
  case UI_RELATION_REQUESTED:
    sentence = g_strdup_printf (_ ("%s would like to talk with you."), name);
    ui_notice_bar_show (self->notice, UI_NOTICE_PLAIN, NULL, sentence, _ ("Accept"), _ ("Decline"));
    break;
  case UI_RELATION_ASKED:
    sentence = g_strdup_printf (_ ("%s has not answered your request yet."), name);
    ui_notice_bar_show (self->notice, UI_NOTICE_PLAIN, "ahoy-waiting-symbolic", sentence, NULL,
                        NULL);
    break;
  case UI_RELATION_BLOCKED:
    sentence = g_strdup_printf (_ ("You blocked %s. They can neither call nor write."), name);
    ui_notice_bar_show (self->notice, UI_NOTICE_PLAIN, "action-unavailable-symbolic", sentence,
                        _ ("Unblock"), NULL);
    break;
  default:
    ui_notice_bar_hide (self->notice);
  }
}

static void
update_controls (UiConversationPage *self) {
  UiCall *call = ui_session_get_call (self->session);
  const gboolean free = call == NULL || ui_call_get_state (call) == UI_CALL_ENDED;
  const gboolean online = ui_session_get_state (self->session) == UI_SESSION_SIGNED_IN;
  const gboolean may_talk = ui_contact_may_talk (self->contact);
  gtk_widget_set_sensitive (self->audio_button, may_talk && free && online);
  gtk_widget_set_sensitive (self->video_button, may_talk && free && online);
  gtk_widget_set_visible (self->composer_clamp, may_talk);
}

static void
update_contact (UiConversationPage *self) {
  if (self->contact != NULL) {
    update_status (self);
    update_notice (self);
    update_controls (self);
  }
}

/* What stands at the end of a window that has the focus counts as read. */
static gboolean
is_looked_at (UiConversationPage *self) {
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  return self->at_end && gtk_widget_get_mapped (GTK_WIDGET (self)) && GTK_IS_WINDOW (root) &&
         gtk_window_is_active (GTK_WINDOW (root));
}

static void
mark_read (UiConversationPage *self) {
  if (self->contact != NULL && is_looked_at (self) &&
      ui_conversation_get_unread (ui_contact_get_conversation (self->contact)) > 0) {
    ui_intents_mark_read (self->intents, self->contact);
  }
}

static void
on_call (UiConversationPage *self) {
  UiCall *call = ui_session_get_call (self->session);
  if (call != NULL) {
    g_signal_connect_object (call, "notify::state", G_CALLBACK (update_contact), self,
                             G_CONNECT_SWAPPED);
  }
}

/* The line before, in the list. Returns: (borrowed) NULL at the top. */
static UiMessageRow *
row_before (GtkListBoxRow *row) {
  GtkWidget *before = gtk_widget_get_prev_sibling (GTK_WIDGET (row));
  while (before != NULL && !UI_IS_MESSAGE_ROW (before)) {
    before = gtk_widget_get_prev_sibling (before);
  }
  return before != NULL ? UI_MESSAGE_ROW (before) : NULL;
}

static gboolean
belong_together (UiMessage *first, UiMessage *second) {
  return ui_message_get_kind (first) == UI_MESSAGE_TEXT &&
         ui_message_get_kind (second) == UI_MESSAGE_TEXT &&
         ui_message_get_outgoing (first) == ui_message_get_outgoing (second) &&
         ui_message_get_time_us (second) - ui_message_get_time_us (first) < CLOSE_US &&
         ui_format_is_same_day (ui_message_get_time_us (first), ui_message_get_time_us (second));
}

/* Lines of one person stand together, with time and fate under the last of them. */
static gboolean
tidy (gpointer data) {
  UiConversationPage *self = data;
  self->tidy_source = 0;
  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);
    if (row == NULL) {
      break;
    }
    UiMessageRow *before = row_before (row);
    UiMessage *message = ui_message_row_get_message (UI_MESSAGE_ROW (row));
    const gboolean follows =
        before != NULL && belong_together (ui_message_row_get_message (before), message);
    ui_message_row_set_follows (UI_MESSAGE_ROW (row), follows);
    ui_message_row_set_footer (UI_MESSAGE_ROW (row), TRUE);
    if (follows) {
      UiMessage *last = ui_message_row_get_message (before);
      ui_message_row_set_footer (before,
                                 ui_message_get_state (last) != ui_message_get_state (message));
    }
  }
  gtk_list_box_invalidate_headers (self->list);
  return G_SOURCE_REMOVE;
}

static void
tidy_soon (UiConversationPage *self) {
  if (self->tidy_source == 0) {
    self->tidy_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, tidy, self, NULL);
  }
}

static void
on_resend (UiMessageRow *row, UiConversationPage *self) {
  ui_intents_resend_message (self->intents, self->contact, ui_message_row_get_message (row));
}

static void
on_call_back (UiMessageRow *row, UiConversationPage *self) {
  ui_conversation_page_call (self, ui_message_get_with_video (ui_message_row_get_message (row)));
}

static GtkWidget *
make_row (gpointer item, gpointer data) {
  UiConversationPage *self = data;
  GtkWidget *row = ui_message_row_new (item, ui_contact_get_name (self->contact));
  g_signal_connect_object (row, "resend", G_CALLBACK (on_resend), self, 0);
  g_signal_connect_object (row, "call-back", G_CALLBACK (on_call_back), self, 0);
  g_signal_connect_object (item, "notify::state", G_CALLBACK (tidy_soon), self, G_CONNECT_SWAPPED);
  return row;
}

static void
make_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data G_GNUC_UNUSED) {
  const gint64 time_us = ui_message_get_time_us (ui_message_row_get_message (UI_MESSAGE_ROW (row)));
  if (before != NULL) {
    UiMessage *message = ui_message_row_get_message (UI_MESSAGE_ROW (before));
    if (ui_format_is_same_day (ui_message_get_time_us (message), time_us)) {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  }
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = ui_format_day (time_us, now);
  GtkWidget *label = gtk_label_new (day);
  gtk_widget_add_css_class (label, "day-header");
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_list_box_row_set_header (row, label);
}

static void
on_messages_changed (UiConversationPage *self) {
  const guint all =
      g_list_model_get_n_items (G_LIST_MODEL (ui_contact_get_conversation (self->contact)));
  const guint size = gtk_slice_list_model_get_size (self->window);
  gtk_slice_list_model_set_offset (self->window, all > size ? all - size : 0);
  gtk_widget_set_visible (self->earlier_button, all > size);
  gtk_widget_set_visible (self->quiet_box, all == 0);
  tidy_soon (self);
  mark_read (self);
}

static void
on_earlier (UiConversationPage *self) {
  gtk_slice_list_model_set_size (self->window,
                                 gtk_slice_list_model_get_size (self->window) + SHOWN_AT_ONCE);
  on_messages_changed (self);
}

static void
scroll_to_end (UiConversationPage *self) {
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

/* Not within the adjustment's own signal: the viewport is being allocated then, and would miss it.
 */
static gboolean
scroll_to_end_now (gpointer data) {
  UiConversationPage *self = data;
  self->end_source = 0;
  scroll_to_end (self);
  return G_SOURCE_REMOVE;
}

/* Only a person's scrolling leaves the end; a list that grows or a window that changes its size
 * does not, whichever signal of the adjustment comes first. */
static void
on_scrolled (UiConversationPage *self) {
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  const double upper = gtk_adjustment_get_upper (adjustment);
  const double page = gtk_adjustment_get_page_size (adjustment);
  if (upper == self->seen_upper && page == self->seen_page) {
    self->at_end = upper - page - gtk_adjustment_get_value (adjustment) < BOTTOM_PIXELS;
  }
  gtk_widget_set_visible (GTK_WIDGET (self->down_revealer), !self->at_end);
  gtk_revealer_set_reveal_child (self->down_revealer, !self->at_end);
  mark_read (self);
}

static void
on_resized (UiConversationPage *self) {
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  self->seen_upper = gtk_adjustment_get_upper (adjustment);
  self->seen_page = gtk_adjustment_get_page_size (adjustment);
  if (!self->at_end) {
    on_scrolled (self);
  } else if (self->end_source == 0) {
    self->end_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, scroll_to_end_now, self, NULL);
  }
}

static void
on_down (UiConversationPage *self) {
  scroll_to_end (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->composer));
}

static void
on_send (UiConversationPage *self, const char *text) {
  self->at_end = TRUE;
  ui_intents_send_message (self->intents, self->contact, text);
}

static void
on_draft (UiConversationPage *self) {
  if (self->contact != NULL) {
    g_autofree char *text = ui_composer_dup_text (self->composer);
    UiConversation *conversation = ui_contact_get_conversation (self->contact);
    /* A draft that is shown again was not written now. */
    if (*text != '\0' && g_strcmp0 (text, ui_conversation_get_draft (conversation)) != 0) {
      ui_intents_type_message (self->intents, self->contact);
    }
    ui_conversation_set_draft (conversation, text);
  }
}

static void
on_notice_primary (UiConversationPage *self) {
  if (ui_contact_get_key_changed (self->contact)) {
    g_signal_emit (self, signals[DETAILS], 0);
    return;
  }
  if (ui_contact_get_relation (self->contact) == UI_RELATION_REQUESTED) {
    ui_intents_accept_contact (self->intents, self->contact);
  } else {
    ui_intents_set_blocked (self->intents, self->contact, FALSE);
  }
}

static void
on_notice_secondary (UiConversationPage *self) {
  ui_intents_decline_contact (self->intents, self->contact);
}

void
ui_conversation_page_call (UiConversationPage *self, gboolean with_video) {
  g_return_if_fail (UI_IS_CONVERSATION_PAGE (self));
  if (self->contact != NULL && gtk_widget_get_sensitive (self->audio_button)) {
    ui_intents_start_call (self->intents, self->contact, with_video);
  }
}

static void
on_audio (UiConversationPage *self) {
  ui_conversation_page_call (self, FALSE);
}

static void
on_video (UiConversationPage *self) {
  ui_conversation_page_call (self, TRUE);
}

static void
on_back (UiConversationPage *self) {
  g_signal_emit (self, signals[BACK], 0);
}

static void
on_details (UiConversationPage *self) {
  g_signal_emit (self, signals[DETAILS], 0);
}

static void
leave_contact (UiConversationPage *self) {
  gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->window);
  if (self->contact != NULL) {
    g_signal_handlers_disconnect_by_data (self->contact, self);
    g_signal_handlers_disconnect_by_data (ui_contact_get_conversation (self->contact), self);
    g_clear_object (&self->contact);
  }
}

static void
enter_contact (UiConversationPage *self, UiContact *contact) {
  UiConversation *conversation = ui_contact_get_conversation (contact);
  self->contact = g_object_ref (contact);
  self->at_end = TRUE;
  ui_presence_avatar_set_contact (self->avatar, contact);
  ui_presence_avatar_set_contact (self->large_avatar, contact);
  ui_composer_set_text (self->composer, ui_conversation_get_draft (conversation));
  gtk_label_set_text (self->quiet_label,
                      ui_contact_get_relation (contact) == UI_RELATION_BOTH
                          ? _ ("Nothing was said yet. Messages are sealed so that only the two of "
                               "you can read them.")
                          : ui_contact_get_address (contact));
  self->window =
      gtk_slice_list_model_new (g_object_ref (G_LIST_MODEL (conversation)), 0, SHOWN_AT_ONCE);
  g_signal_connect_object (contact, "notify", G_CALLBACK (update_contact), self, G_CONNECT_SWAPPED);
  on_messages_changed (self);
  g_signal_connect_object (conversation, "items-changed", G_CALLBACK (on_messages_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->window), make_row, self, NULL);
  update_contact (self);
  scroll_to_end (self);
}

void
ui_conversation_page_set_contact (UiConversationPage *self, UiContact *contact) {
  g_return_if_fail (UI_IS_CONVERSATION_PAGE (self));
  if (self->contact != contact) {
    leave_contact (self);
    if (contact != NULL) {
      enter_contact (self, contact);
    }
  }
  gtk_stack_set_visible_child_name (self->stack, contact != NULL ? "talk" : "nobody");
  mark_read (self);
}

UiContact *
ui_conversation_page_get_contact (UiConversationPage *self) {
  g_return_val_if_fail (UI_IS_CONVERSATION_PAGE (self), NULL);
  return self->contact;
}

void
ui_conversation_page_set_folded (UiConversationPage *self, gboolean folded) {
  g_return_if_fail (UI_IS_CONVERSATION_PAGE (self));
  gtk_widget_set_visible (self->back_button, folded);
  gtk_widget_set_visible (GTK_WIDGET (self->avatar), !folded);
  gtk_widget_set_visible (self->menu_button, !folded); /* the page behind the name has it all */
  adw_header_bar_set_show_start_title_buttons (self->header, folded);
  adw_header_bar_set_show_start_title_buttons (self->empty_header, folded);
}

void
ui_conversation_page_focus_composer (UiConversationPage *self) {
  g_return_if_fail (UI_IS_CONVERSATION_PAGE (self));
  if (self->contact != NULL && gtk_widget_get_visible (self->composer_clamp)) {
    gtk_widget_grab_focus (GTK_WIDGET (self->composer));
  }
}

void
ui_conversation_page_set_up (UiConversationPage *self, UiSession *session, UiIntents *intents) {
  g_return_if_fail (UI_IS_CONVERSATION_PAGE (self) && self->session == NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  g_signal_connect_object (session, "notify", G_CALLBACK (update_contact), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::call", G_CALLBACK (on_call), self, G_CONNECT_SWAPPED);
}

static void
ui_conversation_page_dispose (GObject *object) {
  UiConversationPage *self = UI_CONVERSATION_PAGE (object);
  g_clear_handle_id (&self->tidy_source, g_source_remove);
  g_clear_handle_id (&self->end_source, g_source_remove);
  if (self->list != NULL) {
    leave_contact (self);
  }
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_conversation_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, header);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, empty_header);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, details_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, video_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, audio_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, notice);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, earlier_button);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, list);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, quiet_box);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, large_avatar);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, large_name_label);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, quiet_label);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, down_revealer);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, composer_clamp);
  gtk_widget_class_bind_template_child (widget_class, UiConversationPage, composer);
}

static void
ui_conversation_page_class_init (UiConversationPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_conversation_page_dispose;
  signals[BACK] = g_signal_new ("back", UI_TYPE_CONVERSATION_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  signals[DETAILS] = g_signal_new ("details", UI_TYPE_CONVERSATION_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (UI_TYPE_COMPOSER);
  g_type_ensure (UI_TYPE_NOTICE_BAR);
  g_type_ensure (UI_TYPE_PRESENCE_AVATAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/pages/conversation-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_details);
  gtk_widget_class_bind_template_callback (widget_class, on_audio);
  gtk_widget_class_bind_template_callback (widget_class, on_video);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_primary);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_secondary);
  gtk_widget_class_bind_template_callback (widget_class, on_earlier);
  gtk_widget_class_bind_template_callback (widget_class, on_down);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_draft);
}

static void
on_realize (UiConversationPage *self) {
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (GTK_IS_WINDOW (root)) {
    g_signal_connect_object (root, "notify::is-active", G_CALLBACK (mark_read), self,
                             G_CONNECT_SWAPPED);
  }
}

static void
ui_conversation_page_init (UiConversationPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, make_header, NULL, NULL);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_resized), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "realize", G_CALLBACK (on_realize), NULL);
}
