/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the first minutes: create an account, sign in, or make this computer the server. */
#include "ui/pages/welcome-page.h"
#include "ui/widgets/naming.h"

#include <glib/gi18n.h>
#include <string.h>

/* The widgets of one form, and how its entries make it complete. */
typedef struct {
  GtkWidget *list;
  GtkLabel *error;
  GtkWidget *button;
  GtkSpinner *spinner;
} Form;

enum { CREATE, SIGN_IN, SERVE, FORMS };
static const char *const form_names[FORMS] = {"create", "sign-in", "serve"};

struct _UiWelcomePage {
  AdwBin parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  GCancellable *cancellable; /* of the answer that is waited for */

  int waiting; /* the form that waits for its answer, -1: none */

  /* template children */
  GtkStack *stack;
  GtkWidget *back_button;
  GtkWidget *menu_button;
  GtkWidget *choose_create_row;
  GtkWidget *choose_sign_in_row;
  GtkWidget *choose_serve_row;
  GtkEditable *create_address_row;
  GtkEditable *create_password_row;
  GtkEditable *create_invite_row;
  GtkEditable *sign_in_address_row;
  GtkEditable *sign_in_password_row;
  GtkEditable *serve_name_row;
  GtkEditable *serve_password_row;
  GtkWidget *create_list;
  GtkWidget *sign_in_list;
  GtkWidget *serve_list;
  GtkLabel *create_error;
  GtkLabel *sign_in_error;
  GtkLabel *serve_error;
  GtkWidget *create_button;
  GtkWidget *sign_in_button;
  GtkWidget *serve_button;
  GtkSpinner *create_spinner;
  GtkSpinner *sign_in_spinner;
  GtkSpinner *serve_spinner;
  GtkLabel *create_hint;
  AdwActionRow *served_row;
  GtkWidget *go_on_button;
};

G_DEFINE_FINAL_TYPE (UiWelcomePage, ui_welcome_page, ADW_TYPE_BIN)

enum { PROP_BUSY = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

static Form
form_of (UiWelcomePage *self, int which) {
  const Form forms[FORMS] = {
      [CREATE] = {self->create_list, self->create_error, self->create_button, self->create_spinner},
      [SIGN_IN] = {self->sign_in_list, self->sign_in_error, self->sign_in_button,
                   self->sign_in_spinner},
      [SERVE] = {self->serve_list, self->serve_error, self->serve_button, self->serve_spinner},
  };
  return forms[which];
}

static int
current_form (UiWelcomePage *self) {
  const char *name = gtk_stack_get_visible_child_name (self->stack);
  for (int which = 0; which < FORMS; which++) {
    if (g_strcmp0 (name, form_names[which]) == 0) {
      return which;
    }
  }
  return -1;
}

/* A name, one @, a server; whatever else is wrong the server says better. */
static gboolean
looks_like_address (const char *text) {
  const char *at = strchr (text, '@');
  return at != NULL && at != text && at[1] != '\0' && strchr (at + 1, '@') == NULL &&
         strpbrk (text, " \t") == NULL;
}

static gboolean
is_filled (GtkEditable *row) {
  return *gtk_editable_get_text (row) != '\0';
}

static gboolean
is_complete (UiWelcomePage *self, int which) {
  switch (which) {
  case CREATE:
    return looks_like_address (gtk_editable_get_text (self->create_address_row)) &&
           is_filled (self->create_password_row);
  case SIGN_IN:
    return looks_like_address (gtk_editable_get_text (self->sign_in_address_row)) &&
           is_filled (self->sign_in_password_row);
  default:
    return is_filled (self->serve_name_row) && is_filled (self->serve_password_row);
  }
}

static void
show_error (UiWelcomePage *self, int which, const char *sentence) {
  const Form form = form_of (self, which);
  gtk_label_set_text (form.error, sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (form.error), sentence != NULL);
}

static void
on_entry_changed (UiWelcomePage *self) {
  for (int which = 0; which < FORMS; which++) {
    gtk_widget_set_sensitive (form_of (self, which).button,
                              self->waiting < 0 && is_complete (self, which));
  }
  for (GtkWidget *row = gtk_widget_get_first_child (self->create_list); row != NULL;
       row = gtk_widget_get_next_sibling (row)) {
    gtk_widget_remove_css_class (row, "error");
  }
}

static void
set_waiting (UiWelcomePage *self, int which) {
  self->waiting = which;
  for (int i = 0; i < FORMS; i++) {
    const Form form = form_of (self, i);
    for (GtkWidget *row = gtk_widget_get_first_child (form.list); row != NULL;
         row = gtk_widget_get_next_sibling (row)) {
      gtk_editable_set_editable (GTK_EDITABLE (row), which < 0);
    }
    gtk_widget_set_visible (GTK_WIDGET (form.spinner), which == i);
    gtk_spinner_set_spinning (form.spinner, which == i);
  }
  on_entry_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BUSY]);
}

