/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the list of all pages worth looking at. */
#include "tests/ui/gallery/scenes.h"
#include "ui/pages/welcome-page.h"
#include "ui/shell/main-window.h"

/* Returns: (borrowed) the first widget of a type below another, depth first. */
static GtkWidget *
find (GtkWidget *widget, GType type) {
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type)) {
    return widget;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find (child, type);
    if (found != NULL) {
      return found;
    }
  }
  return NULL;
}

static UiMainWindow *
main_window (Stage *stage) {
  ui_shell_present (stage->shell);
  return UI_MAIN_WINDOW (ui_shell_get_main_window (stage->shell));
}

static void
show_welcome (Stage *stage, const char *page) {
  GtkWidget *welcome = find (GTK_WIDGET (main_window (stage)), UI_TYPE_WELCOME_PAGE);
  ui_welcome_page_show (UI_WELCOME_PAGE (welcome), page);
}

static void
welcome (Stage *stage) {
  show_welcome (stage, "start");
}

static void
welcome_create (Stage *stage) {
  show_welcome (stage, "create");
}

static void
welcome_invite (Stage *stage) {
  ui_shell_open_uri (stage->shell, "ahoy:ada@example.org?t=AAAAAAAAAAAAAAAAAAAAAA");
}

static void
welcome_sign_in (Stage *stage) {
  show_welcome (stage, "sign-in");
}

static void
welcome_serve (Stage *stage) {
  show_welcome (stage, "serve");
}

static void
welcome_served (Stage *stage) {
  ui_session_set_serving (stage->session, TRUE);
  ui_session_set_server_address (stage->session, "harbour.example");
  show_welcome (stage, "served");
  made_up_sign_in (stage->session);
}

static void
collect (GtkWidget *widget, GType type, GPtrArray *found) {
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type)) {
    g_ptr_array_add (found, widget);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    collect (child, type, found);
  }
}

/* The sign-in page as it stands after a wrong password, by way of its own entries: the fourth and
 * the fifth of all pages. */
static void
welcome_error (Stage *stage) {
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  show_welcome (stage, "sign-in");
  collect (GTK_WIDGET (main_window (stage)), ADW_TYPE_ENTRY_ROW, rows);
  gtk_editable_set_text (rows->pdata[3], "mara@example.org");
  gtk_editable_set_text (rows->pdata[4], "wrong");
  g_signal_emit_by_name (rows->pdata[4], "entry-activated");
}

static void
people_empty (Stage *stage) {
  made_up_sign_in (stage->session);
  main_window (stage);
}

static void
people (Stage *stage) {
  made_up_sign_in (stage->session);
  made_up_add_people (stage->session);
  made_up_add_devices (stage->session);
  main_window (stage);
}

static void
open_contact (Stage *stage, const char *address) {
  people (stage);
  ui_main_window_open_contact (main_window (stage),
                               ui_session_find_contact (stage->session, address));
}

static void
conversation (Stage *stage) {
  open_contact (stage, "ada@example.org");
}

static void
conversation_failed (Stage *stage) {
  open_contact (stage, "bruno@example.org");
}

static void
conversation_new (Stage *stage) {
  open_contact (stage, "deniz@example.org");
  ui_conversation_remove_all (
      ui_contact_get_conversation (ui_session_find_contact (stage->session, "deniz@example.org")));
}

static void
conversation_request (Stage *stage) {
  open_contact (stage, "emil@calls.example");
}

static void
conversation_asked (Stage *stage) {
  open_contact (stage, "greta@example.org");
}

static void
conversation_blocked (Stage *stage) {
  open_contact (stage, "spam@elsewhere.example");
}

static void
conversation_key (Stage *stage) {
  open_contact (stage, "fatou@example.org");
}

static void
offline (Stage *stage) {
  conversation (stage);
  ui_session_set_state (stage->session, UI_SESSION_OFFLINE);
}

static void
search (Stage *stage) {
  people (stage);
  gtk_widget_activate_action (GTK_WIDGET (main_window (stage)), "win.search", NULL);
  gtk_editable_set_text (
      GTK_EDITABLE (find (GTK_WIDGET (main_window (stage)), GTK_TYPE_SEARCH_ENTRY)), "e");
}

static void
activate (Stage *stage, const char *action) {
  g_action_group_activate_action (G_ACTION_GROUP (stage->application), action, NULL);
}

static void
add_contact (Stage *stage) {
  people (stage);
  activate (stage, "add-contact");
}

static void
about_contact (Stage *stage) {
  conversation (stage);
  gtk_widget_activate_action (GTK_WIDGET (main_window (stage)), "win.contact-details", NULL);
}

static void
about_contact_key (Stage *stage) {
  conversation_key (stage);
  gtk_widget_activate_action (GTK_WIDGET (main_window (stage)), "win.contact-details", NULL);
}

static void
remove_contact (Stage *stage) {
  conversation (stage);
  gtk_widget_activate_action (GTK_WIDGET (main_window (stage)), "win.remove-contact", NULL);
}

static void
preferences (Stage *stage) {
  people (stage);
  activate (stage, "preferences");
}

static void
preferences_general (Stage *stage) {
  preferences (stage);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (stage->application));
  GListModel *all = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GtkWindow) one = g_list_model_get_item (all, i);
    window = ADW_IS_PREFERENCES_WINDOW (one) ? one : window;
  }
  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (window), "general");
}

static void
shortcuts (Stage *stage) {
  people (stage);
  activate (stage, "shortcuts");
}

static void
about (Stage *stage) {
  people (stage);
  activate (stage, "about");
}

static void
sign_out (Stage *stage) {
  people (stage);
  activate (stage, "sign-out");
}

