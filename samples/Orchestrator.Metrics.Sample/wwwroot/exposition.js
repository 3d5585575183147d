// Reads the Prometheus text format and OpenMetrics 1.0.0, as far as this page needs it.

const quoted = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const comment = /^# (HELP|TYPE|UNIT) ("[^"\\]*(?:\\[^][^"\\]*)*"|\S+)(?: ([^]*))?$/;

const unescape = text => text.replace(/\\([^])/g, (_, character) => character === 'n' ? '\n' : character);
const unquote = text => text.startsWith('"') ? unescape(text.slice(1, -1)) : text;

/**
 * The families of an exposition by name, and its lines: each with its tokens, which together are the line, so that it
 * can be coloured, and with the family that it belongs to.
 */
export function parse(text) {
  const families = new Map();
  const lines = [];
  let family = null;
  const open = name => {
    if (!families.has(name))
      families.set(name, { name, type: 'unknown', help: '', samples: [] });
    return families.get(name);
  };

  for (const line of text.split('\n')) {
    if (line === '')
      continue;
    const described = comment.exec(line);
    if (described) {
      const [, keyword, name, rest = ''] = described;
      family = open(unquote(name));
      if (keyword === 'TYPE')
        family.type = rest;
      else if (keyword === 'HELP')
        family.help = unescape(rest);
      lines.push({ text: line, family: family.name, tokens: commentTokens(line, keyword, name) });
    } else if (line.startsWith('#')) {
      lines.push({ text: line, family: null, tokens: [{ kind: 'comment', text: line }] });
    } else {
      const sample = readSample(line);
      if (!family || !sample.name.startsWith(family.name))
        family = open(sample.name);
      family.samples.push(sample);
      const { tokens, series, value } = sample;
      lines.push({ text: line, family: family.name, tokens, series, value });
    }
  }

  return { families, lines };
}

function commentTokens(line, keyword, name) {
  const start = `# ${keyword} `;
  return [
    { kind: 'comment', text: start },
    { kind: 'name', text: name },
    { kind: keyword === 'TYPE' ? 'type' : 'comment', text: line.slice(start.length + name.length) },
  ];
}

/** A sample line: name{label="value",…} value, and a time or an exemplar, which are shown and not read. */
function readSample(line) {
  const tokens = [];
  const labels = new Map();
  let at = 0;
  const take = (pattern, kind) => {
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0];
    if (!found)
      return null;
    at += found.length;
    tokens.push({ kind, text: found });
    return found;
  };

  let name = take(/[^\s{]+/y, 'name') ?? '';
  if (take(/\s*\{/y, 'mark')) {
    while (at < line.length && !take(/\s*\}/y, 'mark')) {
      const key = take(quoted, 'label') ?? take(/[^\s=,{}"]+/y, 'label');
      if (key === null)
        break;
      if (take(/=/y, 'mark'))
        labels.set(unquote(key), unquote(take(quoted, 'text') ?? ''));
      else
        name = unquote(key); // A name that is not of the old kind stands, quoted, among the labels.
      take(/,\s*/y, 'mark');
    }
  }

  const series = line.slice(0, at);
  take(/\s+/y, 'mark');
  const value = take(/\S+/y, 'value') ?? '';
  if (at < line.length)
    tokens.push({ kind: 'comment', text: line.slice(at) });
  return { name, labels, value, series, tokens };
}