static void
point_at (UiWelcomePage *self, int which, const GError *error) {
  GtkEditable *const addresses[FORMS] = {self->create_address_row, self->sign_in_address_row,
                                         self->serve_name_row};
  GtkEditable *const passwords[FORMS] = {self->create_password_row, self->sign_in_password_row,
                                         self->serve_password_row};
  GtkEditable *row = addresses[which];
  if (g_error_matches (error, UI_INTENT_ERROR, UI_INTENT_ERROR_PASSWORD)) {
    row = passwords[which];
  } else if (g_error_matches (error, UI_INTENT_ERROR, UI_INTENT_ERROR_INVITE) && which == CREATE) {
    row = self->create_invite_row;
  }
  gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
update_served (UiWelcomePage *self) {
  const char *address = ui_session_get_server_address (self->session);
  adw_action_row_set_subtitle (self->served_row, address != NULL ? address : "");
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (UiWelcomePage) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean done = ui_intents_finish (UI_INTENTS (source), result, &error);
  if (self->intents == NULL) {
    return; /* the page is gone */
  }
  const int which = self->waiting;
  g_clear_object (&self->cancellable);
  if (which < 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    set_waiting (self, -1);
    return;
  }
  if (done && which == SERVE) {
    gtk_stack_set_visible_child_name (self->stack, "served");
    gtk_widget_grab_focus (self->go_on_button);
  }
  set_waiting (self, -1);
  if (!done) {
    show_error (self, which, error->message);
    point_at (self, which, error);
  }
}

static void
on_create (UiWelcomePage *self) {
  show_error (self, CREATE, NULL);
  set_waiting (self, CREATE);
  self->cancellable = g_cancellable_new ();
  const char *invite = gtk_editable_get_text (self->create_invite_row);
  ui_intents_create_account_async (self->intents, gtk_editable_get_text (self->create_address_row),
                                   gtk_editable_get_text (self->create_password_row),
                                   *invite != '\0' ? invite : NULL, self->cancellable, on_answer,
                                   g_object_ref (self));
}

static void
on_sign_in (UiWelcomePage *self) {
  show_error (self, SIGN_IN, NULL);
  set_waiting (self, SIGN_IN);
  self->cancellable = g_cancellable_new ();
  ui_intents_sign_in_async (self->intents, gtk_editable_get_text (self->sign_in_address_row),
                            gtk_editable_get_text (self->sign_in_password_row), self->cancellable,
                            on_answer, g_object_ref (self));
}

static void
on_serve (UiWelcomePage *self) {
  show_error (self, SERVE, NULL);
  set_waiting (self, SERVE);
  self->cancellable = g_cancellable_new ();
  ui_intents_serve_async (self->intents, gtk_editable_get_text (self->serve_name_row),
                          gtk_editable_get_text (self->serve_password_row), self->cancellable,
                          on_answer, g_object_ref (self));
}

static void
on_entry_activated (UiWelcomePage *self) {
  const int which = current_form (self);
  if (which >= 0 && self->waiting < 0 && is_complete (self, which)) {
    g_signal_emit_by_name (form_of (self, which).button, "clicked");
  }
}

static void
on_page_changed (UiWelcomePage *self) {
  const int which = current_form (self);
  gtk_widget_set_visible (self->back_button, which >= 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BUSY]);
}

void
ui_welcome_page_show (UiWelcomePage *self, const char *name) {
  g_return_if_fail (UI_IS_WELCOME_PAGE (self));
  GtkWidget *const first[FORMS] = {GTK_WIDGET (self->create_address_row),
                                   GTK_WIDGET (self->sign_in_address_row),
                                   GTK_WIDGET (self->serve_name_row)};
  gtk_stack_set_visible_child_name (self->stack, name);
  const int which = current_form (self);
  if (which >= 0) {
    gtk_widget_grab_focus (first[which]);
  }
}

static void
on_choose_create (UiWelcomePage *self) {
  ui_welcome_page_show (self, "create");
}

static void
on_choose_sign_in (UiWelcomePage *self) {
  ui_welcome_page_show (self, "sign-in");
}

static void
on_choose_serve (UiWelcomePage *self) {
  ui_welcome_page_show (self, "serve");
}