static UiCall *
begin_call (Stage *stage, UiCallDirection direction, gboolean with_video) {
  made_up_sign_in (stage->session);
  made_up_add_people (stage->session);
  made_up_add_devices (stage->session);
  return made_up_call (stage->session, "ada@example.org", direction, with_video);
}

static UiCall *
run_call (Stage *stage, gboolean with_video) {
  UiCall *call = begin_call (stage, UI_CALL_OUTGOING, with_video);
  ui_call_set_state (call, UI_CALL_SECURED);
  ui_call_set_path (call, UI_CALL_PATH_DIRECT);
  ui_call_set_level_permille (call, 550);
  ui_call_set_remote_level_permille (call, 600);
  ui_call_set_details (call, "Round trip 18 ms, loss 0.0 %\nVP8 640 × 480, 30 pictures a second\n"
                             "Opus 48 kHz");
  if (with_video) {
    ui_call_set_remote_camera_on (call, TRUE);
    made_up_push_picture (ui_call_get_remote_frames (call), 0, 640, 480);
    made_up_push_picture (ui_call_get_local_frames (call), 1, 640, 480);
  }
  return call;
}

static void
call_reaching (Stage *stage) {
  begin_call (stage, UI_CALL_OUTGOING, FALSE);
}

static void
call_ringing (Stage *stage) {
  UiCall *call = begin_call (stage, UI_CALL_OUTGOING, TRUE);
  ui_call_set_state (call, UI_CALL_RINGING);
  made_up_push_picture (ui_call_get_local_frames (call), 1, 640, 480);
}

static void
call_connecting (Stage *stage) {
  ui_call_set_state (begin_call (stage, UI_CALL_OUTGOING, FALSE), UI_CALL_CONNECTING);
}

static void
call_incoming (Stage *stage) {
  begin_call (stage, UI_CALL_INCOMING, TRUE);
}

static void
call_incoming_voice (Stage *stage) {
  begin_call (stage, UI_CALL_INCOMING, FALSE);
}

static void
call_video (Stage *stage) {
  run_call (stage, TRUE);
}

static void
call_voice (Stage *stage) {
  run_call (stage, FALSE);
}

static void
call_muted (Stage *stage) {
  UiCall *call = run_call (stage, TRUE);
  ui_call_set_muted (call, TRUE);
  ui_call_set_camera_on (call, FALSE);
  ui_call_set_remote_muted (call, TRUE);
  ui_call_set_path (call, UI_CALL_PATH_RELAYED);
}

static void
call_reconnecting (Stage *stage) {
  ui_call_set_state (run_call (stage, TRUE), UI_CALL_RECONNECTING);
}

static void
call_warning (Stage *stage) {
  UiCall *call = run_call (stage, FALSE);
  ui_call_set_has_microphone (call, FALSE);
  ui_call_set_has_camera (call, FALSE);
  ui_call_set_warning (call, "No microphone is plugged in, so they cannot hear you.");
}

static void
call_ended (Stage *stage) {
  ui_call_end (begin_call (stage, UI_CALL_OUTGOING, FALSE),
               "Ada Lindqvist did not answer. They will see that you called.");
}

static void
call_and_people (Stage *stage) {
  run_call (stage, FALSE);
  ui_main_window_open_contact (main_window (stage),
                               ui_session_find_contact (stage->session, "chen@calls.example"));
}

const Scene scenes[] = {
    {"welcome", 960, 640, welcome},
    {"welcome-narrow", 360, 640, welcome},
    {"welcome-create", 960, 640, welcome_create},
    {"welcome-invite", 960, 640, welcome_invite},
    {"welcome-sign-in", 960, 640, welcome_sign_in},
    {"welcome-error", 960, 640, welcome_error},
    {"welcome-serve", 960, 640, welcome_serve},
    {"welcome-served", 960, 640, welcome_served},
    {"people-empty", 960, 640, people_empty},
    {"people", 960, 640, people},
    {"people-narrow", 360, 640, people},
    {"conversation", 960, 640, conversation},
    {"conversation-narrow", 360, 640, conversation},
    {"conversation-failed", 960, 640, conversation_failed},
    {"conversation-new", 960, 640, conversation_new},
    {"conversation-request", 960, 640, conversation_request},
    {"conversation-asked", 960, 640, conversation_asked},
    {"conversation-blocked", 960, 640, conversation_blocked},
    {"conversation-key", 960, 640, conversation_key},
    {"offline", 960, 640, offline},
    {"search", 960, 640, search},
    {"add-contact", 0, 0, add_contact},
    {"about-contact", 0, 0, about_contact},
    {"about-contact-key", 0, 0, about_contact_key},
    {"remove-contact", 0, 0, remove_contact},
    {"preferences", 0, 0, preferences},
    {"preferences-general", 0, 0, preferences_general},
    {"shortcuts", 0, 0, shortcuts},
    {"about", 0, 0, about},
    {"sign-out", 0, 0, sign_out},
    {"call-reaching", 720, 540, call_reaching},
    {"call-ringing", 720, 540, call_ringing},
    {"call-connecting", 720, 540, call_connecting},
    {"call-incoming", 720, 540, call_incoming},
    {"call-incoming-narrow", 360, 560, call_incoming},
    {"call-incoming-voice", 720, 540, call_incoming_voice},
    {"call-video", 720, 540, call_video},
    {"call-video-narrow", 360, 600, call_video},
    {"call-voice", 720, 540, call_voice},
    {"call-muted", 720, 540, call_muted},
    {"call-reconnecting", 720, 540, call_reconnecting},
    {"call-warning", 720, 540, call_warning},
    {"call-ended", 720, 540, call_ended},
    {"call-and-people", 960, 640, call_and_people},
};
const gsize scenes_count = G_N_ELEMENTS (scenes);
