#!/usr/bin/env python3
"""Opens pages of `bench report` in headless Chromium and uses them as readers do.

    report_page.py FOLDER [--require] [--screenshots DIR]

FOLDER holds the pages that the tests of bench-reports leave in target/tmp/page (`make test-page` does both). Without
Chromium the tests are skipped and say so; with --require that is a failure. --screenshots keeps pictures of every part at
both widths, light and dark.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

import webdriver

PARTS = ["summary", "tables", "figures", "curves", "runs", "pair", "provenance"]
arguments = None


class Page(unittest.TestCase):
    """A page in a browser, alone in its folder: it can be sent by itself."""

    name = "twelve"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="page-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = pathlib.Path(cls.folder.name) / "sent.html"
        shutil.copy(arguments.folder / f"{cls.name}.html", cls.path)
        cls.browser = webdriver.Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.resize(1280, 900, "light")
        self.browser.open(self.path.as_uri())

    def tearDown(self):
        # Nothing to complain of: no error, no refused script, no missing file.
        self.assertEqual([entry["message"] for entry in self.browser.log()], [])

    def js(self, script, *given):
        return self.browser.run(script, *given)

    def column(self, table, number):
        """What the rows of a table that are shown say in a column, in order."""
        return self.js(
            "return [...document.querySelectorAll(arguments[0] + ' tbody tr')].filter(row => !row.hidden)"
            ".map(row => row.cells[arguments[1]].textContent.trim())", table, number)

    def headings(self, table):
        """The heading of each column, in one line with what it shares with its neighbours; marks each with its column."""
        return self.js("""
            const [upper, lower] = [...document.querySelectorAll(arguments[0] + ' thead tr')].map(row => [...row.cells]);
            const columns = upper.flatMap(cell => cell.colSpan > 1 ? lower.splice(0, cell.colSpan) : [cell]);
            columns.forEach((heading, number) => { heading.dataset.column = number });
            return columns.map(heading => heading.dataset.line ?? heading.textContent.trim())""", table)

    def heading(self, table, start):
        """Number and selector of the first column whose heading begins so."""
        number = next(number for number, heading in enumerate(self.headings(table)) if heading.startswith(start))
        return number, f"{table} thead th[data-column='{number}']"

    def value(self, selector, value):
        """Sets a control as a reader does."""
        self.js("const control = document.querySelector(arguments[0]); control.value = arguments[1];"
                "for (const kind of ['input', 'change']) control.dispatchEvent(new Event(kind, { bubbles: true }))", selector, value)


class Tables(Page):
    def test_a_click_sorts_and_a_third_one_restores(self):
        table = "#comparison table"
        column, heading = self.heading(table, "FID")
        before = self.column(table, column)
        for order in ("ascending", "descending"):
            self.browser.click(f"{heading} button")
            shown = self.column(table, column)
            numbers = [float(value) for value in shown if value != "–"]
            self.assertEqual(numbers, sorted(numbers, reverse=order == "descending"))
            self.assertEqual(shown[-1], "–", "what is missing stays last")
            self.assertEqual(self.js("return document.querySelector(arguments[0]).ariaSort", heading), order)
        self.browser.click(f"{heading} button")
        self.assertEqual(self.column(table, column), before)
        self.assertIsNone(self.js("return document.querySelector(arguments[0]).ariaSort", heading))

    def test_where_higher_is_better_the_best_come_first(self):
        table = "#comparison table"
        self.browser.click(f"{self.heading(table, 'IS')[1]} button")
        self.assertEqual(self.js("return document.querySelector(arguments[0] + ' [aria-sort]').ariaSort", table), "descending")

    def test_neighbours_share_a_heading(self):
        table = "#comparison table"
        shared = self.js("return [...document.querySelectorAll(arguments[0] + ' th[scope=colgroup]')].map(th => [th.textContent, th.colSpan])", table)
        self.assertTrue(shared)
        headings = self.headings(table)
        for group, columns in shared:
            name = group.rstrip(" ↑↓")
            self.assertEqual(sum(line.startswith(name) for line in headings), columns, headings)
        self.assertEqual(len(headings), len(self.js("return [...document.querySelector(arguments[0] + ' tbody tr').cells].map(() => 0)", table)))

    def test_keys_sort(self):
        self.js("document.querySelector('#comparison thead button').focus()")
        self.browser.press("Enter")
        names = self.column("#comparison table", 0)
        self.assertLess(names.index("acgan"), names.index("dcgan"))
        self.assertEqual(self.js("return document.querySelector('#comparison [aria-sort]').ariaSort"), "ascending")

    def test_rows_that_hold_all_words_are_shown(self):
        self.browser.type("#comparison .filter input", "DCGAN cifar10")
        names = self.column("#comparison table", 0)
        self.assertEqual(set(names), {"dcgan"})
        self.assertEqual(self.js("return document.querySelector('#comparison .filter output').value"), f"{len(names)} of 12 rows")
        self.value("#comparison .filter input", "no such run")
        self.assertEqual(self.column("#comparison table", 0), [])
        self.value("#comparison .filter input", "")
        self.assertEqual(len(self.column("#comparison table", 0)), 12)

    def test_files_are_inside_the_page(self):
        text = self.js("return atob(document.querySelector('a[download=\"comparison.csv\"]').href.split('base64,')[1])")
        self.assertTrue(text.startswith("suite,name,variant,"), text[:80])
        self.assertEqual(len(text.splitlines()), 13)


class Figures(Page):
    def test_they_open_grow_and_close_by_keys(self):
        self.js("document.querySelector('a.zoom').focus()")
        self.browser.press("Enter")
        self.assertTrue(self.js("return document.getElementById('zoom').open"))
        time.sleep(0.3)
        width = lambda: self.js("return document.querySelector('#zoom img').getBoundingClientRect().width")
        caption = lambda: self.js("return document.getElementById('zoom-caption').textContent")
        before, first = width(), caption()
        self.browser.press("+")
        self.assertGreater(width(), before * 1.4)
        self.browser.press("PageDown")
        self.assertNotEqual(caption(), first)
        self.browser.press("Escape")
        self.assertFalse(self.js("return document.getElementById('zoom').open"))
        self.assertTrue(self.js("return document.activeElement.matches('a.zoom')"), "the focus is where the reader was")

    def test_all_images_are_there_and_described(self):
        self.js("for (const image of document.images) image.loading = 'eager'")
        time.sleep(0.5)
        broken = self.js("return [...document.images].filter(image => image.src && !(image.complete && image.naturalWidth)).map(i => i.alt)")
        self.assertEqual(broken, [])
        self.assertTrue(self.js("return [...document.querySelectorAll('main img')].every(image => image.alt.length > 20)"))

    def test_svg_files_are_inside_the_page(self):
        links = self.js("return [...document.querySelectorAll('.drawn .downloads a')].filter(a => a.textContent === 'SVG').map(a => a.href.slice(0, 18))")
        self.assertGreater(len(links), 3)
        self.assertEqual(set(links), {"data:image/svg+xml"})


class Curves(Page):
    def lines(self):
        return self.js("return document.querySelectorAll('.curves path.series:not(.raw)').length")

    def first_line(self):
        return self.js("return document.querySelector('.curves path.series:not(.raw)').getAttribute('d')")

    def choose(self, title):
        option = self.js("return [...document.querySelector('#curve-measure').options].findIndex(o => o.text === arguments[0])", title)
        self.assertGreaterEqual(option, 0, title)
        self.value("#curve-measure", str(option))

    def test_chosen_runs_are_drawn(self):
        self.assertEqual(self.lines(), 5)
        self.browser.click("#curve-none")
        self.assertEqual(self.lines(), 0)
        self.browser.type("#curve-find", "acgan")
        self.browser.click("#curve-all")
        self.assertEqual(self.lines(), 2)
        self.assertEqual(self.js("return document.querySelector('#curve-count').value"), "2 of 12 shown")
        self.assertEqual(self.js("return document.querySelectorAll('#curve-table tbody tr').length"), 2)

    def test_measure_axis_and_scale_change_the_chart(self):
        title = lambda: self.js("return document.querySelector('.curves .title').textContent")
        self.assertEqual(title(), "FID ↓")
        linear = self.first_line()
        self.value("#curve-scale", "log")
        self.assertNotEqual(self.first_line(), linear)
        self.value("#curve-axis", "images")
        self.assertIn("real images seen", self.js("return document.querySelector('.curves').textContent"))
        self.choose("Generator loss")
        self.assertEqual(title(), "Generator loss")

    def test_smoothing_makes_lines_smooth(self):
        self.choose("Generator loss")
        roughness = lambda: self.js(
            "const ys = document.querySelector('.curves path.series:not(.raw)').getAttribute('d').split(/[ML]/).slice(1).map(p => +p.split(' ')[1]);"
            "return ys.slice(1).reduce((sum, y, i) => sum + Math.abs(y - ys[i]), 0)")
        before = roughness()
        self.value("#curve-smoothing", "0.9")
        self.assertLess(roughness(), before / 3)
        self.assertIn("Smoothed", self.js("return document.querySelector('#curve-note').textContent"))
        self.assertGreater(self.js("return document.querySelectorAll('.curves path.raw').length"), 0)

    def test_keys_read_it_and_a_drag_shows_a_stretch(self):
        self.js("document.querySelector('.curves').focus()")
        self.browser.press("Right", "Right", "Right")
        said = self.js("return document.querySelector('.readout').value")
        self.assertRegex(said, r"seed 0.*: [\d.]+ at 500 generator steps")
        whole = self.first_line()
        self.browser.drag(".curves", (-100, 0), (150, 20))
        self.assertNotEqual(self.first_line(), whole)
        self.js("document.querySelector('.curves').focus()")
        self.browser.press("Escape")
        self.assertEqual(self.first_line(), whole)

    def test_the_chart_can_be_taken_along(self):
        self.js("window.saved = []; HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href.slice(0, 5)]); }")
        for kind in ("svg", "csv", "png"):
            self.browser.click(f"#curve-{kind}")
        for _ in range(50):
            if len(self.js("return saved")) == 3:
                break
            time.sleep(0.1)
        names = ["curves-fid.svg", "curves-fid.csv", "curves-fid.png"]
        self.assertEqual(self.js("return saved"), [[name, "blob:"] for name in names])


class TwoRuns(Page):
    def rows(self, title):
        return self.js(
            "const table = [...document.querySelectorAll('#pair-result table')].find(t => t.caption.textContent === arguments[0]);"
            "return table ? [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent)) : []", title)

    def place(self, label):
        return self.js("return [...document.querySelector('#pair-a').options].find(o => o.text.includes(arguments[0])).value", label)

    def test_differing_settings_stand_beside_each_other(self):
        self.value("#pair-a", self.place("batch_size 64"))
        self.value("#pair-b", self.place("batch_size 128"))
        self.assertEqual(self.rows("Settings"), [["recipe.batch_size", "64", "128"]])
        fid = next(row for row in self.rows("Scores") if row[0] == "FID ↓, last")
        self.assertEqual(fid[1:], ["38.00", "52.00", "−14.00"])
        self.browser.click("#pair-swap")
        self.assertEqual(self.rows("Settings"), [["recipe.batch_size", "128", "64"]])
        self.browser.click("#pair-all")
        self.assertGreater(len(self.rows("Settings")), 5)
        self.assertTrue(any(row[0].startswith("Program (SHA") for row in self.rows("Facts")))

    def test_a_hostile_name_is_shown_as_text(self):
        self.value("#pair-b", self.place("</script>"))
        self.assertIn('</script><script>alert(1)</script> "quoted"', self.js("return document.querySelector('#pair-result').textContent"))
        self.assertEqual(self.js("return document.querySelectorAll('main script, main b').length"), 0)


class Reading(Page):
    def test_the_choice_of_colours_goes_before_the_system(self):
        paper = lambda: self.js("return getComputedStyle(document.body).backgroundColor")
        light = paper()
        self.browser.resize(1280, 900, "dark")
        dark = paper()
        self.assertNotEqual(dark, light)
        self.value("#theme", "light")
        self.assertEqual(paper(), light)
        self.value("#theme", "")
        self.assertEqual(paper(), dark)

    def test_nothing_is_wider_than_a_phone(self):
        self.browser.resize(390, 844, "light")
        self.browser.open(self.path.as_uri())
        self.assertEqual(self.js("return document.documentElement.scrollWidth"), 390)
        wide = self.js("const best = document.querySelector('#summary .scroll'); return best.scrollWidth - best.clientWidth")
        self.assertLessEqual(wide, 0, "the summary scrolls")

    def test_tab_leads_first_to_the_summary_and_the_focus_is_seen(self):
        self.browser.press("Tab")
        self.assertEqual(self.js("return document.activeElement.textContent"), "Skip to the summary")
        self.assertEqual(self.js("return getComputedStyle(document.activeElement).outlineStyle"), "solid")

    def test_every_control_has_a_name(self):
        nameless = self.js(
            "return [...document.querySelectorAll('main button, main select, main input, nav select, summary')].filter(control =>"
            " !control.textContent.trim() && !control.ariaLabel && !control.labels?.[0]?.textContent.trim()).map(c => c.outerHTML)")
        self.assertEqual(nameless, [])

    def test_without_a_script_all_but_the_tools_is_there(self):
        self.browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        self.addCleanup(self.browser.devtools, "Emulation.setScriptExecutionDisabled", value=False)
        self.browser.open(self.path.as_uri())
        document = self.browser.devtools("DOM.getDocument", depth=1)["root"]["nodeId"]
        for part in PARTS:
            node = self.browser.devtools("DOM.querySelector", nodeId=document, selector=f"#{part}:not([hidden])")["nodeId"]
            self.assertEqual(node == 0, part in ("curves", "pair"), part)

    def test_it_prints_without_its_tools(self):
        self.browser.devtools("Emulation.setEmulatedMedia", media="print")
        shown = lambda selector: self.js("return document.querySelector(arguments[0]).checkVisibility()", selector)
        self.assertTrue(shown("#comparison table"))
        self.assertFalse(shown("nav") or shown("#curves") or shown("#comparison .filter"))


class ManyRuns(Page):
    name = "many"

    def test_two_hundred_runs_open(self):
        # How long that takes is said and not judged: it depends on what else the machine does.
        timing = "return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
        times = []
        for _ in range(3):
            self.browser.open(self.path.as_uri())
            times.append(self.js(timing))
            self.assertEqual(self.js("return document.querySelectorAll('.card').length"), 200)
        size = self.path.stat().st_size / 1e6
        print(f"\n200 runs, {size:.1f} MB: open after {', '.join(f'{t:.2f}' for t in times)} s", file=sys.stderr)

    def test_all_of_them_can_be_drawn(self):
        self.browser.click("#curve-all")
        self.assertEqual(self.js("return document.querySelectorAll('.curves path.series').length"), 200)


class Bare(Page):
    name = "one"

    def test_a_run_without_histories_has_neither_curves_nor_a_pair(self):
        self.assertEqual(self.js("return ['curves', 'pair'].map(id => document.getElementById(id))"), [None, None])


class Screenshots(Page):
    def test_take(self):
        if not arguments.screenshots:
            self.skipTest("no --screenshots DIR")
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
        for width, height in ((1280, 900), (390, 844)):
            for scheme in ("light", "dark"):
                self.browser.resize(width, height, scheme)
                self.browser.open(self.path.as_uri())
                for part in PARTS:
                    self.js("document.documentElement.style.scrollBehavior = 'auto'; document.getElementById(arguments[0]).scrollIntoView()", part)
                    time.sleep(0.2)
                    self.browser.screenshot(arguments.screenshots / f"{width}-{scheme}-{part}.png")


def main():
    global arguments
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--require", action="store_true")
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    reason = webdriver.missing()
    if reason:
        print(f"{'FAILED' if arguments.require else 'skipped'}: {reason}", file=sys.stderr)
        return 1 if arguments.require else 0
    for page in ("twelve", "many", "one"):
        if not (arguments.folder / f"{page}.html").is_file():
            print(f"FAILED: no {page}.html in {arguments.folder} (run `make test-page`)", file=sys.stderr)
            return 1
    result = unittest.main(argv=[sys.argv[0]], verbosity=2, exit=False).result
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
