"""The step-through page in a real browser: slider, pointer, keys, paper; no message, no request to the network."""
import re
import shutil

import pytest

from tinyseq.tracing import tiny

pytestmark = pytest.mark.browser

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """Chromium: the system's, else playwright's own. Without one these tests fail: who selects them wants them run."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        pytest.fail("the browser tests need playwright: pip install -e '.[browser]'")
    installed = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as running:
        try:
            started = running.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        except Error as error:
            pytest.fail(f"the browser tests need a Chromium: install the system's package, or run `playwright install "
                        f"chromium` ({str(error).splitlines()[0]})")
        yield started
        started.close()


@pytest.fixture
def opened(browser, pages):
    """opened(name) -> the page; afterwards there was no message on the console and no request but for the file."""
    noted, made = [], []

    def open_page(name, **settings):
        page = browser.new_page(viewport={"width": 1300, "height": 900}, **settings)
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


def article(page, symbol):
    """The rows of a symbol as it is shown: "c2" of c_2."""
    return page.locator("article", has=page.locator("b", has_text=re.compile(f"^{symbol}$")))


def cell(page, symbol, place):
    return article(page, symbol).locator(f"td[tabindex][data-place='{place}']")


def go_to(page, label):
    """Press the right arrow until the step with this label is there."""
    page.locator("#next").focus()
    for _ in range(int(page.locator("#slider").get_attribute("max"))):
        if page.locator("#label").inner_text().endswith(label):
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"no step is called {label}")


def test_it_opens_with_the_cell_in_view_and_a_number_in_focus(opened):
    page = opened("char_lstm")
    assert page.locator("#label").inner_text() == "1 / 15 t = 1 forward"
    drawing = page.locator("svg[data-drawing=lstm]").bounding_box()
    assert drawing["y"] + drawing["height"] < 900
    assert tiny("char_lstm").entry("c_1", 0, 0) in page.locator("#focused").inner_text()
    assert page.locator("#detail .how").is_visible() and page.locator("#rows td.here").count() == 1


def test_the_slider_and_the_keys_go_through_all_steps(opened, name):
    page = opened(name)
    last = int(page.locator("#slider").get_attribute("max"))
    page.locator("#slider").fill("0")
    page.locator("#next").focus()
    seen = []
    for _ in range(last + 1):
        seen.append(page.locator("#label").inner_text())
        assert page.locator("#rows article").count() > 0 and page.locator("#focused .sum").inner_text()
        page.keyboard.press("ArrowRight")
    assert len(set(seen)) == last + 1 and seen[0].startswith("0 /") and seen[-1].startswith(f"{last} / {last}")
    page.locator("#slider").fill("1")
    assert page.locator("#label").inner_text().startswith("1 /") and page.locator("#announcement").inner_text()
    page.locator("#previous").click()
    assert page.locator("#label").inner_text().startswith("0 /")


def test_a_number_in_focus_shows_its_arithmetic_and_lights_what_it_is_made_of(opened):
    ledger, page = tiny("char_lstm"), opened("char_lstm")
    page.locator("#slider").fill("2")
    cell(page, "c2", 1).hover()
    assert ledger.entry("c_2", 0, 1) in page.locator("#focused").inner_text()
    assert page.locator("#rows td.in").count() == 3 and page.locator("#rows td.out").count() == 1   # f i g; h
    assert page.locator("svg[data-drawing=lstm] g.in").count() == 4                                 # and the old c
    assert page.locator("#map .dot.far-out").count() > 10                                           # on to the loss


def test_a_box_of_the_drawing_brings_its_number_into_focus(opened):
    ledger, page = tiny("char_lstm"), opened("char_lstm")
    page.locator("#slider").fill("2")
    cell(page, "c2", 6).focus()                            # sequence 1, unit 2
    page.locator("svg[data-drawing=lstm] g[data-symbol=f] rect").hover()
    assert ledger.entry("f_2", 1, 2) in page.locator("#focused").inner_text()
    page.locator("svg[data-drawing=lstm] g[data-symbol=h]").focus()
    assert ledger.entry("h_2", 1, 2) in page.locator("#focused").inner_text()


def test_sequence_and_unit_are_chosen_in_the_panel(opened):
    ledger, page = tiny("char_lstm"), opened("char_lstm")
    page.get_by_label("index of c_1 along B").select_option("1")
    page.get_by_label("index of c_1 along H").select_option("3")
    assert ledger.entry("c_1", 1, 3) in page.locator("#focused").inner_text()
    value = ledger.entry("f_1", 1, 3).rpartition(" = ")[2]
    assert page.locator("svg[data-drawing=lstm] g[data-symbol=f] .value").text_content() == value
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "index of c_1 along H"


def test_tab_walks_through_the_numbers_and_a_step_keeps_the_place(opened):
    page = opened("char_lstm")
    page.locator("#slider").fill("2")
    cell(page, "a2", 0).focus()
    page.keyboard.press("Tab")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.fullmatch(r"a_2\[0, 1\] is -?[\d.]+", label)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("a_3[0, 1]")
    assert tiny("char_lstm").entry("a_3", 0, 1) in page.locator("#focused").inner_text()


def test_in_the_backward_phase_a_gradient_shows_its_consumers_its_value_and_the_lines_by_hand(opened):
    page = opened("char_lstm")
    go_to(page, "t = 2 backward")
    cell(page, "dL/dc2", 1).hover()
    said, ledger = page.locator("#focused").inner_text(), tiny("char_lstm")
    assert ledger.entry("dL/dc_2", 0, 1) in said and "comes from" in said and "goes on to" in said
    assert page.locator("#focused .consumers tbody tr").count() == 2                   # c_3 and h_2
    assert "dc += dh o (1 - tanh^2 c)" in said and "lstm.py:" in said
    assert page.locator("#rows td[tabindex].in").count() == 1 and page.locator("#rows td[tabindex].out").count() == 3
    assert article(page, "dL/dc2").locator("table").count() == 2                       # the value beside it
    assert page.locator("svg[data-drawing=lstm] g[data-symbol=c] .slope").text_content().startswith("dL/d ")
    assert "(1 - tanh^2(c_t))" in page.locator("#texts").inner_text()                  # the docstring by hand


def test_an_equations_number_leads_to_its_line_in_the_docstring(opened):
    page = opened("char_lstm")
    article(page, "c1").locator("a.number").click()
    line = page.locator(".line:target")
    assert line.inner_text().strip().startswith("(4) c_t     = f * c_{t-1} + i * g") and line.is_visible()


def test_nothing_stands_beyond_the_edge_of_the_window(opened, name):
    page = opened(name)
    last = int(page.locator("#slider").get_attribute("max"))
    for width in (1300, 800, 400):
        page.set_viewport_size({"width": width, "height": 900})
        for step in (1, last - 1):
            page.locator("#slider").fill(str(step))
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, step)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened, scheme):
    page = opened("char_lstm", color_scheme=scheme)
    ratio = """([front, back]) => {
      const light = (name) => {
        const canvas = document.createElement("canvas").getContext("2d");
        canvas.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
        canvas.fillRect(0, 0, 1, 1);
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
          .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05;
      };
      const [a, b] = [light(front), light(back)];
      return Math.max(a, b) / Math.min(a, b);
    }"""
    for front in ("--ink", "--soft", "--blue", "--slope"):
        for back in ("--paper", "--tint", "--gate"):
            assert page.evaluate(ratio, [front, back]) >= 4.5, (front, back)


def test_on_paper_all_steps_and_equations_are_there(opened):
    page = opened("char_rnn")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    steps = int(page.locator("#slider").get_attribute("max")) + 1
    assert page.locator("#printed h2").count() == steps + 1 and page.locator("#printed pre").count() > 0
    assert page.locator("#printed").is_visible() and not page.locator("nav").is_visible()
