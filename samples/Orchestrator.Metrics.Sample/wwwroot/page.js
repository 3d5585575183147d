// Scrapes /api/metrics every second while the page is visible, and passes the metrics to the panels.

import { parse } from './exposition.js';
import { showCollectors } from './collectors.js';
import { countProcesses, countSubscriptions, getOtherFamilies, parseNumber, readEngine } from './figures.js';
import { recall, remember } from './history.js';
import { connectExposition, showExposition } from './raw.js';
import { showStuck } from './stuck.js';
import {
  drawBars, drawFamilies, drawGroups, drawLegend, find, format, formatPercent, formatPlural, make, setText,
} from './view.js';

const interval = 1000;
const timeout = 10_000;
const workflowsAtFirst = 10;

let connected = false;
let current = null;
let timer;
let allWorkflows = false;
let latest;

async function scrape() {
  clearTimeout(timer);
  current?.abort();
  const mine = current = new AbortController();
  const start = performance.now();
  try {
    const response = await fetch('/api/metrics', {
      headers: { Accept: document.querySelector('input[name=format]:checked').value },
      cache: 'no-store',
      signal: AbortSignal.any([mine.signal, AbortSignal.timeout(timeout)]),
    });
    const text = await response.text();
    if (mine !== current)
      return;
    if (response.ok)
      show(text, response, Math.round(performance.now() - start));
    else
      showFailure(response, text);
  } catch (error) {
    if (mine !== current)
      return;
    connected = false;
    showNotice('gone', 'The server does not respond', error.name === 'TimeoutError'
      ? `The scrape timed out after ${timeout / 1000} seconds. This page retries every second.`
      : 'It may have stopped. This page retries every second.');
  }

  if (mine === current && !document.hidden)
    timer = setTimeout(scrape, interval);
}

function show(text, response, milliseconds) {
  const parsed = latest = parse(text);
  const recovered = (document.body.dataset.state ?? 'live') !== 'live';
  document.body.dataset.state = 'live';
  setText(find('connection'), 'Live');
  find('notice').hidden = true;
  find('panels').hidden = false;
  const state = readEngine(parsed.families);
  const time = getServerTime(response);
  showEngine(state, time);
  if (recovered)
    announce(state.status === null ? 'Live.' : `Live. The engine is ${state.status}.`);
  showSubscriptions(parsed.families);
  showProcesses(parsed.families);
  showStuck(parsed.families, time);
  showCollectors(parsed.families);
  const others = getOtherFamilies(parsed.families);
  find('others').hidden = others.length === 0;
  drawFamilies(find('other-families'), others, parseNumber);
  showExposition(parsed, {
    time: new Date(), milliseconds, bytes: new Blob([text]).size, type: response.headers.get('Content-Type'),
  });
  if (!connected)
    findControls();
  connected = true;
}

/** Returns the time of the server in milliseconds, with a precision of a second. */
const getServerTime = response => Date.parse(response.headers.get('Date')) || Date.now();

function showFailure(response, text) {
  if (response.status === 404) {
    showNotice('off', 'The endpoint is off', '/api/metrics returns 404 until the setting ' +
      'ENABLE_PROMETHEUS_METRICS_ENDPOINT is true. Start the sample with it:',
    'ENABLE_PROMETHEUS_METRICS_ENDPOINT=true dotnet run --project samples/Orchestrator.Metrics.Sample');
  } else {
    const what = text.trim().slice(0, 1000) || 'The response is empty.';
    showNotice('failed', `The scrape failed with status ${response.status}`, what);
  }
}

function showNotice(state, title, text, code = '') {
  document.body.dataset.state = state;
  setText(find('connection'), { off: 'Off', failed: 'Failing', gone: 'Not connected' }[state]);
  setText(find('notice-title'), title);
  setText(find('notice-text'), text);
  setText(find('notice-code'), code);
  find('notice-code').hidden = code === '';
  find('notice').hidden = false;
  announce(`${title}. ${text}`);
  document.title = `${title} – Orchestrator.Metrics`;
}

