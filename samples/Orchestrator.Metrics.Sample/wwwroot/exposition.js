// Reads the parts of the Prometheus text format and of OpenMetrics 1.0.0 that this page needs.

const quoted = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const comment = /^# (HELP|TYPE|UNIT) ("[^"\\]*(?:\\[^][^"\\]*)*"|\S+)(?: ([^]*))?$/;

const unescape = text => text.replace(/\\([^])/g, (_, character) => character === 'n' ? '\n' : character);
const unquote = text => text.startsWith('"') ? unescape(text.slice(1, -1)) : text;

/**
 * Returns the families of an exposition by name, and its lines. Each line has the name of its family, null for other
 * comments, and its tokens, which the page colours by kind. Concatenated, the tokens of a line are its text.
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

/** Reads a sample line: name{label="value",…} value. A timestamp or an exemplar becomes one token, unparsed. */
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
        name = unquote(key); // A UTF-8 name is quoted, inside the braces.
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
