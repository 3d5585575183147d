// Computes the numbers of the panels from the families of an orchestrator. Does not access the page.

export const lifecycles = ['active', 'provisioning', 'migrating', 'disabled', 'initial'];

/** The statuses of orchestrator-core, grouped by their meaning for an operator. */
export const statusGroups = [
  {
    name: 'In progress', kind: 'open',
    statuses: ['created', 'running', 'resumed', 'waiting', 'awaiting_callback', 'suspended'],
  },
  { name: 'Failed', kind: 'failed', statuses: ['failed', 'api_unavailable', 'inconsistent_data'] },
  { name: 'Ended', kind: 'ended', statuses: ['completed', 'aborted'] },
];

export const failedStatuses = statusGroups.find(group => group.kind === 'failed').statuses;

const kindOfStatus = new Map(statusGroups.flatMap(group => group.statuses.map(status => [status, group.kind])));
const shown = ['wfo_subscriptions_count', 'wfo_process_count', 'wfo_process_seconds_total_count', 'wfo_engine_status',
  'wfo_active_process_count', 'wfo_processes', 'wfo_process_oldest_start_timestamp_seconds',
  'wfo_process_oldest_change_timestamp_seconds', 'wfo_process_recent_duration_seconds',
  'wfo_process_recent_duration_seconds_gcount', 'wfo_process_recent_duration_seconds_gsum'];

export const getSamples = (families, name) => families.get(name)?.samples ?? [];
export const getLabel = (sample, name) => sample.labels.get(name) ?? '';
const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
const divide = (part, whole) => whole === 0 ? null : part / whole;
const getLifecycleKind = state => lifecycles.includes(state) ? state : 'other';

export function parseNumber(value) {
  return value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value);
}

/** Groups samples by the value of a label. Each group has its total, the sums of its parts, and the sum in sync. */
function groupBy(samples, key, part) {
  const groups = new Map();
  for (const sample of samples) {
    const name = getLabel(sample, key);
    if (!groups.has(name))
      groups.set(name, { name, total: 0, parts: new Map(), inSync: 0 });
    const group = groups.get(name);
    const count = parseNumber(sample.value);
    group.total += count;
    add(group.parts, part(sample), count);
    if (getLabel(sample, 'insync') === 'True')
      group.inSync += count;
  }

  return [...groups.values()].sort((one, other) => other.total - one.total);
}

/** Counts the subscriptions that are not terminated, like the dashboard of samples/monitoring. */
export function countSubscriptions(families) {
  const all = getSamples(families, 'wfo_subscriptions_count');
  const samples = all.filter(sample => getLabel(sample, 'lifecycle_state') !== 'terminated');
  const products = groupBy(samples, 'product_name', sample => getLabel(sample, 'lifecycle_state'));
  const states = new Map(lifecycles.map(state => [state, 0]));
  for (const product of products)
    product.parts.forEach((count, state) => add(states, state, count));
  const total = products.reduce((sum, product) => sum + product.total, 0);
  const inSync = products.reduce((sum, product) => sum + product.inSync, 0);
  const order = [...states.keys()];
  return {
    total,
    terminated: all.reduce((sum, sample) => sum + parseNumber(sample.value), 0) - total,
    inSync: divide(inSync, total),
    states: order.map(name => ({ name, kind: getLifecycleKind(name), count: states.get(name) })),
    rows: products.map(product => ({
      name: product.name,
      total: product.total,
      inSync: divide(product.inSync, product.total),
      parts: order.filter(state => product.parts.has(state))
        .map(state => ({ name: state, kind: getLifecycleKind(state), count: product.parts.get(state) })),
    })),
  };
}

export function countProcesses(families) {
  const samples = getSamples(families, 'wfo_process_count');
  const counts = new Map(groupBy(samples, 'last_status', () => '').map(status => [status.name, status.total]));
  const unknown = [...counts.keys()].filter(status => !kindOfStatus.has(status));
  const groups = [...statusGroups, { name: 'Other', kind: 'other', statuses: unknown }].map(group => ({
    name: group.name,
    kind: group.kind,
    total: group.statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0),
    rows: group.statuses.map(name => {
      const total = counts.get(name) ?? 0;
      return { name, total, parts: [{ name, kind: group.kind, count: total }] };
    }),
  }));
  const getKind = sample => kindOfStatus.get(getLabel(sample, 'last_status')) ?? 'other';
  const kinds = [['failed', 'failed'], ['open', 'in progress'], ['ended', 'ended'], ['other', 'other']];
  return {
    total: groups.reduce((sum, group) => sum + group.total, 0),
    seconds: getSamples(families, 'wfo_process_seconds_total_count')
      .reduce((sum, sample) => sum + parseNumber(sample.value), 0),
    groups,
    workflows: groupBy(samples, 'workflow_name', getKind).map(workflow => ({
      name: workflow.name,
      total: workflow.total,
      failed: workflow.parts.get('failed') ?? 0,
      parts: kinds.filter(([kind]) => workflow.parts.has(kind))
        .map(([kind, name]) => ({ name, kind, count: workflow.parts.get(kind) })),
    })),
  };
}

/** Returns the state of the engine and the number of running processes; null for a value that the exposition lacks. */
export function readEngine(families) {
  const on = getSamples(families, 'wfo_engine_status').find(sample => parseNumber(sample.value) === 1);
  const active = getSamples(families, 'wfo_active_process_count')[0];
  return { status: on ? getLabel(on, 'wfo_engine_status') : null, active: active ? parseNumber(active.value) : null };
}

/** Returns the families that no other panel shows. */
export function getOtherFamilies(families) {
  return [...families.values()].filter(
    family => !shown.includes(family.name) && !family.name.startsWith('wfo_scrape_collector_'));
}