function showEngine({ status, active }, time) {
  find('engine').hidden = status === null;
  find('active').hidden = active === null;
  if (status !== null && find('engine').dataset.state !== status) {
    find('engine').dataset.state = status;
    for (const item of find('states').children) {
      if (item.dataset.state === status)
        item.setAttribute('aria-current', 'true');
      else
        item.removeAttribute('aria-current');
    }

    setText(find('switch'), status === 'RUNNING' ? 'Pause the engine' : 'Resume the engine');
    announce(`The engine is ${status}.`);
  }

  setText(find('engine-text'), {
    RUNNING: 'Processes start and continue.',
    PAUSING: `Locked. Waits for ${formatPlural(active ?? 0, 'running process', 'running processes')}.`,
    PAUSED: 'Locked. Nothing runs.',
  }[status] ?? '');
  const running = active === null ? '' : ` · ${format(active)} active`;
  document.title = `${status ?? 'Live'}${running} – Orchestrator.Metrics`;
  if (active !== null) {
    setText(find('active-count'), format(active));
    remember(time, active, status);
  }
}

function showSubscriptions(families) {
  find('subscriptions').hidden = !families.has('wfo_subscriptions_count');
  const { total, terminated, inSync, states, rows } = countSubscriptions(families);
  showFigure(find('subscriptions-figure'), total, inSync === null ? '' : `${formatPercent(inSync)} in sync`);
  const excluded = formatPlural(terminated, 'terminated subscription is', 'terminated subscriptions are');
  setText(find('terminated'), `${excluded} not counted here.`);
  drawBars(find('products'), rows, {
    remark: row => row.inSync === null ? '' : `${formatPercent(row.inSync)} in sync`,
  });
  drawLegend(find('lifecycles'), states);
}

function showProcesses(families) {
  find('statuses').hidden = find('workflows').hidden = !families.has('wfo_process_count');
  const { total, seconds, groups, workflows } = countProcesses(families);
  showFigure(find('processes-figure'), total, `${format(Math.round(seconds / 3600))} h of run time`);
  drawGroups(find('status-groups'), groups);
  const visible = allWorkflows ? Infinity : workflowsAtFirst;
  const byFailures = document.querySelector('input[name=order]:checked').value === 'failures';
  find('workflows').dataset.order = byFailures ? 'failures' : 'processes';
  const known = byFailures
    ? drawBars(find('workflow-bars'), getFailures(workflows), {
      visible, sorted: true,
      remark: row => row.of > 0 ? `${formatPercent(row.total / row.of)} of ${format(row.of)}` : '',
    })
    : drawBars(find('workflow-bars'), workflows, {
      visible, remark: row => row.failed > 0 ? `${format(row.failed)} failed` : '',
    });
  const more = find('more-workflows');
  more.hidden = known <= workflowsAtFirst;
  more.setAttribute('aria-expanded', String(allWorkflows));
  setText(more, allWorkflows ? `The first ${workflowsAtFirst}` : `All ${known} workflows`);
}

/**
 * Returns one row per workflow with only its failures, most failures first. As parts of the bars of all processes,
 * failures would be too short to compare.
 */
function getFailures(workflows) {
  return workflows.map(({ name, total, failed }) => ({
    name, total: failed, of: total, parts: [{ name: 'failed', kind: 'failed', count: failed }],
  })).sort((one, other) => other.total - one.total || other.of - one.of);
}

function showFigure(place, total, remark) {
  if (place.children.length === 0)
    place.append(make('b'), ' ', make('span'));
  setText(place.firstChild, format(total));
  setText(place.lastChild, remark);
}

function announce(text) {
  setText(find('announcement'), text);
}

/** With an existing database, the sample has no endpoints to pause and resume the engine, so the page has no button. */
async function findControls() {
  const found = await fetch('/api/engine/status').then(response => response.ok, () => false);
  find('engine-controls').hidden = !found;
  const response = found && await fetch('/api/engine/history').catch(() => null);
  if (response?.ok)
    recall(await response.json(), getServerTime(response));
}

async function switchEngine() {
  const action = find('engine').dataset.state === 'RUNNING' ? 'pause' : 'resume';
  const done = await fetch(`/api/engine/${action}`, { method: 'POST' }).then(response => response.ok, () => false);
  if (!done)
    announce(`The engine did not ${action}.`);
  await scrape();
}

find('switch').addEventListener('click', switchEngine);
find('more-workflows').addEventListener('click', () => {
  allWorkflows = !allWorkflows;
  showProcesses(latest.families);
});
document.querySelectorAll('input[name=order]').forEach(
  input => input.addEventListener('change', () => showProcesses(latest.families)));
document.querySelectorAll('input[name=format]').forEach(input => input.addEventListener('change', scrape));
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (document.hidden)
    return;
  connected = false; // The next scrape loads the values from the time when the page was hidden.
  scrape();
});
connectExposition(announce);
scrape();
