// What is wrong on the page as it is shown now: an array of sentences. browser.py runs it in each page.
(function () {
  const wrong = [];
  const shown = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const name = (one) => `<${one.tagName.toLowerCase()}> "${(one.textContent || "").trim().slice(0, 40)}"`;

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width)
    wrong.push(`it scrolls sideways: ${document.documentElement.scrollWidth} pixels in ${width}`);

  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
  if (headings.filter((one) => one.tagName === "H1").length !== 1) wrong.push("it has not exactly one <h1>");
  let level = 0;
  for (const one of headings) {
    const next = Number(one.tagName[1]);
    if (next > level + 1) wrong.push(`${name(one)} comes behind <h${level}>`);
    level = next;
  }

  for (const one of document.querySelectorAll("img"))
    if (!one.hasAttribute("alt")) wrong.push(`the image ${one.getAttribute("src")} has no text`);
  for (const one of document.images)
    if (one.complete && one.naturalWidth === 0) wrong.push(`the image ${one.getAttribute("src")} is not shown`);
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (one.matches(".sidebar-toggle, #__navigation, #__toc")) continue; // furo's state, never shown
    if (!one.labels.length && !one.getAttribute("aria-label") && !one.title && !one.placeholder)
      wrong.push(`${name(one)} ${one.name} has no label`);
  }
  for (const one of document.querySelectorAll("a[href], button")) {
    const words = one.textContent.trim() || one.getAttribute("aria-label") || one.title || one.querySelector("img[alt]");
    if (!words && shown(one)) wrong.push(`a link or button without words: ${one.outerHTML.slice(0, 80)}`);
  }

  // Contrast (WCAG 2.1, 1.4.3): 4.5 to 1, and 3 to 1 for large text.
  const numbers = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const over = (above, below) => {
    const alpha = above.length > 3 ? above[3] : 1;
    return [0, 1, 2].map((i) => above[i] * alpha + below[i] * (1 - alpha));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => {
      const one = part / 255;
      return one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (one) => {
    const layers = [];
    for (let each = one; each; each = each.parentElement) {
      const color = numbers(getComputedStyle(each).backgroundColor);
      if (color.length > 3 && color[3] === 0) continue;
      layers.push(color);
      if (color.length === 3 || color[3] === 1) break;
    }
    return layers.reverse().reduce((below, above) => over(above, below), [255, 255, 255]);
  };
  // Elements with the same tags, classes and styles up to the root look alike: the first one that is shown is looked at.
  const kinds = new Map();
  const kind = (one) => {
    if (!one) return "";
    if (!kinds.has(one))
      kinds.set(one, `${kind(one.parentElement)} ${one.tagName}.${one.className} ${one.getAttribute("style") || ""}`);
    return kinds.get(one);
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (seen.has(kind(one))) continue;
    if (!walker.currentNode.textContent.trim() || !shown(one) || one.closest("svg, script, style, .visually-hidden")) continue;
    seen.add(kind(one));
    const style = getComputedStyle(one);
    const below = background(one);
    const text = over(numbers(style.color), below);
    const [light, dark] = [luminance(text), luminance(below)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio >= least) continue;
    const colors = `${style.color} on ${below.map(Math.round)}`;
    wrong.push(`the contrast of ${name(one)} is ${ratio.toFixed(2)} (${colors}), less than ${least}`);
  }
  return wrong;
})()
