#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every file with words for people is in POTFILES.in, and every language of LINGUAS has all words, none of them fuzzy.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
{
  grep -rlE '(^|[^A-Za-z0-9_])(_|ngettext) ?\("' --include='*.c' ui app
  grep -rl 'translatable="yes"' --include='*.ui' ui
} | while read -r file; do
  grep -qx "$file" po/POTFILES.in || echo "not in po/POTFILES.in: $file"
done >"$work/missing"
[ -s "$work/missing" ] && { cat "$work/missing"; failed=1; }
po/extract.sh "$work/ahoy.pot"
for language in $(grep '^[a-z]' po/LINGUAS); do
  msgfmt --check --check-accelerators=_ -o "$work/$language.mo" "po/$language.po" || failed=1
  msgmerge --quiet --no-fuzzy-matching -o "$work/$language.po" "po/$language.po" "$work/ahoy.pot"
  msgattrib --untranslated --no-obsolete "$work/$language.po" >"$work/untranslated"
  msgattrib --only-fuzzy --no-obsolete "$work/$language.po" >>"$work/untranslated"
  grep -q '^msgid "..*"\|^msgid ""$' "$work/untranslated" && {
    echo "po/$language.po lacks:"
    grep '^msgid' "$work/untranslated"
    failed=1
  }
done
exit "$failed"
