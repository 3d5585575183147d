// Draws figures. Adds all data from the server to the page as text, never as markup.

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

export const find = id => document.getElementById(id);
export const format = value => Number.isFinite(value) ? plain.format(value) : String(value);
/** Formats a share in whole percent. A share above 0 is never shown as 0 %, and one below 1 never as 100 %. */
export function formatPercent(value) {
  if (value === null)
    return '–';
  const rounded = Math.round(value * 100);
  return rounded === 0 && value > 0 ? '<1\u00a0%' : rounded === 100 && value < 1 ? '>99\u00a0%' : `${rounded}\u00a0%`;
}

/** Formats an age in a readable unit, rounded down. */
export function formatAge(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 120 ? `${whole} s` : whole < 7200 ? `${Math.floor(whole / 60)} min`
    : whole < 172_800 ? `${Math.floor(whole / 3600)} h` : `${format(Math.floor(whole / 86_400))} days`;
}

export const formatPlural = (count, one, many = `${one}s`) => `${format(count)} ${count === 1 ? one : many}`;

/** Sets the text only if it has changed, so screen readers do not repeat it and selections are kept. */
export function setText(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className)
    element.className = className;
  if (text !== undefined)
    element.textContent = text;
  return element;
}

/** Returns an element for a name from the server, in either writing direction. It shows the full name on hover. */
export function makeName(text, className) {
  const name = make('span', className, text);
  name.dir = 'auto';
  name.title = text;
  return name;
}

const rowsOf = new WeakMap();

/**
 * Draws one bar per row, with its parts side by side. Sorted rows are in the given order; other rows keep their place
 * while the page is open. A row that is no longer in the exposition becomes zero, so the rows below it do not move.
 */
export function drawBars(list, rows, { visible = Infinity, remark = () => '', sorted = false } = {}) {
  if (!rowsOf.has(list))
    rowsOf.set(list, new Map());
  const known = rowsOf.get(list);
  const drawn = new Map(rows.map(row => [row.name, row]));
  for (const name of drawn.keys()) {
    if (!known.has(name))
      known.set(name, list.appendChild(makeRow(name)));
  }

  const largest = Math.max(1, ...rows.map(row => row.total));
  let place = 0;
  for (const name of new Set(sorted ? [...drawn.keys(), ...known.keys()] : known.keys())) {
    const item = known.get(name);
    if (list.children[place] !== item)
      list.insertBefore(item, list.children[place]);
    drawRow(item, drawn.get(name) ?? { name, total: 0, parts: [], inSync: null, failed: 0 }, largest, remark);
    item.hidden = place++ >= visible;
  }

  return known.size;
}

function makeRow(name) {
  const item = make('li');
  const bar = make('span', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  item.append(makeName(name, 'name'), bar, make('span', 'total'), make('span', 'note'), make('span', 'unseen'));
  return item;
}

function drawRow(item, row, largest, remark) {
  const [, bar, total, note, words] = item.children;
  setText(total, format(row.total));
  setText(note, remark(row));
  item.classList.toggle('none', row.total === 0);
  const parts = row.parts.filter(part => part.count > 0);
  while (bar.children.length > parts.length)
    bar.lastChild.remove();
  parts.forEach((part, index) => {
    const segment = bar.children[index] ?? bar.appendChild(make('i'));
    segment.className = part.kind;
    segment.title = `${part.name} ${format(part.count)}`;
    segment.style.flexBasis = `${100 * part.count / largest}%`;
  });
  setText(words, parts.length > 1 ? parts.map(part => `${part.name} ${format(part.count)}`).join(', ') : '');
}

export function drawLegend(list, entries) {
  const known = rowsOf.get(list) ?? new Map();
  rowsOf.set(list, known);
  for (const entry of entries) {
    if (!known.has(entry.name)) {
      const item = list.appendChild(make('li'));
      item.append(make('i', entry.kind), makeName(entry.name, 'name'), make('b'));
      known.set(entry.name, item);
    }

    setText(known.get(entry.name).lastChild, format(entry.count));
  }
}

export function drawGroups(place, groups) {
  for (const group of groups) {
    let section = [...place.children].find(element => element.dataset.group === group.name);
    if (!section) {
      section = place.appendChild(make('div', `group ${group.kind}`));
      section.dataset.group = group.name;
      const title = make('h3', '', group.name + ' ');
      title.append(make('b'));
      section.append(title, make('ul', 'bars'));
    }

    const known = drawBars(section.lastChild, group.rows);
    section.hidden = known === 0;
    section.classList.toggle('some', group.total > 0);
    setText(section.querySelector('b'), format(group.total));
  }
}

/**
 * Draws one table per family, with its labels and values. Existing tables are neither recreated nor moved, because
 * their buttons would lose the focus.
 */
export function drawFamilies(place, families, parseNumber, rows = 12) {
  const names = new Set(families.map(family => family.name));
  for (const figure of [...place.children].filter(figure => !names.has(figure.family)))
    figure.remove();
  const known = new Map([...place.children].map(figure => [figure.family, figure]));
  families.forEach((family, index) => {
    const figure = known.get(family.name) ?? makeFamily(family.name);
    if (place.children[index] !== figure)
      place.insertBefore(figure, place.children[index] ?? null);
    drawFamily(figure, family, parseNumber, rows);
  });
}

function makeFamily(name) {
  const figure = Object.assign(make('div', 'family'), { family: name });
  const table = figure.appendChild(make('table'));
  const source = Object.assign(make('button', 'source', name), { type: 'button' });
  source.dataset.family = name;
  table.createCaption().append(source, make('span', 'type'), make('span', 'help'));
  table.append(make('thead'), make('tbody'));
  return figure;
}

/** Returns the suffix of a sample name, such as _sum; the whole name if it does not start with the family name. */
function getSuffix(sample, family) {
  return sample.startsWith(family) ? sample.slice(family.length) : sample;
}

function drawFamily(figure, family, parseNumber, rows) {
  const content = family.samples.map(sample => `${sample.series} ${sample.value}`).join('\n');
  const [table, remark] = figure.children;
  setText(table.querySelector('.type'), family.type);
  setText(table.querySelector('.help'), family.help);
  if (figure.content === content)
    return;
  figure.content = content;
  const samples = family.samples.slice(0, rows);
  const labels = [...new Set(samples.flatMap(sample => [...sample.labels.keys()]))];
  const columns = labels.map(label => ({ title: label, cell: sample => sample.labels.get(label) ?? '' }));
  if (samples.some(sample => sample.name !== family.name))
    columns.unshift({ title: 'sample', cell: sample => getSuffix(sample.name, family.name) });
  table.tHead.replaceChildren(make('tr'));
  for (const title of [...columns.map(column => column.title), 'value'])
    table.tHead.rows[0].appendChild(make('th', title === 'value' ? 'value' : '', title)).scope = 'col';
  table.tBodies[0].replaceChildren();
  for (const sample of samples) {
    const row = table.tBodies[0].insertRow();
    for (const column of columns)
      row.insertCell().append(makeName(column.cell(sample), 'name'));
    row.append(make('td', 'value', format(parseNumber(sample.value))));
  }

  remark?.remove();
  if (family.samples.length > rows)
    figure.append(make('p', 'remark', `and ${format(family.samples.length - rows)} more, see the exposition`));
}
