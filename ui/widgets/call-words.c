/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for saying in words where a call stands. */
#include "ui/widgets/call-words.h"

#include <glib/gi18n.h>

const char *
ui_call_words (UiCall *call) {
  const gboolean incoming = ui_call_get_direction (call) == UI_CALL_INCOMING;
  switch (ui_call_get_state (call)) {
  case UI_CALL_REACHING:
    return _ ("Reaching their computer…");
  case UI_CALL_RINGING:
    if (!incoming) {
      return _ ("Ringing…");
    }
    return ui_call_get_with_video (call) ? _ ("Incoming video call") : _ ("Incoming call");
  case UI_CALL_CONNECTING:
    return _ ("Connecting…");
  case UI_CALL_RECONNECTING:
    return _ ("Reconnecting…");
  case UI_CALL_SECURED:
    return _ ("Connected, encrypted end to end");
  default:
    return ui_call_get_end_reason (call) != NULL ? ui_call_get_end_reason (call)
                                                 : _ ("The call has ended.");
  }
}
