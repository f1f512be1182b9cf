#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reference.py INCLUDE_ROOT OUT VERSION HEADER...: the library's reference, made from its public headers.

Writes OUT/man3 (a page for each header, and one for each function that leads there) and OUT/html. Ends with 1, and names
them, when something public has no words of its own: a header, a function, a type, a macro.
A comment stands above what it is about, or behind it on its line; declarations right below one another share the one above."""
import html
import pathlib
import re
import sys

DATE = "November 2026"
SECTION = re.compile(r"^-{2,} (.*?) ?-{2,}$")


class Item:
    """Something declared: kind is function, type, macro or section."""

    def __init__(self, kind, name, text, words):
        self.kind, self.name, self.text, self.words = kind, name, text, words


class Header:
    """One public header: what it says of itself and what it declares."""

    def __init__(self, root, path):
        self.path = path
        room, name = path.removeprefix("core/").removesuffix(".h").split("/")
        self.page = f"rtmfp-{name}" if name == room else f"rtmfp-{room}-{name}"
        self.words, self.items, self.includes = "", [], []
        self._read((root / path).read_text(encoding="utf-8").splitlines())

    def _read(self, lines):
        words, last, at, guard = None, None, 0, False
        while at < len(lines):
            line = lines[at]
            if not line.strip() or line.startswith('extern "C"') or line == "}":
                words, last, at = None, None, at + 1
            elif line.startswith("/*"):
                block, at = take(lines, at, lambda text: "*/" in text)
                words, last = plain(block), None
                if SECTION.match(words):
                    self.items.append(Item("section", SECTION.match(words)[1], "", ""))
                    words = None
                elif not self.words and not guard and not words.startswith("SPDX"):
                    self.words = words
            elif line.startswith("#"):
                block, at = take(lines, at, lambda text: not text.endswith("\\"))
                guard = guard or line.startswith("#ifndef")
                if line.startswith("#include"):
                    self.includes.append(line)
                macro = re.match(r"#define (\w+)(\([^)]*\))?(?: (.*))?", block, re.S)
                if macro and not macro[1].endswith("_H"):
                    item = Item("macro", macro[1], block, words or trailing(block) or (last.words if last else None))
                    self.items.append(item)
                    last = item
            else:
                block, at = take_declaration(lines, at)
                item = declared(block)
                item.words = words or trailing(block) or (last.words if last and last.kind == item.kind else None)
                self.items.append(item)
                last = item

    def functions(self):
        return [item for item in self.items if item.kind == "function"]


def take(lines, at, ends):
    start = at
    while not ends(lines[at]):
        at += 1
    return "\n".join(lines[start:at + 1]), at + 1


def take_declaration(lines, at):
    """To the semicolon outside of braces, or to the brace that ends a function."""
    start, depth, text = at, 0, ""
    while True:
        bare = re.sub(r"/\*.*?\*/", "", lines[at])
        text += bare
        depth += bare.count("{") - bare.count("}")
        at += 1
        if depth == 0 and (bare.rstrip().endswith(";") or ("}" in bare and "typedef" not in text and "enum" not in text)):
            break
        if depth == 0 and ";" in bare:
            break
    block = "\n".join(lines[start:at])
    while at < len(lines) and block.count("/*") > block.count("*/"):
        block, at = block + "\n" + lines[at], at + 1
    return block, at


def declared(block):
    bare = re.sub(r"/\*.*?\*/", "", block, flags=re.S)
    if bare.startswith("typedef"):
        name = re.search(r"(\w+);\s*$", bare)[1]
        return Item("type", name, block, None)
    if re.match(r"(enum|struct|union)\b", bare):
        name = re.match(r"\w+ (\w+)?", bare)[1]
        return Item("type", name or "enum", block, None)
    match = re.search(r"(\w+) \(", bare)
    if not match:
        raise SystemExit(f"cannot read: {block}")
    text = re.sub(r"\bRTMFP_(API|MUST_USE)\s+", "", block)
    if "{" in bare:
        text = text[:text.index("{")].rstrip() + ";"
    return Item("function", match[1], re.sub(r"\n\s+", " ", text), None)


def plain(comment):
    text = re.sub(r"^/\*+ ?|\s*\*/$", "", comment.strip())
    return re.sub(r"\n\s*\* ?", "\n", text).strip()


def trailing(block):
    found = re.search(r"/\*(.*?)\*/\s*$", block, re.S)
    return plain("/*" + found[1] + "*/") if found else None


# ---- What has no words ----

def undocumented(header):
    if not header.words:
        yield "the header itself"
    for item in header.items:
        if item.kind != "section" and not item.words and not item.text.startswith("typedef struct Rtmfp"):
            yield item.name


# ---- Manual pages ----

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    lines = ("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))
    return "\n".join(line or ".PP" for line in lines)


def folded(text):
    """A declaration in lines of at most 100 columns."""
    out = []
    for line in text.split("\n"):
        while len(line) > 100 and ", " in line[:100]:
            at = line.rindex(", ", 0, 100) + 1
            out.append(line[:at])
            line = "    " + line[at:]
        out.append(line)
    return "\n".join(out)


def man_page(header, version):
    title = summary(header)
    out = [f'.TH {header.page.upper()} 3 "{DATE}" "ahoy-rtmfp {version}" "Library functions"', ".SH NAME",
           f"{roff(header.page)} \\- {roff(title)}", ".SH SYNOPSIS", ".nf", f".B #include \\(dq{header.path}\\(dq", ".fi", ".SH DESCRIPTION",
           roff(header.words)]
    for item in header.items:
        if item.kind == "section":
            out += [f'.SH "{item.name.upper()}"']
            continue
        out += [".PP", ".nf", *["\\fB" + roff(line) + "\\fR" if line else "" for line in folded(item.text).split("\n")], ".fi"]
        if item.kind != "type" or "{" not in item.text or not item.text.rstrip().endswith("*/"):
            out += [".RS 4", roff(item.words), ".RE"] if item.words and item.words not in flat(item.text) else []
    out += [".SH SEE ALSO", ".BR rtmfp (7)"]
    return "\n".join(out) + "\n"


def flat(text):
    return " ".join(re.sub(r"\n\s*\* ?", " ", text).split())


def summary(header):
    first = re.split(r"[.:;](?:\s|$)", " ".join(header.words.split()), maxsplit=1)[0]
    return first[:1].lower() + first[1:]


# ---- HTML ----

STYLE = """body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
pre{background:#f4f4f4;padding:.7em;overflow-x:auto;border-left:3px solid #3584e4}h2{margin-top:2em}code{background:#f4f4f4}
a{color:#1a5fb4}@media(prefers-color-scheme:dark){body{background:#222;color:#ddd}pre,code{background:#333}a{color:#99c1f1}}"""


def page(title, body):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
            f"<style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n")


def linked(text, places, own):
    def link(match):
        name = match[0]
        return f'<a href="{places[name]}#{name}">{name}</a>' if name in places and name != own else name
    return re.sub(r"\b[Rr]tmfp_?\w+", link, html.escape(text))


def html_page(header, places):
    body = [f'<p><a href="index.html">Reference</a></p><h1>{html.escape(header.path)}</h1>',
            *(f"<p>{linked(part, places, None)}</p>" for part in header.words.split("\n\n"))]
    for item in header.items:
        if item.kind == "section":
            body.append(f"<h2>{html.escape(item.name)}</h2>")
            continue
        body.append(f'<pre id="{item.name}">{linked(folded(item.text), places, item.name)}</pre>')
        if item.words and item.words not in flat(item.text):
            body.append(f"<p>{linked(item.words, places, None)}</p>")
    return page(header.path, "\n".join(body) + "\n")


def index_page(headers, places, version):
    body = [f"<h1>libahoy-rtmfp {version}</h1>"]
    for header in headers:
        names = ", ".join(f'<a href="{header.page}.html#{item.name}">{item.name}</a>' for item in header.items
                          if item.kind in ("function", "type") and item.name != "enum")
        body.append(f'<h2><a href="{header.page}.html">{header.path}</a></h2><p>{linked(summary(header), places, None)}.</p>'
                    f"<p>{names}</p>")
    return page("libahoy-rtmfp", "\n".join(body) + "\n")


def main():
    root, out, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    headers = [Header(root, path) for path in sys.argv[4:]]
    mute = [f"{header.path}: {what}" for header in headers for what in undocumented(header)]
    if mute:
        print("without words of their own:", *mute, sep="\n  ")
        return 1
    places = {item.name: header.page + ".html" for header in headers for item in header.items if item.name != "enum"}
    for folder in ("man3", "html"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for header in headers:
        (out / "man3" / (header.page + ".3")).write_text(man_page(header, version), encoding="utf-8")
        (out / "html" / (header.page + ".html")).write_text(html_page(header, places), encoding="utf-8")
        for item in header.functions():
            (out / "man3" / (item.name + ".3")).write_text(f".so man3/{header.page}.3\n", encoding="utf-8")
    (out / "html" / "index.html").write_text(index_page(headers, places, version), encoding="utf-8")
    print(sum(len(header.functions()) for header in headers), "functions in", len(headers), "headers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