static void
on_back (UiWelcomePage *self) {
  GtkWidget *const choices[FORMS] = {self->choose_create_row, self->choose_sign_in_row,
                                     self->choose_serve_row};
  const int which = current_form (self);
  if (self->cancellable != NULL) {
    g_cancellable_cancel (self->cancellable);
  }
  ui_welcome_page_show (self, "start");
  if (which >= 0) {
    show_error (self, which, NULL);
    gtk_widget_grab_focus (choices[which]);
  }
}

static void
on_go_on (UiWelcomePage *self) {
  ui_welcome_page_reset (self);
}

gboolean
ui_welcome_page_is_busy (UiWelcomePage *self) {
  g_return_val_if_fail (UI_IS_WELCOME_PAGE (self), FALSE);
  return self->waiting >= 0 ||
         g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "served") == 0;
}

void
ui_welcome_page_reset (UiWelcomePage *self) {
  g_return_if_fail (UI_IS_WELCOME_PAGE (self));
  GtkEditable *const rows[] = {self->create_address_row,   self->create_password_row,
                               self->create_invite_row,    self->sign_in_address_row,
                               self->sign_in_password_row, self->serve_name_row,
                               self->serve_password_row};
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    gtk_editable_set_text (rows[i], "");
  }
  for (int which = 0; which < FORMS; which++) {
    show_error (self, which, NULL);
  }
  gtk_stack_set_visible_child_name (self->stack, "start");
}

/* ahoy:user@host?... or ahoy:host?...: one's own address will be at that host. */
static void
fill_in_server (UiWelcomePage *self, const char *link) {
  const char *start = link + strlen ("ahoy:");
  g_autofree char *inviter = g_strndup (start, strcspn (start, "?"));
  const char *at = strchr (inviter, '@');
  g_autofree char *address = g_strdup_printf ("@%s", at != NULL ? at + 1 : inviter);
  gtk_editable_set_text (self->create_address_row, address);
  gtk_editable_set_position (self->create_address_row, 0);
}

/* A link pasted into its entry fills in the server where no address stands yet. */
static void
on_invite_changed (UiWelcomePage *self) {
  const char *link = gtk_editable_get_text (self->create_invite_row);
  if (g_ascii_strncasecmp (link, "ahoy:", 5) == 0 && !is_filled (self->create_address_row)) {
    fill_in_server (self, link);
  }
}

void
ui_welcome_page_use_invite (UiWelcomePage *self, const char *link) {
  g_return_if_fail (UI_IS_WELCOME_PAGE (self));
  gtk_editable_set_text (self->create_address_row, "");
  gtk_editable_set_text (self->create_invite_row, link);
  ui_welcome_page_show (self, "create");
}

void
ui_welcome_page_set_up (UiWelcomePage *self, UiSession *session, UiIntents *intents) {
  g_return_if_fail (UI_IS_WELCOME_PAGE (self) && self->session == NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  g_signal_connect_object (session, "notify::server-address", G_CALLBACK (update_served), self,
                           G_CONNECT_SWAPPED);
  update_served (self);
}

static void
ui_welcome_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  if (id != PROP_BUSY) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  g_value_set_boolean (value, ui_welcome_page_is_busy (UI_WELCOME_PAGE (object)));
}

static void
ui_welcome_page_dispose (GObject *object) {
  UiWelcomePage *self = UI_WELCOME_PAGE (object);
  if (self->cancellable != NULL) {
    g_cancellable_cancel (self->cancellable);
  }
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_welcome_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, stack);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, back_button);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, choose_create_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, choose_sign_in_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, choose_serve_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_address_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_password_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_invite_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_address_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_password_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_name_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_password_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_list);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_list);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_list);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_error);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_error);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_error);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_button);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_button);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_spinner);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, sign_in_spinner);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, serve_spinner);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, create_hint);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, served_row);
  gtk_widget_class_bind_template_child (widget_class, UiWelcomePage, go_on_button);
}

static void
ui_welcome_page_class_init (UiWelcomePageClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->get_property = ui_welcome_page_get_property;
  object_class->dispose = ui_welcome_page_dispose;
  props[PROP_BUSY] =
      g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/pages/welcome-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_page_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_create);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_sign_in);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_serve);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_create);
  gtk_widget_class_bind_template_callback (widget_class, on_sign_in);
  gtk_widget_class_bind_template_callback (widget_class, on_serve);
  gtk_widget_class_bind_template_callback (widget_class, on_go_on);
}

static void
ui_welcome_page_init (UiWelcomePage *self) {
  self->waiting = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  ui_naming_name_eyes (GTK_WIDGET (self));
  g_signal_connect_object (self->create_invite_row, "changed", G_CALLBACK (on_invite_changed), self,
                           G_CONNECT_SWAPPED);
}
