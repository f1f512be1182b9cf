/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rendezvous against a signed-in client that calls any command with any AMF0: each call is
 * answered once, or the session is closed; the others never notice. Input: command, u16 size and so
 * many octets, again and again. */
#include "tests/fuzz/target.h"
#include "tests/rendezvous/fixture.h"
#include "tests/rendezvous/town.h"

enum { CALLS_MAX = 24 };

static const char *const commands[] = {
    "salt",          "create",          "signIn",         "enter",           "signOut",
    "presence",      "contact.request", "contact.accept", "contact.decline", "contact.remove",
    "contact.block", "contact.unblock", "invite.make",    "invite.redeem",   "message.send",
    "signal",        "introduce",       "other",
};

static size_t
count_answers (Guest *guest, RtmfpId call) {
  size_t count = 0;
  for (GList *at = guest->answers.head; at != NULL; at = at->next) {
    count += ((const Word *)at->data)->call == call;
  }
  return count;
}

static bool
is_amf (RtmfpBytes bytes) {
  RtmfpAmfDocument document = {0};
  const bool is = rtmfp_amf_read (&document, bytes, RTMFP_AMF0) == RTMFP_OK;
  rtmfp_amf_document_clear (&document);
  return is;
}

static void
check_others (Guest *ann) {
  RtmfpBuffer args = args_text ("presence", "online");
  Word *word = guest_ask (ann, "presence", &args);
  FUZZ_ASSERT (word != NULL && word->ok);
  word_free (word);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpReader in = rtmfp_reader (data, size);
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *eve = guest_enter_new (town, 3, "eve", 2);
  guests_make_contacts (ann, eve, "ann", "eve");
  uint8_t command;
  uint16_t length;
  RtmfpBytes args;
  for (int i = 0; i < CALLS_MAX && eve->connected; i++) {
    if (rtmfp_reader_u8 (&in, &command) != RTMFP_OK ||
        rtmfp_reader_u16 (&in, &length) != RTMFP_OK ||
        rtmfp_reader_take (&in, MIN (length, rtmfp_reader_left (&in)), &args) != RTMFP_OK) {
      break;
    }
    RtmfpId call;
    if (rtmfp_net_call (eve->net, eve->session, commands[command % G_N_ELEMENTS (commands)], args,
                        true, town->now_us, &call) != RTMFP_OK) {
      break;
    }
    /* What is no AMF0 is dropped by core/net. An introduction waits for its target at most ten
     * seconds. */
    const bool is_whole = is_amf (args);
    const int most = is_whole ? 120 : 1;
    for (int tries = 0; tries < most && eve->connected && count_answers (eve, call) == 0; tries++) {
      town_run (town, SECOND / 10);
    }
    FUZZ_ASSERT (count_answers (eve, call) <= 1);
    FUZZ_ASSERT (!eve->connected || !is_whole || count_answers (eve, call) == 1);
    guest_forget (eve);
  }
  check_others (ann);
  town_free (town);
  return 0;
}
