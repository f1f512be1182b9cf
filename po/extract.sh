#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# extract.sh OUT.pot: all words for people, from the files of POTFILES.in.
set -eu
cd "$(dirname "$0")/.."
grep -v '^#' po/POTFILES.in >"$1.files"
xgettext --from-code=UTF-8 --add-comments=Translators --package-name=Ahoy --copyright-holder='The Ahoy contributors' \
  --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=ngettext:1,2 --keyword=g_dngettext:2,3 \
  --flag=_:1:pass-c-format --flag=ngettext:1:pass-c-format --flag=ngettext:2:pass-c-format \
  --files-from="$1.files" --output="$1" 2>"$1.log" || { cat "$1.log"; exit 1; }

# core knows no gettext: whoever shows its sentences translates them. They stand in these functions alone.
cut=$(mktemp -d)
mkdir -p "$cut/core/agent" "$cut/core/account"
sed -n '/^ahoy_fault_text/,/^}/p' core/agent/agent.c >"$cut/core/agent/agent.c"
sed -n '/^ahoy_name_rule/,/^}/p' core/account/name.c >"$cut/core/account/name.c"
(cd "$cut" && xgettext --from-code=UTF-8 --extract-all --language=C --package-name=Ahoy \
  --copyright-holder='The Ahoy contributors' --output=core.pot core/agent/agent.c core/account/name.c 2>/dev/null)
msgcat --use-first "$1" "$cut/core.pot" --output-file="$1"
rm -rf "$cut" "$1.files" "$1.log"
