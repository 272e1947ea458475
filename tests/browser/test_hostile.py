"""Thousands of answers that try to run or to fetch something, and the records of what they got."""

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Watched
from tests.browser.steps import run_module
from tests.browser.test_markdown import ALLOWED, HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENTS = 8000
BATCH = 500

# Where a payload may stand, and what may be done to it.
PLACES = [
    "X", "- X", "> X", "# X", "1. a\n\n   X", "| a |\n|---|\n| X |", "**X**", "~~X~~", "`X`",
    "``` X\nX\n```", "[X](http://e.org)", "[a](X)", "[a](<X>)", "[a][r]\n\n[r]: X", "![X](X)",
    "[a](http://e.org 'X')",
    "<X>", "$X$", "$$\nX\n$$", "\\(X\\)", "\\[X\\]", "\\text{X}", "$\\text{X}$", "a[^n]\n\n[^n]: X",
    "[^X]: X\n\n[^X]", "```svg\nX\n```", "```html\nX\n```", "```mermaid\ngraph TD; A[\"X\"]\n```",
    "- [ ] X", "    X", "www.X", "http://X", "X\n===", "<!-- X -->", "&lt;X&gt;", "\\X",
    "$\\href{X}{X}$",
]  # fmt: skip

ATTEMPTS = """
const { MarkdownView } = await load("dom/markdown-view.js")
const { whenQuiet } = await load("dom/slices.js")
await (await load("lib/maths.js")).loadMaths()
await (await load("lib/highlight.js")).load("xml")
let seed = argument.seed
const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
const pick = (list) => list[random(list.length)]
const splice = (text, at, cut, put) => text.slice(0, at) + put + text.slice(at + cut)
const SIGNS = [..."<>\\"'`$\\\\[]()|*_&;\\n\\u202e\\u0000"]
const CHANGES = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.replaceAll("<", "&lt;"),
  (text) => text.replaceAll(":", "&colon;"),
  (text) => text.replaceAll("script", "scr\\u0000ipt"),
  (text) => text.replaceAll(" ", pick(["\\t", "\\n", "\\f", "/", "\\u00a0", "\\u200b"])),
  (text) => text.replaceAll('"', "'"),
  (text) => splice(text, random(text.length), 1, pick(SIGNS)),
  (text) => splice(text, random(text.length), 0, pick(argument.payloads)),
  (text) => text.slice(random(text.length)),
  (text) => text.slice(0, 1 + random(text.length)),
  (text) => [...text].map((one) => (random(9) ? one : `&#${one.codePointAt(0)};`)).join(""),
  (text) => text + pick(argument.payloads),
]
const violations = []
const onViolation = (event) => violations.push(event.violatedDirective + " " + event.blockedURI)
document.addEventListener("securitypolicyviolation", onViolation)
const root = document.createElement("div")
document.body.append(root)
const found = new Set()
const wrong = []
for (let count = 0; count < argument.count; count++) {
  let payload = pick(argument.payloads)
  for (let left = random(3); left >= 0; left--) payload = pick(CHANGES)(payload)
  const text = pick(argument.places).replaceAll("X", () => payload)
  const part = document.createElement("div")
  root.append(part)
  const view = new MarkdownView(part)
  view.show(text.slice(0, random(text.length + 1)))
  view.finish(text)
  await whenQuiet()
  for (const one of part.querySelectorAll("*")) {
    found.add(one.tagName)
    for (const { name, value } of one.attributes) {
      const inMaths = one.namespaceURI.endsWith("MathML")
      const styled = name === "style" && (!inMaths || /url/.test(value))
      const linked = name === "href" && !/^(https?|mailto):/.test(value)
      if (/^on|^src|action|^id$|srcdoc/.test(name) || styled || linked) {
        wrong.push([text, name, value])
      }
    }
  }
  if (count % 50 === 0) root.replaceChildren()
}
root.remove()
await new Promise((resolve) => setTimeout(resolve, 50)) // what was begun would be seen by now
document.removeEventListener("securitypolicyviolation", onViolation)
const first = [wrong.slice(0, 3), violations.slice(0, 3), window.hit ?? null]
return { found: [...found], first }
"""

MATHML = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
    *("mstyle", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
    *("mtable", "mtr", "mtd", "menclose", "mmultiscripts", "mprescripts", "merror"),
}  # fmt: skip


async def test_thousands_of_hostile_answers_run_and_fetch_nothing(
    page: Page, watched: Watched
) -> None:
    reached: list[str] = []

    async def record(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("connected")
        writer.close()

    async with await asyncio.start_server(record, "127.0.0.1", 0) as recorder:
        origin = f"http://127.0.0.1:{recorder.sockets[0].getsockname()[1]}"
        payloads = [text.replace("ORIGIN", origin) for text in HOSTILE]
        argument = {"payloads": payloads, "places": PLACES, "count": BATCH}
        found: set[str] = set()
        for seed in range(DOCUMENTS // BATCH):
            result = await run_module(page, ATTEMPTS, {**argument, "seed": 1 + seed})
            assert result["first"] == [[], [], None]
            found |= set(result["found"])
        assert found <= ALLOWED | MATHML
        assert len(found) > 30  # the payloads did reach what they aim at
    assert reached == []
    paths = {urlsplit(url).path for url in watched.requests}
    assert {path for path in paths if not path.startswith(("/api/", "/models", "/s/"))} == {"/"}
    assert not any("/preview/" in path for path in paths)
