// Shows the stuck processes of the operational families, in words and with ages.

import { failedStatuses, getLabel, getSamples, parseNumber } from './figures.js';
import { find, format, formatAge, formatPercent, make, makeName, setText } from './view.js';

const rowsAtMost = 4;
const words = new Map(Object.entries({
  suspended: 'waits for user input', awaiting_callback: 'waits for a callback', waiting: 'waits for a retry',
  created: 'waits for a worker', resumed: 'waits for a worker', running: 'runs',
  failed: 'failed', api_unavailable: 'failed: API unavailable', inconsistent_data: 'failed: inconsistent data',
}));
const atWork = ['created', 'resumed', 'running'];

/**
 * Three lists of unfinished processes, oldest first. The age of a waiting process is the time since its start, because
 * each failed retry is a change. The age of other processes is the time since their last change, because long workflows
 * make progress.
 */
const lists = [
  {
    id: 'waiting', family: 'wfo_process_oldest_start_timestamp_seconds',
    takes: status => !atWork.includes(status) && !failedStatuses.includes(status),
  },
  {
    id: 'at-work', family: 'wfo_process_oldest_change_timestamp_seconds',
    takes: status => atWork.includes(status),
  },
  {
    id: 'not-dealt-with', family: 'wfo_process_oldest_change_timestamp_seconds',
    takes: status => failedStatuses.includes(status),
  },
];

const getKey = sample => JSON.stringify(
  ['is_task', 'last_status', 'workflow_name', 'workflow_target'].map(name => getLabel(sample, name)));
const indexByKey = samples => new Map(samples.map(sample => [getKey(sample), parseNumber(sample.value)]));

/** Draws the lists at a server time in milliseconds, because the clocks of server and browser may differ. */
export function showStuck(families, time) {
  find('stuck').hidden = !families.has('wfo_processes');
  const counts = getSamples(families, 'wfo_processes');
  const countOf = indexByKey(counts);
  const changeOf = indexByKey(getSamples(families, 'wfo_process_oldest_change_timestamp_seconds'));
  for (const { id, family, takes } of lists) {
    const total = counts.filter(sample => takes(getLabel(sample, 'last_status')) && !isFinal(sample))
      .reduce((sum, sample) => sum + parseNumber(sample.value), 0);
    const rows = getSamples(families, family)
      .filter(sample => takes(getLabel(sample, 'last_status')))
      .sort((one, other) => parseNumber(one.value) - parseNumber(other.value))
      .map(sample => ({
        name: getLabel(sample, 'workflow_name'),
        age: formatAge(time / 1000 - parseNumber(sample.value)),
        text: describe(id, sample, countOf.get(getKey(sample)), time / 1000 - changeOf.get(getKey(sample))),
      }));
    drawList(find(id), total, rows);
  }

  setText(find('recent'), describeRecent(families));
}

const isFinal = sample => ['completed', 'aborted'].includes(getLabel(sample, 'last_status'));

function describe(id, sample, count, sinceChange) {
  const status = getLabel(sample, 'last_status');
  const text = (count > 1 ? `${format(count)} × ` : '') + (words.get(status) ?? status);
  return id === 'waiting' && Number.isFinite(sinceChange) ? `${text}, unchanged for ${formatAge(sinceChange)}` : text;
}

function drawList(place, total, rows) {
  const [title, list, more] = place.children;
  setText(title.querySelector('b'), format(total));
  place.classList.toggle('some', total > 0);
  const shown = rows.slice(0, rowsAtMost);
  while (list.children.length > shown.length)
    list.lastChild.remove();
  shown.forEach((row, index) => {
    const item = list.children[index] ?? list.appendChild(make('li'));
    if (item.children[0]?.textContent !== row.name)
      item.replaceChildren(makeName(row.name, 'name'), make('span', 'age'), make('span', 'text'));
    setText(item.children[1], row.age);
    setText(item.children[2], row.text);
    item.children[2].title = row.text;
  });
  const hidden = rows.length - shown.length;
  setText(more, total === 0 ? 'None.' : rows.length === 0 ? 'Their times are unknown.'
    : hidden > 0 ? `and ${format(hidden)} more, all of them younger` : '');
}

/** Returns a sentence on the processes that ended in the window of the histogram, which its help text contains. */
function describeRecent(families) {
  const name = 'wfo_process_recent_duration_seconds';
  const seconds = Number(/last (\d+) seconds/.exec(families.get(name)?.help)?.[1]);
  if (!(seconds > 0))
    return '';
  const counts = new Map([['completed', 0], ['aborted', 0], ['failed', 0]]);
  for (const sample of [...families.values()].flatMap(family => family.samples)) {
    const status = getLabel(sample, 'last_status');
    const outcome = failedStatuses.includes(status) ? 'failed' : status;
    if (sample.name === `${name}_gcount`)
      counts.set(outcome, (counts.get(outcome) ?? 0) + parseNumber(sample.value));
  }

  const window = seconds === 3600 ? 'hour' : formatAge(seconds);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([outcome, count]) => `${format(count)} ${outcome}`).join(', ');
  return total === 0 ? `No process ended in the last ${window}.`
    : `${format(total)} ended in the last ${window}: ${parts} (${formatPercent(counts.get('failed') / total)}).`;
}
