// Draws figures. Whatever comes from the server gets into the page as text, never as markup.

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

export const byId = id => document.getElementById(id);
export const format = value => Number.isFinite(value) ? plain.format(value) : String(value);
export const percent = value => value === null ? '–' : `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;
export const plural = (count, one, many = `${one}s`) => `${format(count)} ${count === 1 ? one : many}`;

/** Sets a text only if it is another one, so that screen readers and selections are left in peace. */
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

/** A name that may be anything: it keeps to itself, whichever way it is written, and says itself whole on hover. */
function nameOf(text, className) {
  const name = make('span', className, text);
  name.dir = 'auto';
  name.title = text;
  return name;
}

const rowsOf = new WeakMap();

/**
 * One bar a row, its parts side by side. A row keeps its place for as long as the page is open, and one that is not in
 * the exposition any more is at zero, so that nothing jumps.
 */
export function drawBars(list, rows, { visible = Infinity, remark = () => '' } = {}) {
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
  for (const [name, item] of known) {
    drawRow(item, drawn.get(name) ?? { name, total: 0, parts: [], inSync: null, failed: 0 }, largest, remark);
    item.hidden = place++ >= visible;
  }

  return known.size;
}

function makeRow(name) {
  const item = make('li');
  const bar = make('span', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  item.append(nameOf(name, 'name'), bar, make('span', 'total'), make('span', 'note'), make('span', 'unseen'));
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
      item.append(make('i', entry.kind), nameOf(entry.name, 'name'), make('b'));
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

/** A table a family, with its labels and values. */
export function drawFamilies(place, families, number, rows = 12) {
  const old = new Map([...place.children].map(element => [element.content, element]));
  const drawn = families.map(family => {
    const content = [family.name, ...family.samples.map(sample => `${sample.series} ${sample.value}`)].join('\n');
    return old.get(content) ?? Object.assign(makeFamily(family, number, rows), { content });
  });
  if (drawn.length !== place.children.length || drawn.some((element, index) => element !== place.children[index]))
    place.replaceChildren(...drawn);
}

function makeFamily(family, number, rows) {
  const samples = family.samples.slice(0, rows);
  const labels = [...new Set(samples.flatMap(sample => [...sample.labels.keys()]))];
  const columns = labels.map(label => ({ title: label, cell: sample => sample.labels.get(label) ?? '' }));
  if (samples.some(sample => sample.name !== family.name))
    columns.unshift({ title: 'sample', cell: sample => sample.name });
  const table = make('table');
  const caption = table.createCaption();
  const source = Object.assign(make('button', 'source', family.name), { type: 'button' });
  source.dataset.family = family.name;
  caption.append(source, make('span', 'type', family.type), make('span', 'help', family.help));
  const head = table.createTHead().insertRow();
  for (const title of [...columns.map(column => column.title), 'value'])
    head.appendChild(make('th', title === 'value' ? 'value' : '', title)).scope = 'col';
  const body = table.createTBody();
  for (const sample of samples) {
    const row = body.insertRow();
    for (const column of columns)
      row.insertCell().append(nameOf(column.cell(sample), 'name'));
    row.append(make('td', 'value', format(number(sample.value))));
  }

  const figure = make('div', 'family');
  figure.append(table);
  if (family.samples.length > rows)
    figure.append(make('p', 'remark', `and ${format(family.samples.length - rows)} more, see the exposition`));
  return figure;
}
