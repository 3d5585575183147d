// Runs in the page and checks its accessibility. Returns a list of faults, which is empty if there are none.

const faults = [];
const pixel = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  .getContext('2d', { willReadFrequently: true });

/** Returns red, green, blue and opacity of a CSS colour, all from 0 to 1. */
function parseColour(colour) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data].map(part => part / 255);
}

/** Returns the colour of a partly transparent layer above an opaque one. */
function blend(upper, lower) {
  return [0, 1, 2].map(part => upper[part] * upper[3] + lower[part] * (1 - upper[3])).concat(1);
}

/** Returns the colour behind an element. */
function findBackground(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement)
    layers.push(parseColour(getComputedStyle(at).backgroundColor));
  return layers.reverse().reduce((lower, upper) => blend(upper, lower), [1, 1, 1, 1]);
}

/** Returns the relative luminance, as WCAG defines it. */
function computeLuminance(colour) {
  const [red, green, blue] = colour.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Returns the contrast ratio, as WCAG defines it. */
function computeContrast(one, other) {
  const [dark, bright] = [computeLuminance(one), computeLuminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Adds a fault if the contrast is too low. */
function check(what, element, ratio, least) {
  if (ratio < least)
    faults.push(`${what} ${ratio.toFixed(2)} of ${least}: ${element.outerHTML.slice(0, 120)}`);
}

// Checks only the first lines of the exposition, because it contains about a thousand similar lines.
const beginning = new Set([...document.querySelector('#exposition').children].slice(0, 20));
const isChecked = line => line === null || beginning.has(line);
const isVisible = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  && !element.closest('.unseen') && isChecked(element.closest('#exposition div'));

let texts = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !isVisible(element) || element.tagName === 'OPTION')
    continue;
  texts++;
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const behind = findBackground(element);
  check('text', element, computeContrast(blend(parseColour(style.color), behind), behind), large ? 3 : 4.5);
}

if (texts === 0)
  faults.push('no text');
for (const mark of document.querySelectorAll('.bar i, .legend i')) {
  if (isVisible(mark))
    check('mark', mark, computeContrast(findBackground(mark), findBackground(mark.parentElement)), 3);
}

const line = document.querySelector('#history .line');
if (line && isVisible(line)) {
  const stroke = parseColour(getComputedStyle(line).stroke);
  check('line', line, computeContrast(stroke, findBackground(line.closest('.panel'))), 3);
}

for (const control of document.querySelectorAll('button:not(.source), select, fieldset span')) {
  const border = parseColour(getComputedStyle(control).borderTopColor);
  if (isVisible(control))
    check('border', control, computeContrast(border, findBackground(control.parentElement)), 3);
}

for (const image of document.querySelectorAll('img:not([alt]), svg:not([role=img][aria-labelledby], [aria-hidden])'))
  faults.push(`image without text: ${image.outerHTML.slice(0, 120)}`);
const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
for (const id of ids.filter((id, index) => ids.indexOf(id) !== index))
  faults.push(`id twice: ${id}`);
for (const attribute of ['aria-labelledby', 'aria-controls']) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    for (const id of element.getAttribute(attribute).split(' ').filter(id => !document.getElementById(id)))
      faults.push(`${attribute} refers to a missing element: ${id}`);
  }
}

const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter(isVisible);
const levels = headings.map(heading => Number(heading.tagName[1]));
const skips = levels.some((level, index) => level > (levels[index - 1] ?? 0) + 1);
if (skips || levels.filter(level => level === 1).length !== 1)
  faults.push(`headings: ${levels}`);
if (document.querySelectorAll('main').length !== 1 || document.querySelectorAll('body > header').length !== 1)
  faults.push('landmarks');
return faults;
