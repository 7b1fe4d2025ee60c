"""Files are attached by the button, pasted and dropped; they are sent with the message, and seen in the thread."""

import base64
from pathlib import Path
from typing import Any

from browsing import Tab, expect, site, tabs
from listening import Listening
from playwright.async_api import Browser, Route

from chatkit_stores.files import FileAttachmentStore

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
FILES = {"composer": {"attachments": {"enabled": True}}}


async def test_a_file_is_uploaded_removed_and_sent_with_the_message(browser: Browser, tmp_path: Path) -> None:
    server = Listening(FileAttachmentStore(tmp_path))
    async with tabs(browser, site(server, options=FILES)) as window:
        tab = await window.open()
        held: list[Route] = []
        await tab.page.route("**/chatkit/attachments/**", lambda route: held.append(route), times=1)
        await pick(tab, "dot.png")
        chips = tab.page.get_by_role("list", name="Files").get_by_role("listitem")
        await expect(chips.get_by_role("progressbar", name="Uploading: dot.png")).to_be_visible()
        await expect(chips.locator("img")).to_have_js_property("naturalWidth", 1)
        await tab.composer.fill("Look")
        await expect(tab.button("Send")).to_be_disabled()
        await held[0].continue_()
        await expect(tab.button("Send")).to_be_enabled()

        await tab.button("Remove: dot.png").click()
        await expect(chips).to_have_count(0)
        await pick(tab, "two.png")
        await expect(tab.button("Send")).to_be_enabled()
        await tab.composer.press("Enter")
        await expect(tab.replies).to_have_count(1)
        await expect(chips).to_have_count(0)
        [sent] = server.heard[0]["attachments"]
        assert (sent["name"], sent["mime_type"], server.texts) == ("two.png", "image/png", ["Look"])

        await tab.page.reload()
        picture = tab.page.locator(".items .user").get_by_role("img", name="two.png")
        await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_a_file_can_be_pasted_and_dropped(browser: Browser, tmp_path: Path) -> None:
    server = Listening(FileAttachmentStore(tmp_path / "store"))
    (tmp_path / "notes.txt").write_text("Notes")
    async with tabs(browser, site(server, options=FILES), permissions=["clipboard-read", "clipboard-write"]) as window:
        tab = await window.open()
        await tab.composer.focus()
        await tab.page.evaluate(
            """bytes => navigator.clipboard.write(
                [new ClipboardItem({ "image/png": new Blob([new Uint8Array(bytes)], { type: "image/png" }) })])""",
            list(PIXEL),
        )
        await tab.page.keyboard.press("ControlOrMeta+v")
        chips = tab.page.get_by_role("list", name="Files").get_by_role("listitem")
        await expect(chips.locator(".name")).to_have_text(["image.png"])

        mouse = await window.context.new_cdp_session(tab.page)
        carried = {"items": [], "files": [str(tmp_path / "notes.txt")], "dragOperationsMask": 1}
        for step in ("dragEnter", "dragOver"):
            await mouse.send("Input.dispatchDragEvent", {"type": step, "x": 600, "y": 200, "data": carried})
        await expect(tab.page.get_by_text("Drop files to attach them")).to_be_visible()
        for step in ("dragOver", "drop"):
            await mouse.send("Input.dispatchDragEvent", {"type": step, "x": 600, "y": 200, "data": carried})
        await expect(tab.page.get_by_text("Drop files to attach them")).to_be_hidden()
        await expect(chips.locator(".name")).to_have_text(["image.png", "notes.txt"])
        await tab.button("Send").click()
        await expect(tab.replies).to_have_count(1)
        assert [file["name"] for file in server.heard[0]["attachments"]] == ["image.png", "notes.txt"]


async def test_a_file_that_is_not_taken_is_named_and_not_uploaded(browser: Browser, tmp_path: Path) -> None:
    attachments = {"enabled": True, "accept": {"image/*": [".png"]}, "maxSize": len(PIXEL)}
    files = FileAttachmentStore[Any](tmp_path, max_bytes=10)
    async with tabs(browser, site(Listening(files), options={"composer": {"attachments": attachments}})) as window:
        tab = await window.open()
        alert = tab.page.locator(".composer").get_by_role("alert")
        await pick(tab, "notes.txt", "text/plain")
        await expect(alert).to_have_text("Files of this type are not accepted: notes.txt")
        await pick(tab, "large.png", content=PIXEL + b"!")
        await expect(alert).to_have_text("This file is too large: large.png")
        await expect(tab.page.get_by_role("list", name="Files")).to_have_count(0)

        await pick(tab, "dot.png")  # which the server refuses
        await expect(alert).to_have_text("This file is too large")
        await expect(tab.button("Send")).to_be_disabled()
        assert [line for line in tab.wrong if "413" not in line] == []
        tab.wrong.clear()


async def test_files_of_a_new_chat_wait_for_it_and_once_sent_do_not_come_back(browser: Browser, tmp_path: Path) -> None:
    server = Listening(FileAttachmentStore(tmp_path))
    async with tabs(browser, site(server, options=FILES)) as window:
        tab = await window.open()
        chips = tab.page.get_by_role("list", name="Files").get_by_role("listitem")
        new_chat = tab.page.locator(".head").get_by_role("button", name="New chat")
        await tab.say("Hello")
        await expect(tab.replies).to_have_count(1)
        await new_chat.click()
        await pick(tab, "dot.png")
        await expect(chips).to_have_count(1)
        await tab.page.go_back()
        await expect(chips).to_have_count(0)
        await new_chat.click()
        await expect(chips).to_have_count(1)
        await tab.say("Look")
        await expect(tab.replies).to_have_count(1)
        await new_chat.click()
        await expect(tab.replies).to_have_count(0)
        await expect(chips).to_have_count(0)


async def pick(tab: Tab, name: str, mime_type: str = "image/png", *, content: bytes = PIXEL) -> None:
    """Choose a file by the button."""
    async with tab.page.expect_file_chooser() as choosing:
        await tab.button("Attach files").click()
    await (await choosing.value).set_files({"name": name, "mimeType": mime_type, "buffer": content})
