// Draws the active processes of the last two minutes. The server provides the values from before the page was opened.

import { find, format, setText } from './view.js';

const span = 120_000;
const gap = 5_000; // The line has a gap after a longer time without values, for example if the server was stopped.
const [width, height] = [600, 120];
const points = [];

/** Adds a value. All times are server times in milliseconds, because the clocks of server and browser may differ. */
export function remember(time, value, status) {
  points.push({ time, value, status });
  while (points.length > 1 && points[1].time < time - span)
    points.shift();
  draw(time);
}

/** Adds the values that the server recorded before the page connected. Values that the page knows take precedence. */
export function recall(past, now) {
  const known = points.map(point => point.time);
  const isGap = time => !known.some(at => Math.abs(at - time) < gap / 2);
  for (const { time, status } of past) {
    if (time > now - span && time < now && isGap(time))
      points.push({ time, value: status.running_processes, status: status.global_status });
  }

  points.sort((one, other) => one.time - other.time);
  if (points.length > 0)
    draw(now);
}

function draw(now) {
  const values = points.map(point => point.value);
  const top = roundUp(Math.max(...values));
  const x = time => Math.max(0, width * (1 - (now - time) / span));
  const y = value => height - 1 - (height - 8) * value / top;
  const svg = find('history');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const areas = [];
  const lines = [];
  const locks = new Map([['PAUSING', []], ['PAUSED', []]]);
  for (const run of splitAtGaps()) {
    const start = x(run[0].time);
    let line = `M${start.toFixed(1)} ${y(run[0].value).toFixed(1)}`;
    run.slice(1).forEach((point, index) => {
      const [from, to] = [x(run[index].time).toFixed(1), x(point.time).toFixed(1)];
      line += `H${to}V${y(point.value).toFixed(1)}`;
      locks.get(run[index].status)?.push(`M${from} 0H${to}V${height}H${from}Z`);
    });
    const end = x(run.at(-1).time).toFixed(1);
    lines.push(line);
    areas.push(`${line}H${end}V${height}H${start.toFixed(1)}Z`);
  }

  setPath(svg, 'pausing', locks.get('PAUSING'));
  setPath(svg, 'paused', locks.get('PAUSED'));
  setPath(svg, 'area', areas);
  setPath(svg, 'line', lines);
  setText(find('scale'), format(top));
  const seconds = Math.round((now - points[0].time) / 1000);
  setText(
    find('history-text'),
    `Between ${format(Math.min(...values))} and ${format(Math.max(...values))} in the last ${seconds} s` +
    ([...locks.values()].some(parts => parts.length > 0) ? '; shaded while the engine was locked.' : '.'));
}

/** Returns the points, split at gaps. */
function splitAtGaps() {
  const all = [];
  points.forEach((point, index) => {
    if (index === 0 || point.time - points[index - 1].time > gap)
      all.push([]);
    all.at(-1).push(point);
  });
  return all;
}

function setPath(svg, name, parts) {
  let element = svg.querySelector(`.${name}`);
  if (!element) {
    element = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
    element.setAttribute('class', name);
  }

  element.setAttribute('d', parts.join(''));
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return Math.max(5, [1, 2, 5, 10].map(step => step * power).find(step => step >= value) ?? value);
}
