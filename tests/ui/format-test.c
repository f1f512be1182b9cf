/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what people read: lengths, times, links. */
#include "ui/widgets/format.h"

static void
test_duration (void) {
  static const struct {
    guint seconds;
    const char *text;
  } cases[] = {{0, "0:00"}, {7, "0:07"}, {754, "12:34"}, {3723, "1:02:03"}};
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = ui_format_duration (cases[i].seconds);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static gint64
at (GDateTime *now, int days_ago) {
  g_autoptr (GDateTime) then = g_date_time_add_days (now, -days_ago);
  return g_date_time_to_unix (then) * G_USEC_PER_SEC;
}

static void
test_list_time (void) {
  /* A Wednesday. */
  g_autoptr (GDateTime) now = g_date_time_new_local (2026, 11, 18, 0, 10, 0);
  g_autofree char *today = ui_format_list_time (at (now, 0), now);
  g_autofree char *yesterday = ui_format_list_time (at (now, 0) - 11 * 60 * G_USEC_PER_SEC, now);
  g_autofree char *sunday = ui_format_list_time (at (now, 3), now);
  g_autofree char *earlier = ui_format_list_time (at (now, 10), now);
  g_autofree char *future = ui_format_list_time (at (now, -2), now);
  g_assert_cmpstr (today, ==, "00:10");
  g_assert_cmpstr (yesterday, ==, "Yesterday");
  g_assert_cmpstr (sunday, ==, "Sunday");
  g_assert_cmpstr (earlier, ==, "8 Nov");
  g_assert_cmpstr (future, ==, "00:10");
}

static void
test_day (void) {
  g_autoptr (GDateTime) now = g_date_time_new_local (2026, 11, 18, 12, 0, 0);
  g_autofree char *today = ui_format_day (at (now, 0), now);
  g_autofree char *day = ui_format_day (at (now, 9), now);
  g_autofree char *year = ui_format_day (at (now, 400), now);
  g_assert_cmpstr (today, ==, "Today");
  g_assert_cmpstr (day, ==, "Monday, 9 November");
  g_assert_cmpstr (year, ==, "14 October 2025");
}

static void
test_links (void) {
  static const struct {
    const char *text;
    const char *markup;
  } cases[] = {
      {"plain <b> & text", "plain &lt;b&gt; &amp; text"},
      {"see https://a.example/x?y=1&z=2.", "see <a href=\"https://a.example/x?y=1&amp;z=2\">"
                                           "https://a.example/x?y=1&amp;z=2</a>."},
      {"(http://a.example)", "(<a href=\"http://a.example\">http://a.example</a>)"},
      {"https://", "https://"},
      {"xhttp://a", "xhttp://a"},
      {"javascript:alert(1)", "javascript:alert(1)"},
      {"http://a\"onclick", "<a href=\"http://a\">http://a</a>&quot;onclick"},
      {"", ""},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *markup = ui_format_linkified (cases[i].text);
    g_assert_cmpstr (markup, ==, cases[i].markup);
  }
}

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/format/duration", test_duration);
  g_test_add_func ("/ui/format/list-time/by-distance-in-days", test_list_time);
  g_test_add_func ("/ui/format/day/names-near-ones", test_day);
  g_test_add_func ("/ui/format/links/only-known-schemes-and-all-escaped", test_links);
  return g_test_run ();
}
