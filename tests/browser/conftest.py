"""Shared by the tests in a browser: a Chromium, the site below a sub-path, and a page that is watched."""

import re

import pytest
from playwright.sync_api import sync_playwright

from pipeline import browser, serve

PREFIX = "/small-models/"
# The theme's own two, on every page of jupyter-book 1; anything else fails.
KNOWN_NOISE = ("Identifier 'THEBE_JS_URL' has already been declared", "Got invalid theme mode", "favicon.ico")


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(site):
    with serve.running(site, prefix=PREFIX) as url:
        yield url


@pytest.fixture
def open_page(chromium, address):
    """Opens a page of the site; at the end no off-site request and no unknown complaint may have come up."""
    complaints, offsite, contexts = [], [], []

    def open_it(path, width=1280, theme="light", scripts=True, base=address):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=scripts
        )
        contexts.append(context)

        def police(route):
            if route.request.url.startswith(base):
                return route.continue_()
            if not route.request.url.endswith("/favicon.ico"):
                offsite.append(route.request.url)
            return route.abort()

        context.route(re.compile("^https?://"), police)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(base + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not offsite
    assert not [text for text in complaints if not any(known in text for known in (*KNOWN_NOISE, "ERR_FAILED"))]
