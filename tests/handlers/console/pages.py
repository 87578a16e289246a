"""The pages of the console that a browser looks at, and the rules that each has to keep."""

from typing import Any, Final

from tests.handlers.console.console_server import ADMIN, REVIEWER

# Path below /admin/ -> who looks at it (console_server.py); whoever adds a page adds a row.
PAGES: Final[dict[str, Any]] = {
    "sign-in/": None,
    "state/": ADMIN,
    "queues/": ADMIN,
    "maintenance/": ADMIN,
    "no-such-page/": ADMIN,
    "addons/?q=garden": ADMIN,
    "addons/103/": ADMIN,
    "addons/102/objects/?to=people": ADMIN,
    "addons/105/history/": ADMIN,
    "reports/?target=user": ADMIN,
    "log/?kind=property-edited": ADMIN,
    "explain/?q=tabs&addon=104&type=dictionary": ADMIN,
    "reviews/": REVIEWER,
    "addons/204/versions/204000/": REVIEWER,
}

# What is wrong with the page, in words.
FAULTS: Final = r"""
const faults = [];
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const named = (element) => element.getAttribute("aria-label") || element.getAttribute("aria-labelledby");
const words = (element) => element.outerHTML.slice(0, 80);
if (document.documentElement.lang !== "en") faults.push("no language");
if (!document.title) faults.push("no title");
for (const [selector, count] of [["main", 1], ["h1", 1], ["header", 1], ["a.skip[href='#content']", 1]])
    if (all(selector).length !== count) faults.push(`${all(selector).length} ${selector}`);
let level = 0;
for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`a heading left out before ${words(heading)}`);
    level = own;
}
for (const field of all("input:not([type=hidden]), textarea, select"))
    if (![...field.labels].some((label) => label.innerText.trim()) && !field.getAttribute("aria-label"))
        faults.push(`no label: ${words(field)}`);
for (const element of all("button, a[href], summary"))
    if (!element.innerText.trim() && !named(element) && !all("img[alt]", element).some((i) => i.alt))
        faults.push(`no name: ${words(element)}`);
for (const image of all("img:not([alt]), svg:not([role=img]):not([aria-hidden])"))
    faults.push(`no text: ${words(image)}`);
for (const image of all("svg[role=img]"))
    if (!named(image)) faults.push(`no text: ${words(image)}`);
for (const table of all("table")) {
    if (!table.caption || !table.caption.textContent.trim()) faults.push(`no caption: ${words(table)}`);
    for (const cell of all("th", table)) if (!cell.scope) faults.push(`no scope: ${words(cell)}`);
    if (!all("th", table).length) faults.push(`no heads: ${words(table)}`);
}
for (const id of all("[aria-describedby], [aria-labelledby], [for]"))
    for (const name of ["aria-describedby", "aria-labelledby", "for"])
        for (const each of (id.getAttribute(name) || "").split(/\s+/).filter(Boolean))
            if (!document.getElementById(each)) faults.push(`no ${each}: ${words(id)}`);
const ids = all("[id]").map((element) => element.id);
if (new Set(ids).size !== ids.length) faults.push(`an id twice: ${ids}`);
for (const form of all("form[method=post]"))
    if (!form.elements.form_token && location.pathname !== "/admin/sign-in/")
        faults.push(`no token: ${words(form)}`);
if (all("script, style, [style], [onclick]").length) faults.push("script or style in the page");
const {scrollWidth, clientWidth} = document.documentElement;
if (scrollWidth > clientWidth) faults.push("wider than the window");

// Contrast of every text with what it lies on (WCAG 2.1, AA).
const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
const luminance = (colour) => {
    const [red, green, blue] = parts(colour).map((part) => part / 255)
        .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
        const colour = getComputedStyle(each).backgroundColor, opacity = parts(colour)[3];
        if (opacity === undefined || opacity === 1) return colour;
    }
    return "rgb(255, 255, 255)";
};
const poor = new Set();
for (const element of all("body *:not(desc)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = getComputedStyle(element), lies = ground(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    const [high, low] = [luminance(colour), luminance(lies)].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) < 4.5) poor.add(`${colour} on ${lies}: ${words(element)}`);
}
return [...faults, ...poor];
"""
