"""What a person does with files: chooses, drops and pastes them."""

from __future__ import annotations

import base64

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.steps import composer

_TRANSFER = """
  const data = new DataTransfer()
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
    data.items.add(new File([bytes], name, { type }))
  }
"""


def file(name: str, content: bytes | str, kind: str = "text/plain") -> FilePayload:
    """A file to attach."""
    return {
        "name": name,
        "mimeType": kind,
        "buffer": content.encode() if isinstance(content, str) else content,
    }


def chip(page: Page, name: str) -> Locator:
    """A file of the message that is being written."""
    return page.locator("file-chip").filter(has=page.get_by_text(name, exact=True))


async def attach(page: Page, *files: FilePayload) -> None:
    """Choose files, and wait until they are on the server."""
    await page.locator(".files-input").set_input_files(list(files))
    await all_there(page)


async def all_there(page: Page) -> None:
    """Wait until no file is on its way."""
    await expect(page.locator("file-chip").first).to_be_visible()
    await expect(page.locator("file-chip:not([data-step=there])")).to_have_count(0)


async def drag(page: Page, event: str, *files: FilePayload) -> None:
    """Drag files over the messages, or drop them there."""
    await expect(composer(page)).to_be_visible()
    await page.evaluate(
        f"""([event, files]) => {{{_TRANSFER}
          const options = {{ bubbles: true, cancelable: true, dataTransfer: data }}
          document.querySelector("chat-thread").dispatchEvent(new DragEvent(event, options))
        }}""",
        [event, _coded(files)],
    )


async def paste(page: Page, text: str = "", *files: FilePayload, html: str = "") -> None:
    """Paste into what is being written; what the page leaves to the browser is typed."""
    left = await composer(page).evaluate(
        f"""(box, [text, html, files]) => {{{_TRANSFER}
          if (text) data.setData("text/plain", text)
          if (html) data.setData("text/html", html)
          const options = {{ bubbles: true, cancelable: true, clipboardData: data }}
          return box.dispatchEvent(new ClipboardEvent("paste", options))
        }}""",
        [text, html, _coded(files)],
    )
    if left:
        await page.keyboard.insert_text(text)


def _coded(files: tuple[FilePayload, ...]) -> list[tuple[str, str, str]]:
    return [
        (one["name"], one["mimeType"], base64.b64encode(one["buffer"]).decode()) for one in files
    ]
