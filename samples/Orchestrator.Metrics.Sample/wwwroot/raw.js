// Shows the unchanged exposition with colours. Can show a single family, and highlights changed values.

import { byId, format, make, plural, setText } from './view.js';

const most = 2000; // The maximum number of lines shown. The copy contains all lines.
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
let lines = [];
let names = '';
let values = new Map();

const wanted = () => lines.filter(line => !byId('family').value || line.family === byId('family').value);

export function showExposition(parsed, response) {
  lines = parsed.lines;
  showNames([...parsed.families.keys()]);
  setText(
    byId('scrape'),
    `${clock.format(response.time)} · ${response.milliseconds} ms · ${size(response.bytes)} · ` +
    `${plural(lines.length, 'line')} · ${response.type}`);
  draw();
  values = new Map(lines.filter(line => line.series).map(line => [line.series, line.value]));
}

/** Formats a size in decimal units, as usual for network traffic. */
function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${format(Math.round(bytes / 100) / 10)} kB`;
}

function showNames(now) {
  if (names === now.join('\n'))
    return;
  names = now.join('\n');
  const select = byId('family');
  const selected = select.value;
  const options = now.map(name => Object.assign(make('option', '', name), { value: name }));
  select.replaceChildren(select.options[0], ...options);
  select.value = now.includes(selected) ? selected : '';
}

/** Changes only lines whose text has changed, to keep the selection and the scroll position. */
function draw() {
  const place = byId('exposition');
  const shown = wanted();
  const visible = shown.slice(0, most);
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
  byId('rest').hidden = shown.length <= most;
  setText(byId('rest'), `and ${plural(shown.length - most, 'more line')}; choose a family, or copy them all.`);
}

export function connectExposition(announce) {
  byId('family').addEventListener('change', draw);
  document.addEventListener('click', click => goTo(click.target.closest('[data-family]')?.dataset.family));
  copies(byId('copy-raw'), byId('exposition'), () => wanted().map(line => line.text + '\n').join(''), announce);
  copies(byId('copy-code'), byId('code'), () => byId('code').textContent + '\n', announce);
}

/** Shows the lines of a panel's family. */
function goTo(family) {
  if (family === undefined)
    return;
  byId('family').value = family;
  draw();
  byId('exposition').scrollTo(0, 0);
  byId('exposition').focus({ preventScroll: true });
  byId('exposition-panel').scrollIntoView();
}

function copies(button, source, text, announce) {
  let back;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text());
      setText(button, 'Copied');
      announce('Copied.');
    } catch {
      // Only pages from a secure origin may write to the clipboard: localhost, but not the IP address of this machine.
      getSelection().selectAllChildren(source);
      setText(button, 'Selected');
      announce('Selected. Press Ctrl and C to copy.');
    }

    clearTimeout(back);
    back = setTimeout(() => setText(button, 'Copy'), 2000);
  });
}
