"""The step-through page: what is in the file, and in a real browser how it behaves."""
import json
import re
import shutil

import numpy as np
import pytest

from tinyseq.tracing import tiny

NAMES = ["char_rnn", "char_lstm", "char_gru", "mini_gpt", "g2p_seq2seq", "attention_cnn"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        tiny(name).html(folder / f"{name}.html")
    return folder


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_file_holds_all_it_needs(pages, name):
    page = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert "{{" not in page
    assert not re.search(r"(src|href)=\"(?!#)|https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)", page)
    assert 'lang="en"' in page and "aria-live" in page and page.count("<svg data-drawing") == 4


@pytest.mark.parametrize("name", NAMES)
def test_every_row_stands_in_a_step_forward_and_its_gradient_in_one_back(pages, name):
    data, ledger = data_of((pages / f"{name}.html").read_text(encoding="utf-8")), tiny(name)
    shown = [i for step in data["steps"] for i in step["rows"]]
    assert sorted(shown) == list(range(len(data["nodes"])))
    phases = [step["phase"] for step in data["steps"]]
    assert phases == ["given", *["forward"] * phases.count("forward"), *["backward"] * phases.count("backward")]
    symbols = [node["symbol"] for node in data["nodes"] if node["number"] and node["of"] is None]
    assert symbols == [row.symbol for row in ledger.forward]
    for node in data["nodes"]:
        assert len(node["value"]) + node["more"] == np.prod(node["shape"], dtype=int)
        assert not node["number"] or len(node["text"]) == len(node["value"])
    assert max(len(step["rows"]) for step in data["steps"]) < 60


def test_a_step_of_a_cell_and_one_of_an_attention_have_their_drawing(pages):
    drawn = {name: {d for step in data_of((pages / f"{name}.html").read_text(encoding="utf-8"))["steps"]
                    for d in step["drawings"]} for name in NAMES}
    assert drawn == {"char_rnn": {"rnn"}, "char_lstm": {"lstm"}, "char_gru": {"gru"}, "mini_gpt": {"attention"},
                     "g2p_seq2seq": {"lstm", "attention"}, "attention_cnn": {"attention"}}


# In a browser -----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def browser():
    from playwright import sync_api as playwright  # pip install -e '.[browser]'

    installed = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, pages):
    """opened(name) -> the page; afterwards there was no message on the console and no request but for the file."""
    noted, made = [], []

    def open_page(name):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        made.append(page)
        page.on("console", lambda message: noted.append(message.text))
        page.on("pageerror", lambda error: noted.append(str(error)))
        page.on("request", lambda request: noted.append(request.url) if "pages" not in request.url else None)
        page.goto((pages / f"{name}.html").as_uri())
        return page
    yield open_page
    for page in made:
        page.close()
    assert noted == []


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_the_slider_and_the_keys_go_through_all_steps(opened, name):
    page = opened(name)
    steps = int(page.locator("#slider").get_attribute("max")) + 1
    seen = []
    for _ in range(steps):
        seen.append(page.locator("#label").inner_text())
        assert page.locator("#rows article").count() > 0
        page.keyboard.press("ArrowRight")
    assert len(set(seen)) > 1 and seen[0].startswith("1 /") and seen[-1].startswith(f"{steps} / {steps}")
    page.locator("#slider").fill("1")
    assert page.locator("#label").inner_text().startswith("2 /") and page.locator("#announcement").inner_text()
    page.locator("#previous").click()
    assert page.locator("#label").inner_text().startswith("1 /")


@pytest.mark.browser
def test_a_number_in_focus_shows_its_arithmetic_and_lights_what_it_is_made_of(opened):
    ledger, page = tiny("char_lstm"), opened("char_lstm")
    page.locator("#slider").fill("2")
    node = page.locator("article", has=page.locator("b", has_text=re.compile("^c2$")))
    node.locator("td").nth(1).hover()
    assert ledger.entry("c_2", 0, 1) in page.locator("#focused").inner_text()
    assert page.locator("#rows td.in").count() == 3 and page.locator("#rows td.out").count() == 1   # f i g; h
    assert page.locator("svg[data-drawing=lstm] g.in").count() == 4                                 # and the old c
    assert page.locator("#map .dot.far-out").count() > 10                                           # on to the loss


@pytest.mark.browser
def test_tab_walks_through_the_numbers_and_a_step_keeps_the_place(opened):
    page = opened("char_lstm")
    page.locator("#slider").fill("2")
    page.locator("#next").focus()
    for _ in range(2):                                     # past the card of the number, into the first matrix
        page.keyboard.press("Tab")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.fullmatch(r"a_2\[0, [01]\] is -?[\d.]+", label)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("a_3[0, ")
    assert "a" in page.locator("#focused").inner_text()


@pytest.mark.browser
def test_in_the_backward_phase_a_gradient_lights_what_it_comes_from(opened):
    page = opened("char_lstm")
    last = int(page.locator("#slider").get_attribute("max"))
    page.locator("#slider").fill(str(last - 2))            # t = 2
    assert "backward: t = 2" in page.locator("#label").inner_text()
    node = page.locator("article", has=page.locator("b", has_text=re.compile("^dL/dc2$")))
    node.locator("td").nth(1).hover()
    said = page.locator("#focused").inner_text()
    assert tiny("char_lstm").entry("dL/dc_2", 0, 1) in said and "comes from" in said and "goes on to" in said
    assert page.locator("#rows td.in").count() == 1 and page.locator("#rows td.out").count() == 3


@pytest.mark.browser
def test_on_paper_all_steps_are_there(opened):
    page = opened("char_rnn")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#printed h2").count() == int(page.locator("#slider").get_attribute("max")) + 1
    assert page.locator("#printed").is_visible() and not page.locator("nav").is_visible()
