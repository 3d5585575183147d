// Shows the unchanged exposition with colours. Can show a single family, and highlights changed values.

import { find, format, formatPlural, make, setText } from './view.js';

const maxLines = 2000; // The maximum number of lines shown. The copy contains all lines.
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
let lines = [];
let names = '';
let values = new Map();

const getWantedLines = () => lines.filter(line => !find('family').value || line.family === find('family').value);

export function showExposition(parsed, response) {
  lines = parsed.lines;
  showNames([...parsed.families.keys()]);
  setText(
    find('scrape'),
    `${clock.format(response.time)} · ${response.milliseconds} ms · ${formatSize(response.bytes)} · ` +
    `${formatPlural(lines.length, 'line')} · ${response.type}`);
  draw();
  values = new Map(lines.filter(line => line.series).map(line => [line.series, line.value]));
}

/** Formats a size in decimal units, as usual for network traffic. */
function formatSize(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${format(Math.round(bytes / 100) / 10)} kB`;
}

function showNames(now) {
  if (names === now.join('\n'))
    return;
  names = now.join('\n');
  const select = find('family');
  const selected = select.value;
  const options = now.map(name => Object.assign(make('option', '', name), { value: name }));
  select.replaceChildren(select.options[0], ...options);
  select.value = now.includes(selected) ? selected : '';
}

/** Changes only lines whose text has changed, to keep the selection and the scroll position. */
function draw() {
  const place = find('exposition');
  const shown = getWantedLines();
  const visible = shown.slice(0, maxLines);
  while (place.children.length > visible.length)
    place.lastChild.remove();
  visible.forEach((line, index) => {
    const row = place.children[index] ?? place.appendChild(make('div'));
    if (row.textContent === line.text)
      return;
    row.classList.toggle('first', line.text.startsWith('# HELP '));
    const changed = values.has(line.series) && values.get(line.series) !== line.value;
    row.replaceChildren(...line.tokens.map(token => {
      const part = make('span', token.kind, token.text);
      part.classList.toggle('changed', changed && token.kind === 'value');
      return part;
    }));
  });
  find('rest').hidden = shown.length <= maxLines;
  setText(
    find('rest'), `and ${formatPlural(shown.length - maxLines, 'more line')}; choose a family, or copy them all.`);
}

export function connectExposition(announce) {
  find('family').addEventListener('change', draw);
  document.addEventListener('click', click => goTo(click.target.closest('[data-family]')?.dataset.family));
  const getText = () => getWantedLines().map(line => line.text + '\n').join('');
  enableCopying(find('copy-raw'), find('exposition'), getText, announce);
  enableCopying(find('copy-code'), find('code'), () => find('code').textContent + '\n', announce);
}

/** Shows the lines of a panel's family. */
function goTo(family) {
  if (family === undefined)
    return;
  find('family').value = family;
  draw();
  find('exposition').scrollTo(0, 0);
  find('exposition').focus({ preventScroll: true });
  find('exposition-panel').scrollIntoView();
}

function enableCopying(button, source, text, announce) {
  let back;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text());
      setText(button, 'Copied');
      announce('Copied.');
    } catch {
      // Only pages from a secure origin may write to the clipboard: localhost, but not plain HTTP to another address.
      getSelection().selectAllChildren(source);
      setText(button, 'Selected');
      announce('Selected. Press Ctrl and C to copy.');
    }

    clearTimeout(back);
    back = setTimeout(() => setText(button, 'Copy'), 2000);
  });
}
