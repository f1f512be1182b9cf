/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for saying in words where a call stands. */
#ifndef AHOY_UI_WIDGETS_CALL_WORDS_H
#define AHOY_UI_WIDGETS_CALL_WORDS_H

#include "ui/model/call.h"

G_BEGIN_DECLS

/* Returns: (borrowed, until the call changes) one line: "Ringing…", or why the call ended. */
const char *ui_call_words (UiCall *call);

G_END_DECLS

#endif
