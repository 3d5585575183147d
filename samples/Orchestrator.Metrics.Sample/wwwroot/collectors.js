// The table of the scrape metrics, with one row per collector.

import { getLabel, parseNumber } from './figures.js';
import { find, format, make, makeName, setText } from './view.js';

const prefix = 'wfo_scrape_collector_';
const formatDuration = seconds => seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${format(Math.round(seconds))} s`;
const columns = [
  { title: 'last run', metric: 'success', text: value => value === 1 ? 'succeeded' : 'failed' },
  { title: 'took', metric: 'duration_seconds', text: formatDuration },
  { title: 'data age', metric: 'data_age_seconds', text: formatDuration },
  { title: 'families', metric: 'families', text: format },
  { title: 'samples', metric: 'samples', text: format },
  { title: 'failures', metric: 'failures_total', text: format },
  { title: 'abandoned runs', metric: 'abandoned_runs_total', text: format },
];

export function showCollectors(families) {
  const samples = [...families.values()].flatMap(family => family.samples)
    .filter(sample => sample.name.startsWith(prefix));
  find('collectors').hidden = samples.length === 0;
  const collectors = new Map();
  for (const sample of samples) {
    const name = getLabel(sample, 'collector');
    const metric = sample.name.slice(prefix.length);
    if (!collectors.has(name))
      collectors.set(name, new Map());
    const values = collectors.get(name);
    // The failures metric has one sample per reason.
    values.set(metric, (values.get(metric) ?? 0) + parseNumber(sample.value));
  }

  draw(find('collector-table'), collectors);
}

function draw(table, collectors) {
  if (!table.tHead) {
    const titles = table.createTHead().insertRow();
    for (const title of ['collector', ...columns.map(column => column.title)])
      titles.appendChild(make('th', title === 'collector' ? '' : 'value', title)).scope = 'col';
    table.createTBody();
  }

  const body = table.tBodies[0];
  while (body.rows.length > collectors.size)
    body.lastChild.remove();
  [...collectors].forEach(([name, values], index) => {
    const row = body.rows[index] ?? makeRow(body);
    if (row.cells[0].textContent !== name)
      row.cells[0].replaceChildren(makeName(name, 'name'));
    columns.forEach(({ metric, text }, column) =>
      setText(row.cells[column + 1], values.has(metric) ? text(values.get(metric)) : '–'));
    row.classList.toggle('failed', values.get('success') === 0);
  });
}

function makeRow(body) {
  const row = body.insertRow();
  row.appendChild(make('th')).scope = 'row';
  columns.forEach(() => row.append(make('td', 'value')));
  return row;
}
